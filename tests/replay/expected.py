"""The sum made apart from the service: plain fractions over the till's figures, sharing no code with
FastCart.
"""

from collections.abc import Sequence
from fractions import Fraction

from tests.replay.basket import BasketLine

TAX_RATE = Fraction(19, 100)


def net_of(lines: Sequence[BasketLine]) -> int:
    """Cents for the goods, before tax."""
    return sum(line.quantity * line.unit_price_cents for line in lines)


def tax_of(lines: Sequence[BasketLine], delivery_cents: int) -> int:
    """Cents of tax: each line and the delivery rounded half up on its own."""
    amounts = [line.quantity * line.unit_price_cents for line in lines] + [delivery_cents]
    return sum(int(amount * TAX_RATE + Fraction(1, 2)) for amount in amounts)


def total_of(lines: Sequence[BasketLine], delivery_cents: int) -> int:
    return net_of(lines) + delivery_cents + tax_of(lines, delivery_cents)
