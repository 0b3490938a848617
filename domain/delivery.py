"""Ways to get the goods to the shopper, each with a price that holds until a stated time."""

from datetime import datetime

from domain.address import Address
from domain.money import Money
from domain.values import value


@value
class DeliveryQuestion:
    """What a rate depends on: where to, how heavy, how much it is worth.

    Country and postcode alone are enough.
    """

    destination: Address
    weight_grams: int
    subtotal: Money


@value
class DeliveryOption:
    """One offer.

    `id` is the same for the same service however often it is asked; days are working days to arrival.
    """

    id: str
    title: str
    amount: Money
    min_days: int
    max_days: int
    quoted_until: datetime | None = None
    estimated: bool = False
