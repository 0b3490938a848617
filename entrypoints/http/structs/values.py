"""Texts, money and addresses as they travel. Amounts are integers in the currency's minor unit."""

from typing import Annotated, Final, overload

import msgspec
from msgspec import Meta

from application.quote_cart import MAX_UNIT_PRICE_MINOR
from domain.address import Address
from domain.errors import CurrencyMismatch, FieldRefused, UnknownCurrency
from domain.money import Currency, Money, currency_codes

# No control characters: PostgreSQL can't store NUL, and no name or address has the others. `$(?!\n)` is the
# very end: Python's `$` alone would let a line feed through.
PRINTABLE: Final = r"^[^\x00-\x1f\x7f-\x9f]*$(?!\n)"
BEGINS_PRINTABLE: Final = r"^[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$(?!\n)"
EMAIL: Final = r"^[^@\s\x00-\x1f\x7f-\x9f]+@[^@\s\x00-\x1f\x7f-\x9f]+\.[^@\s\x00-\x1f\x7f-\x9f]+$(?!\n)"
URL: Final = r"^https?://[^\s\x00-\x1f\x7f-\x9f]+$(?!\n)"
COUNTRY: Final = "^[A-Z]{2}$"
CURRENCY: Final = "^[A-Z]{3}$"
_MOST_MINOR: Final = 1_000_000_000_000_000

Word = Annotated[str, Meta(max_length=120, pattern=PRINTABLE)]
Text = Annotated[str, Meta(max_length=500, pattern=PRINTABLE)]
Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=PRINTABLE)]
Title = Annotated[str, Meta(min_length=1, max_length=500, pattern=PRINTABLE)]
# Whoever acts says why, and doesn't get by with blanks.
Why = Annotated[str, Meta(min_length=1, max_length=500, pattern=BEGINS_PRINTABLE)]
Url = Annotated[str, Meta(max_length=2000, pattern=URL)]
EmailAddress = Annotated[str, Meta(max_length=254, pattern=EMAIL)]
CountryCode = Annotated[str, Meta(min_length=2, max_length=2, pattern=COUNTRY)]
CurrencyCode = Annotated[str, Meta(min_length=3, max_length=3, pattern=CURRENCY)]
SkuText = Annotated[str, Meta(min_length=1, max_length=64, pattern=PRINTABLE)]


class MoneyStruct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`minor` counts the currency's minor unit: 2023 EUR is 20.23 euros, 1900 JPY is 1900 yen."""

    minor: Annotated[int, Meta(ge=-_MOST_MINOR, le=_MOST_MINOR)]
    currency: CurrencyCode

    def minor_in(self, currency: Currency, path: str) -> int:
        """Raises CurrencyMismatch, naming `path`, unless it is an amount in this currency."""
        if self.currency != currency.code:
            raise CurrencyMismatch(expected=currency.code, found=self.currency, path=f"{path}/currency")
        return self.minor


class PriceStruct(MoneyStruct, frozen=True, forbid_unknown_fields=True):
    """An amount that somebody sets: not negative, and so far above any price that no cart's sum overflows."""

    minor: Annotated[int, Meta(ge=0, le=MAX_UNIT_PRICE_MINOR)]
    currency: CurrencyCode


class PositiveStruct(MoneyStruct, frozen=True, forbid_unknown_fields=True):
    """An amount that moves: at least one minor unit."""

    minor: Annotated[int, Meta(ge=1, le=_MOST_MINOR)]
    currency: CurrencyCode


class AddressStruct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Country is ISO 3166-1 alpha-2; everything else may be missing while a shopper is typing."""

    country: CountryCode
    name: Word | None = None
    line1: Word | None = None
    line2: Word | None = None
    city: Word | None = None
    region: Word | None = None
    postcode: Word | None = None
    phone: Word | None = None


def currency_at(code: str, path: str) -> Currency:
    """Raises FieldRefused, naming `path`, for a currency that FastCart doesn't sell in."""
    try:
        return Currency.of(code)
    except UnknownCurrency:
        raise FieldRefused(path=path, rule=f"one of {', '.join(currency_codes())}") from None


def money_shown(money: Money) -> MoneyStruct:
    return MoneyStruct(money.minor, money.currency.code)


@overload
def address_of(struct: AddressStruct) -> Address: ...
@overload
def address_of(struct: AddressStruct | None) -> Address | None: ...
def address_of(struct: AddressStruct | None) -> Address | None:
    if struct is None:
        return None
    return Address(
        country=struct.country,
        name=struct.name or None,
        line1=struct.line1 or None,
        line2=struct.line2 or None,
        city=struct.city or None,
        region=struct.region or None,
        postcode=struct.postcode or None,
        phone=struct.phone or None,
    )


def address_shown(address: Address | None) -> AddressStruct | None:
    if address is None:
        return None
    return AddressStruct(
        address.country,
        address.name,
        address.line1,
        address.line2,
        address.city,
        address.region,
        address.postcode,
        address.phone,
    )
