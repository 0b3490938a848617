"""Ways to get the goods to the shopper, each with a price that holds until a stated time."""

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Final

from domain.address import Address
from domain.money import Currency, Money
from domain.packing import Pieces
from domain.readiness import Message, Severity
from domain.values import replace, value

# Far above what any delivery costs, far below what no longer fits into a sum.
_MOST_MINOR: Final = 1_000_000_000
_MOST_DIGITS: Final = 12


@value
class DeliveryQuestion:
    """What a rate depends on: where to, what pieces, and how much they are worth.

    Country and postcode alone are enough.
    """

    destination: Address
    goods: tuple[Pieces, ...]
    subtotal: Money

    @property
    def weight_grams(self) -> int:
        return sum(pieces.piece.weight_grams * pieces.quantity for pieces in self.goods)

    def shipment(self) -> str:
        """The same text for the same goods to the same place in the same currency, and tells neither: a quote
        holds for a shipment, whatever else changes in its checkout.
        """
        to = self.destination
        place = (to.country, to.region, to.city, to.postcode)
        goods = sorted(
            (p.piece.weight_grams, p.piece.length_mm, p.piece.width_mm, p.piece.height_mm, p.quantity)
            for p in self.goods
        )
        return sha256(repr((place, goods, self.subtotal.currency.code)).encode()).hexdigest()


@value
class DeliveryOption:
    """One offer.

    `id` is the same for the same service however often it is asked; days are working days to arrival. It
    costs this much until `quoted_until`; None: as long as the shop says so. `estimated`: no carrier could be
    asked, and the shop's own rate stands in. `silent` names the carriers that did not answer when it was
    offered.
    """

    id: str
    title: str
    amount: Money
    min_days: int
    max_days: int
    quoted_until: datetime | None = None
    estimated: bool = False
    silent: tuple[str, ...] = ()

    def is_held_at(self, now: datetime) -> bool:
        """Whether somebody stands by this price for a time that isn't over."""
        return self.quoted_until is not None and now < self.quoted_until


@value
class DeliveryOffers:
    """What can be chosen from. `silent` names the carriers that were asked and did not answer."""

    options: tuple[DeliveryOption, ...] = ()
    silent: tuple[str, ...] = ()

    def option(self, option_id: str) -> DeliveryOption | None:
        return next((option for option in self.options if option.id == option_id), None)

    def messages(self) -> tuple[Message, ...]:
        """What somebody who looks at the offers should know of them."""
        told = [
            _note("carrier_silent", f"{carrier} did not answer; what it offers is missing here.")
            for carrier in self.silent
        ]
        if any(option.estimated for option in self.options):
            told.append(_note("flat_rates_used", "No carrier has an offer; these are the shop's own rates."))
        return tuple(told)


@value
class HeldQuotes:
    """What a checkout was offered for one shipment: each price is kept until its own time is over.

    `earlier` are promises that are still kept but no longer shown, because the carrier left them out since.
    """

    shipment: str
    offers: DeliveryOffers
    earlier: tuple[DeliveryOption, ...] = ()

    def option(self, option_id: str, now: datetime) -> DeliveryOption | None:
        """The option, if its price still holds."""
        for option in (*self.offers.options, *self.earlier):
            if option.id == option_id and option.is_held_at(now):
                return option
        return None

    def is_complete_at(self, now: datetime) -> bool:
        """Whether asking again would tell nothing that the shopper isn't promised already."""
        options = self.offers.options
        return bool(options) and not self.offers.silent and all(option.is_held_at(now) for option in options)

    def renewed(self, fresh: DeliveryOffers, now: datetime) -> "HeldQuotes":
        """With what the carriers say now: a price that rose stays as promised while the promise lasts, one
        that fell is the new one.
        """
        told = []
        for option in fresh.options:
            promised = self.option(option.id, now)
            told.append(promised if promised is not None and promised.amount < option.amount else option)
        known = {option.id for option in told}
        before = (*self.offers.options, *self.earlier)
        earlier = tuple(option for option in before if option.id not in known and option.is_held_at(now))
        return replace(self, offers=replace(fresh, options=by_price(told)), earlier=earlier)


def rate(amount: Decimal, currency: Currency) -> Money | None:
    """A carrier's price in whole units, rounded half up to what can be charged; None for what can't be one:
    no number, nothing or less, or absurdly much.
    """
    if not amount.is_finite() or amount.adjusted() > _MOST_DIGITS:
        return None
    steps = amount.scaleb(currency.exponent) / currency.step
    minor = int(steps.to_integral_value(ROUND_HALF_UP)) * currency.step
    return Money(minor=minor, currency=currency) if 0 < minor <= _MOST_MINOR else None


def by_price(options: Iterable[DeliveryOption]) -> tuple[DeliveryOption, ...]:
    """One a service, the cheaper of two; cheapest first, then fastest."""
    cheapest: dict[str, DeliveryOption] = {}
    for option in sorted(options, key=lambda o: (o.amount.minor, o.max_days, o.min_days, o.id)):
        cheapest.setdefault(option.id, option)
    return tuple(cheapest.values())


def _note(code: str, text: str) -> Message:
    return Message(code=code, path="/options", text=text, severity=Severity.RECOVERABLE)
