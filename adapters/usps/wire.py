"""USPS's words for a parcel and its prices (Domestic Prices v3, total rates): pure translation.

USPS prices one parcel at a time, in US dollars, and tells flat-rate boxes, cubic prices and media mail in the
same breath: what a shop offers are the services that take any goods in any box.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from math import ceil
from typing import Any, Final

import msgspec

from adapters.resilience.json_answers import read, read_part
from domain.address import Address
from domain.delivery import rate
from domain.money import Currency
from domain.packing import PackedParcel, ParcelLimits
from ports.errors import Unavailable

DOLLARS: Final = Currency.of("USD")
# https://pe.usps.com/text/dmm300/201.htm: 70 lb, and 108 in around, which every service takes.
LIMITS: Final = ParcelLimits(weight_grams=31_751, length_mm=2_743, length_and_girth_mm=2_743)
_ZIP: Final = re.compile(r"(\d{5})(?:[- ]?\d{4})?", re.ASCII)

# Names and working days of the services that are offered.
SERVICES: Final = {
    "USPS_GROUND_ADVANTAGE": ("USPS Ground Advantage", (2, 5)),
    "PRIORITY_MAIL": ("USPS Priority Mail", (2, 3)),
    "PRIORITY_MAIL_EXPRESS": ("USPS Priority Mail Express", (1, 2)),
}
# Single piece, Express single piece, and dimensional weight; others need a box or a contract of USPS's.
_RATE_INDICATORS: Final = frozenset({"SP", "PA", "DR", "DN"})
# Where a parcel is handed in: at any post office, and not at the one of its destination.
_ANYWHERE: Final = frozenset({"", "NONE"})

# Prices go in steps: up to a pound by four ounces, then by the pound. Asking for the step's end gives the
# same price, and one answer serves every parcel of the step.
_LIGHT_STEPS_GRAMS: Final = ((113, "0.25"), (226, "0.5"), (340, "0.75"), (449, "0.99"))
_GRAMS_A_POUND: Final = Decimal("453.59237")
_MM_AN_INCH: Final = Decimal("25.4")
# The least that USPS takes as a parcel, for what is smaller and what nobody measured.
_LEAST_INCHES: Final = (6, 3, 1)


class Price(msgspec.Struct, frozen=True, array_like=True):
    """What one parcel costs by one mail class."""

    mail_class: str
    cents: int


class _Rate(msgspec.Struct, rename="camel"):
    mail_class: str
    rate_indicator: str
    destination_entry_facility_type: str = ""


class _Option(msgspec.Struct, rename="camel"):
    total_base_price: Decimal
    rates: list[_Rate]
    total_price: Decimal | None = None


class _Class(msgspec.Struct, rename="camel"):
    rate_options: list[msgspec.Raw] = []


class _Pricing(msgspec.Struct, rename="camel"):
    shipping_options: list[_Class] = []


class _Answer(msgspec.Struct, rename="camel"):
    """Total rates lie side by side; a search for options sorts them by price type and mail class."""

    rate_options: list[msgspec.Raw] | None = None
    pricing_options: list[_Pricing] | None = None


_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
_answer: Final = msgspec.json.Decoder(_Answer)
_option: Final = msgspec.json.Decoder(_Option)
_kept: Final = msgspec.json.Decoder(tuple[Price, ...])


def zip_code(place: Address) -> str | None:
    """The five digits, which a price goes by; None for any place that USPS has no domestic price for."""
    found = _ZIP.fullmatch((place.postcode or "").strip()) if place.country == "US" else None
    return found[1] if found else None


def asked(parcel: PackedParcel, origin: str, destination: str, price_type: str) -> dict[str, Any]:
    """The question about one parcel, in steps, so that few answers serve many parcels."""
    sides = (parcel.length_mm, parcel.width_mm, parcel.height_mm)
    inches = [ceil(side / _MM_AN_INCH) for side in sides]
    length, width, height = (max(pair) for pair in zip(inches, _LEAST_INCHES, strict=True))
    return {
        "originZIPCode": origin,
        "destinationZIPCode": destination,
        "weight": _pounds(parcel.weight_grams),
        "length": length,
        "width": width,
        "height": height,
        "mailClass": "ALL",
        "priceType": price_type,
    }


def written(question: dict[str, Any]) -> bytes:
    """The body of `POST /prices/v3/total-rates/search`; the same question is the same bytes."""
    return _encode(question)


def priced(body: bytes) -> tuple[Price, ...]:
    """What a 200 says a parcel costs: the cheapest of each mail class that is offered.

    Parts that make no sense are left out. Raises Unavailable when the whole makes none.
    """
    cheapest: dict[str, int] = {}
    answer = read(_answer, body)
    if answer.rate_options is None and answer.pricing_options is None:
        raise Unavailable("answer_unreadable")
    for raw in _rate_options(answer):
        option = read_part(_option, raw)
        if option is not None and (mail_class := _sold_as(option.rates)) is not None:
            amount = rate(option.total_price or option.total_base_price, DOLLARS)
            if amount is not None:
                cheapest[mail_class] = min(amount.minor, cheapest.get(mail_class, amount.minor))
    return tuple(Price(mail_class, cents) for mail_class, cents in sorted(cheapest.items()))


def kept(prices: Sequence[Price]) -> bytes:
    """For the cache."""
    return _encode(prices)


def found(cached: bytes) -> tuple[Price, ...] | None:
    """From the cache; None for what some other version has written."""
    return read_part(_kept, cached)


def _pounds(grams: int) -> Decimal:
    for most, pounds in _LIGHT_STEPS_GRAMS:
        if grams <= most:
            return Decimal(pounds)
    return Decimal(ceil(grams / _GRAMS_A_POUND))


def _rate_options(answer: _Answer) -> Iterator[msgspec.Raw]:
    yield from answer.rate_options or ()
    for pricing in answer.pricing_options or ():
        for mail_class in pricing.shipping_options:
            yield from mail_class.rate_options


def _sold_as(rates: Sequence[_Rate]) -> str | None:
    """The mail class that a rate is for, if it is one that a shop may offer for any goods."""
    classes = {
        each.mail_class
        for each in rates
        if each.rate_indicator in _RATE_INDICATORS and each.destination_entry_facility_type in _ANYWHERE
    }
    is_plain = len(classes) == 1 and all(each.rate_indicator in _RATE_INDICATORS for each in rates)
    return next(iter(classes & SERVICES.keys()), None) if is_plain else None
