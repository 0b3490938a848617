"""Decimal amounts as TaxJar writes them, and minor units."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from domain.money import Currency, Money
from domain.tax import MOST_RATE_PPM

_WHOLE_PPM: Final = 1_000_000
# Beyond every price; and a number of a million digits is no amount.
_MOST: Final = Decimal(10) ** 15


class NotAnAmount(ValueError):
    """NaN, infinite, beyond every price, or a rate beyond every tax."""


def decimal_of(money: Money) -> Decimal:
    """20.23 for 2023 cents, with all of the currency's decimals."""
    return Decimal(money.minor).scaleb(-money.currency.exponent)


def minor_of(amount: Decimal, currency: Currency) -> int:
    """In minor units, rounded half up to what can be charged. Raises NotAnAmount."""
    if not amount.is_finite() or abs(amount) > _MOST:
        raise NotAnAmount
    steps = amount.scaleb(currency.exponent) / currency.step
    return int(steps.to_integral_value(ROUND_HALF_UP)) * currency.step


def ppm_of(rate: Decimal) -> int:
    """A rate of 0.08875 in parts per million. Raises NotAnAmount, also for a negative or an absurd one."""
    if not rate.is_finite() or not 0 <= rate * _WHOLE_PPM <= MOST_RATE_PPM:
        raise NotAnAmount
    return int((rate * _WHOLE_PPM).to_integral_value(ROUND_HALF_UP))
