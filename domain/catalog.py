"""What can be bought: products with a price for each currency, their tax code and parcel facts, and
discount codes.
"""

from datetime import datetime

from domain.identifiers import Sku
from domain.money import Money, portion
from domain.values import value


@value
class Parcel:
    """What a carrier asks about one piece: grams and millimetres, zero where nobody measured."""

    weight_grams: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0


@value
class Product:
    """One thing on sale. Prices are net of tax, one for each currency that it is sold in."""

    sku: Sku
    title: str
    prices: tuple[Money, ...]
    tax_code: str = "general"
    parcel: Parcel = Parcel()
    active: bool = True

    def price_in(self, currency_code: str) -> Money | None:
        for price in self.prices:
            if price.currency.code == currency_code:
                return price
        return None


@value
class DiscountCode:
    """A code that takes an amount or a percentage off the subtotal. Exactly one of the two is set.

    `percent_basis_points`: 1500 is 15 %. An `amount` counts in its own currency only.
    """

    code: str
    title: str
    percent_basis_points: int | None = None
    amount: Money | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def is_valid_at(self, now: datetime) -> bool:
        return not (self.valid_from and now < self.valid_from) and not (
            self.valid_until and now >= self.valid_until
        )

    def magnitude_for(self, subtotal: Money) -> Money:
        """How much it takes off this subtotal: never more than the subtotal, nothing in another currency."""
        if self.percent_basis_points is not None:
            # Rounded to what a card can be charged with, it could come to more.
            return min(portion(subtotal, min(self.percent_basis_points, 10_000), 10_000), subtotal)
        if self.amount is None or self.amount.currency != subtotal.currency:
            return Money.zero(subtotal.currency)
        return min(self.amount, subtotal)
