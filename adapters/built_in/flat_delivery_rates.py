"""Flat delivery rates: a price by currency and zone, more of it for heavier parcels."""

from dataclasses import dataclass
from typing import Final

from domain.delivery import DeliveryOffers, DeliveryOption, DeliveryQuestion, by_price
from domain.money import Money

# A rate is for a parcel of up to this weight; more goods travel as more parcels.
_PARCEL_GRAMS: Final = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatRate:
    """What one parcel costs, net, in minor units: near the shop, and everywhere else it delivers to."""

    id: str
    title: str
    currency: str
    near_minor: int
    far_minor: int
    near_days: tuple[int, int]
    far_days: tuple[int, int]


def _rates(currency: str, standard: tuple[int, int], express: tuple[int, int]) -> tuple[FlatRate, ...]:
    return (
        FlatRate(
            id="standard",
            title="Standard delivery",
            currency=currency,
            near_minor=standard[0],
            far_minor=standard[1],
            near_days=(2, 4),
            far_days=(5, 12),
        ),
        FlatRate(
            id="express",
            title="Express delivery",
            currency=currency,
            near_minor=express[0],
            far_minor=express[1],
            near_days=(1, 1),
            far_days=(2, 4),
        ),
    )


DEFAULT_RATES: Final = (
    *_rates("EUR", (500, 1500), (1200, 3900)),
    *_rates("USD", (550, 1650), (1300, 4200)),
    *_rates("GBP", (450, 1300), (1050, 3400)),
    *_rates("CHF", (500, 1500), (1200, 3900)),
    *_rates("NOK", (5900, 17500), (13900, 45000)),
    *_rates("SEK", (5900, 17500), (13900, 45000)),
    *_rates("DKK", (3900, 11500), (8900, 29000)),
    *_rates("PLN", (2200, 6500), (5200, 17000)),
    *_rates("CAD", (750, 2300), (1800, 5800)),
    *_rates("AUD", (850, 2500), (2000, 6400)),
    *_rates("JPY", (800, 2400), (1900, 6200)),
    *_rates("KWD", (1700, 5000), (4000, 13000)),
)
DEFAULT_NEAR: Final = frozenset(
    {"AT", "BE", "CH", "DE", "DK", "ES", "FR", "IE", "IT", "LU", "NL", "PL", "PT", "SE"}
)


class FlatDeliveryRates:
    """Implements `ports.delivery_rates.DeliveryRates`. A currency without a rate is offered nothing."""

    def __init__(
        self, rates: tuple[FlatRate, ...] = DEFAULT_RATES, near: frozenset[str] = DEFAULT_NEAR
    ) -> None:
        self._rates = rates
        self._near = near

    async def offers(self, question: DeliveryQuestion) -> DeliveryOffers:
        currency = question.subtotal.currency
        parcels = max(1, -(-question.weight_grams // _PARCEL_GRAMS))
        is_near = question.destination.country in self._near
        options = []
        for rate in self._rates:
            if rate.currency != currency.code:
                continue
            min_days, max_days = rate.near_days if is_near else rate.far_days
            minor = (rate.near_minor if is_near else rate.far_minor) * parcels
            options.append(
                DeliveryOption(
                    id=rate.id,
                    title=rate.title,
                    amount=Money(minor=minor, currency=currency),
                    min_days=min_days,
                    max_days=max_days,
                )
            )
        return DeliveryOffers(options=by_price(options))
