"""A shopping basket, as the replay buys it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BasketLine:
    """`unit_price_cents` is what the till took for one piece, rounded to a cent (half up); 0 for a line
    without pieces.
    """

    sku: str
    quantity: int
    unit_price_cents: int


@dataclass(frozen=True, slots=True)
class Basket:
    id: str
    lines: tuple[BasketLine, ...]
