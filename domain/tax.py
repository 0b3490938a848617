"""The question that a tax service is asked, and an answer that is checked before anybody is charged by it."""

from enum import Enum
from typing import Final

from domain.address import Address
from domain.errors import CurrencyMismatch, TotalsDoNotAddUp
from domain.identifiers import LineId
from domain.money import Money, portion, total_of
from domain.values import value

_WHOLE_PPM: Final = 1_000_000
# No sales tax or VAT comes near this; whoever says more means something else.
MOST_RATE_PPM: Final = 600_000


class TaxExemption(Enum):
    """Why a buyer pays no tax. The merchant says so, who keeps the certificate."""

    WHOLESALE = "wholesale"
    GOVERNMENT = "government"
    OTHER = "other"


@value
class TaxableLine:
    """`amount` is net, for all pieces, with the `discount` taken off: taxes may depend on what one piece
    costs.
    """

    line_id: LineId
    tax_code: str
    amount: Money
    quantity: int = 1
    discount: Money | None = None


@value
class TaxQuestion:
    """Net amounts, discounts already taken off; asked after the delivery price is known.

    `origin` is where the goods are sent from, where the shop has said so.
    """

    destination: Address
    lines: tuple[TaxableLine, ...]
    delivery: Money
    origin: Address | None = None
    exemption: TaxExemption | None = None


@value
class TaxRate:
    """One tax by name. `rate_ppm` is parts per million: 190000 is 19 %."""

    name: str
    rate_ppm: int


@value
class TaxRates:
    """The taxes on each of a question's lines, in their order, and on its delivery."""

    lines: tuple[tuple[TaxRate, ...], ...]
    delivery: tuple[TaxRate, ...]


@value
class TaxPart:
    """What one tax adds, by name and rate. `rate_ppm` is parts per million: 190000 is 19 %."""

    name: str
    rate_ppm: int
    amount: Money


@value
class TaxAnswer:
    """Taxes in the order of the question's lines.

    `estimated`: the service could not be asked, and rates that it told before stand in. `service` is the
    name of the one that wants to be told of the sale, None for a table of our own; `rates` are those behind
    its answer.
    """

    lines: tuple[Money, ...]
    delivery: Money
    parts: tuple[TaxPart, ...]
    estimated: bool = False
    service: str | None = None
    rates: TaxRates | None = None

    def total(self) -> Money:
        return total_of(self.lines, self.delivery.currency) + self.delivery

    def checked_against(self, question: TaxQuestion) -> "TaxAnswer":
        """Itself, if it can be charged.

        Raises TotalsDoNotAddUp for a missing or negative tax, an absurd rate, or another currency.
        """
        currency = question.delivery.currency
        amounts = (*self.lines, self.delivery)
        bases = (*(line.amount for line in question.lines), question.delivery)
        if len(amounts) != len(bases) or any(amount.currency != currency for amount in amounts):
            raise TotalsDoNotAddUp(what="tax lines")
        # Every tax may have been rounded up by half a step.
        rounding = len(self.parts) * currency.step * _WHOLE_PPM
        for tax, base in zip(amounts, bases, strict=True):
            most = 2 * base.minor * MOST_RATE_PPM + rounding
            if not 0 <= tax.minor <= base.minor or 2 * tax.minor * _WHOLE_PPM > most:
                raise TotalsDoNotAddUp(what="tax amounts")
        for part in self.parts:
            if part.amount.minor < 0 or not 0 <= part.rate_ppm <= MOST_RATE_PPM:
                raise TotalsDoNotAddUp(what="tax parts")
        try:
            by_name = total_of((part.amount for part in self.parts), currency)
        except CurrencyMismatch:
            raise TotalsDoNotAddUp(what="tax parts") from None
        if by_name != self.total():
            raise TotalsDoNotAddUp(what="tax parts")
        return self


def taxed_at(question: TaxQuestion, rates: TaxRates) -> TaxAnswer:
    """The answer that these rates give. Each tax on each line is rounded half up by itself."""
    parts: dict[tuple[str, int], Money] = {}

    def tax(amount: Money, taxes: tuple[TaxRate, ...]) -> Money:
        minor = 0
        for each in taxes:
            share = portion(amount, each.rate_ppm, _WHOLE_PPM)
            key = (each.name, each.rate_ppm)
            parts[key] = parts[key] + share if key in parts else share
            minor += share.minor
        return Money(minor=minor, currency=amount.currency)

    lines = tuple(tax(line.amount, its) for line, its in zip(question.lines, rates.lines, strict=True))
    delivery = tax(question.delivery, rates.delivery)
    named = tuple(TaxPart(name=name, rate_ppm=ppm, amount=amount) for (name, ppm), amount in parts.items())
    return TaxAnswer(lines=lines, delivery=delivery, parts=named or _no_tax(question))


def untaxed(question: TaxQuestion) -> TaxAnswer:
    """Nothing is taxed: the answer for a buyer who is exempt."""
    zero = Money.zero(question.delivery.currency)
    lines = tuple(zero for _ in question.lines)
    return TaxAnswer(lines=lines, delivery=zero, parts=_no_tax(question))


def _no_tax(question: TaxQuestion) -> tuple[TaxPart, ...]:
    return (TaxPart(name="no tax", rate_ppm=0, amount=Money.zero(question.delivery.currency)),)


@value
class TaxPlace:
    """Where one rate holds for one tax code, as finely as an estimate needs it."""

    country: str
    region: str
    postcode: str


def tax_place_of(address: Address) -> TaxPlace:
    """The US by ZIP code, Canada by province; elsewhere the postcode's first two characters tell apart
    islands and enclaves with rates of their own.
    """
    postcode = (address.postcode or "").replace(" ", "").upper()
    finely = {"US": postcode[:5], "CA": ""}.get(address.country, postcode[:2])
    return TaxPlace(country=address.country, region=(address.region or "").strip().upper(), postcode=finely)
