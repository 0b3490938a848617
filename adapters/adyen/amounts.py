"""Amounts in Adyen's units: integers, like ours, but not in every currency with as many decimals as ISO 4217
gives it.
"""

from typing import Final

import msgspec

from domain.errors import UnknownCurrency
from domain.money import Currency, Money

# Where Adyen's decimals are others than ISO's: https://docs.adyen.com/development-resources/currency-codes
DECIMALS: Final = {"CLP": 2, "CVE": 0, "IDR": 0, "ISK": 2}


class Amount(msgspec.Struct, frozen=True):
    currency: str
    value: int


class AmountUnreadable(Exception):
    """An amount in a currency that FastCart doesn't sell in, or of a part of its smallest unit."""


class AmountNotTaken(Exception):
    """Adyen has no unit as small as this amount needs."""


def to_adyen(money: Money) -> Amount:
    """Raises AmountNotTaken."""
    more = _more_decimals(money.currency)
    value, rest = _shifted(money.minor, more)
    if rest:
        raise AmountNotTaken
    return Amount(currency=money.currency.code, value=value)


def from_adyen(amount: Amount) -> Money:
    """Raises AmountUnreadable."""
    try:
        currency = Currency.of(amount.currency)
    except UnknownCurrency:
        raise AmountUnreadable from None
    minor, rest = _shifted(amount.value, -_more_decimals(currency))
    if rest:
        raise AmountUnreadable
    return Money(minor=minor, currency=currency)


def _more_decimals(currency: Currency) -> int:
    return DECIMALS.get(currency.code, currency.exponent) - currency.exponent


def _shifted(value: int, places: int) -> tuple[int, int]:
    """With so many decimals more, or less, and what is left over then."""
    return (value * 10**places, 0) if places >= 0 else divmod(value, 10**-places)
