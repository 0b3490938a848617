"""UPS's words for a question and its answer (Rating API v2409): pure translation.

UPS writes every number as a string, and a list of one as the one itself. A negotiated rate counts before the
published one; both are without taxes, which are reckoned for the shopper afterwards.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any, Final, TypeVar

import msgspec

from adapters.resilience.json_answers import read, read_part
from domain.address import Address
from domain.delivery import DeliveryOption, DeliveryQuestion, by_price, rate
from domain.money import Currency
from domain.packing import PackedParcel, ParcelLimits

T = TypeVar("T")

# https://www.ups.com/us/en/support/shipping-support/shipping-dimensions-weight: 150 lb, 108 in, 165 in.
LIMITS: Final = ParcelLimits(weight_grams=68_038, length_mm=2_743, length_and_girth_mm=4_191)
MOST_PARCELS: Final = 200
_LONGEST_POSTCODE: Final = 9
_WITH_REGION: Final = frozenset({"US", "CA", "IE"})
# Countries that UPS measures in pounds and inches; the others in kilograms and centimetres.
_IMPERIAL: Final = frozenset({"US", "PR", "DO"})

# Names and working days by service code, for answers that tell none. UPS uses some codes for other services
# elsewhere, so what an answer says goes first.
_SERVICES: Final = {
    "01": ("UPS Next Day Air", (1, 1)),
    "02": ("UPS 2nd Day Air", (2, 2)),
    "03": ("UPS Ground", (1, 5)),
    "07": ("UPS Worldwide Express", (1, 3)),
    "08": ("UPS Worldwide Expedited", (2, 5)),
    "11": ("UPS Standard", (1, 7)),
    "12": ("UPS 3 Day Select", (3, 3)),
    "13": ("UPS Next Day Air Saver", (1, 1)),
    "14": ("UPS Next Day Air Early", (1, 1)),
    "54": ("UPS Worldwide Express Plus", (1, 3)),
    "59": ("UPS 2nd Day Air A.M.", (2, 2)),
    "65": ("UPS Worldwide Saver", (1, 3)),
    "70": ("UPS Access Point Economy", (2, 7)),
    "93": ("UPS Ground Saver", (2, 7)),
}
_UNKNOWN_DAYS: Final = (1, 10)
_CODE: Final = re.compile(r"[0-9A-Za-z]{1,3}")
_LONGEST_TITLE: Final = 120
_MOST_DAYS: Final = 60
_FRIDAY: Final = 4
_GRAMS_A_TENTH_POUND: Final = Decimal("45.359237")
_MM_AN_INCH: Final = Decimal("25.4")
_MM_A_CENTIMETRE: Final = Decimal(10)


class _Money(msgspec.Struct, rename="pascal"):
    currency_code: str
    monetary_value: Decimal


class _Negotiated(msgspec.Struct, rename="pascal"):
    total_charge: _Money


class _Described(msgspec.Struct, rename="pascal"):
    code: str = ""
    description: str = ""


class _Arrival(msgspec.Struct, rename="pascal"):
    business_days_in_transit: str | None = None


class _Summary(msgspec.Struct, rename="pascal"):
    service: _Described = msgspec.field(default_factory=_Described)
    estimated_arrival: _Arrival = msgspec.field(default_factory=_Arrival)


class _Transit(msgspec.Struct, rename="pascal"):
    service_summary: msgspec.Raw = msgspec.Raw(b"null")


class _Rated(msgspec.Struct, rename="pascal"):
    service: _Described
    total_charges: msgspec.Raw = msgspec.Raw(b"null")
    negotiated_rate_charges: msgspec.Raw = msgspec.Raw(b"null")
    time_in_transit: msgspec.Raw = msgspec.Raw(b"null")
    guaranteed_delivery: msgspec.Raw = msgspec.Raw(b"null")


class _Response(msgspec.Struct, rename="pascal"):
    rated_shipment: msgspec.Raw = msgspec.Raw(b"null")


class _Answer(msgspec.Struct, rename="pascal"):
    rate_response: _Response


_encode: Final = msgspec.json.Encoder().encode
_answer: Final = msgspec.json.Decoder(_Answer)
_list: Final = msgspec.json.Decoder(list[msgspec.Raw])
_rated: Final = msgspec.json.Decoder(_Rated)
_money: Final = msgspec.json.Decoder(_Money)
_negotiated: Final = msgspec.json.Decoder(_Negotiated)
_transit: Final = msgspec.json.Decoder(_Transit)
_summary: Final = msgspec.json.Decoder(_Summary)
_arrival: Final = msgspec.json.Decoder(_Arrival)


def is_askable(place: Address) -> bool:
    """Whether UPS can be asked about a place: with the postcode, where there are postcodes."""
    postcode = _postcode(place)
    return len(postcode) <= _LONGEST_POSTCODE and (bool(postcode) or not place.needs_postcode)


def asked(
    question: DeliveryQuestion,
    parcels: Sequence[PackedParcel],
    origin: Address,
    account_number: str,
    today: date,
) -> bytes:
    """The body of `POST /api/rating/v2409/Shop`."""
    to = question.destination
    units = _Units(imperial=origin.country in _IMPERIAL)
    shipment: dict[str, Any] = {
        "Shipper": {"ShipperNumber": account_number, "Address": _address(origin)},
        "ShipFrom": {"Address": _address(origin)},
        # A shopper's home, unless told otherwise: an office is never dearer.
        "ShipTo": {"Address": {**_address(to), "ResidentialAddressIndicator": "Y"}},
        "PaymentDetails": {
            "ShipmentCharge": [{"Type": "01", "BillShipper": {"AccountNumber": account_number}}]
        },
        "ShipmentRatingOptions": {"NegotiatedRatesIndicator": "Y"},
        "DeliveryTimeInformation": {
            "PackageBillType": "03",
            "Pickup": {"Date": f"{_next_working_day(today):%Y%m%d}"},
        },
        "Package": [units.package(parcel) for parcel in parcels for _ in range(parcel.count)],
    }
    if to.country != origin.country:
        value = question.subtotal
        amount = Decimal(max(1, value.minor)).scaleb(-value.currency.exponent)
        shipment["InvoiceLineTotal"] = {"CurrencyCode": value.currency.code, "MonetaryValue": f"{amount:f}"}
        shipment["ShipmentTotalWeight"] = units.weight(question.weight_grams)
    return _encode({"RateRequest": {"Request": {"RequestOption": "Shop"}, "Shipment": shipment}})


def offered(body: bytes, currency: Currency) -> tuple[DeliveryOption, ...]:
    """What a 200 offers in this currency; parts that make no sense are left out.

    Raises Unavailable when the whole makes none.
    """
    shipments = _each(read(_answer, body).rate_response.rated_shipment, _rated)
    options = (_option(rated, currency) for rated in shipments)
    return by_price(option for option in options if option is not None)


class _Units:
    """A carrier's scales: pounds and inches, or kilograms and centimetres, always rounded up."""

    def __init__(self, *, imperial: bool) -> None:
        self._imperial = imperial

    def package(self, parcel: PackedParcel) -> dict[str, Any]:
        told: dict[str, Any] = {
            "PackagingType": {"Code": "02", "Description": "Package"},
            "PackageWeight": self.weight(parcel.weight_grams),
        }
        if parcel.height_mm:
            code, named = ("IN", "Inches") if self._imperial else ("CM", "Centimeters")
            told["Dimensions"] = {
                "UnitOfMeasurement": {"Code": code, "Description": named},
                "Length": self._length(parcel.length_mm),
                "Width": self._length(parcel.width_mm),
                "Height": self._length(parcel.height_mm),
            }
        return told

    def weight(self, grams: int) -> dict[str, Any]:
        """In tenths, of which one is the least."""
        tenths = ceil(grams / _GRAMS_A_TENTH_POUND) if self._imperial else ceil(Decimal(grams) / 100)
        code, named = ("LBS", "Pounds") if self._imperial else ("KGS", "Kilograms")
        return {
            "UnitOfMeasurement": {"Code": code, "Description": named},
            "Weight": f"{Decimal(max(1, tenths)).scaleb(-1):f}",
        }

    def _length(self, millimetres: int) -> str:
        return str(ceil(millimetres / (_MM_AN_INCH if self._imperial else _MM_A_CENTIMETRE)))


def _address(place: Address) -> dict[str, Any]:
    told: dict[str, Any] = {
        "AddressLine": [place.line1[:35]] if place.line1 else [],
        "CountryCode": place.country,
    }
    if postcode := _postcode(place):
        told["PostalCode"] = postcode
    if place.city:
        told["City"] = place.city[:30]
    if place.country in _WITH_REGION and place.region and len(place.region) == 2:
        told["StateProvinceCode"] = place.region
    return told


def _postcode(place: Address) -> str:
    """As UPS wants it: without what only makes it easier to read."""
    return re.sub(r"[\s-]", "", place.postcode or "")


def _next_working_day(today: date) -> date:
    """Not today: where the parcels start from it may be tomorrow already."""
    day = today + timedelta(days=1)
    while day.weekday() > _FRIDAY:
        day += timedelta(days=1)
    return day


def _each(raw: msgspec.Raw, decoder: msgspec.json.Decoder[T]) -> Iterator[T]:
    """The readable ones of a list, which UPS writes without brackets when it has one element."""
    elements = read_part(_list, raw)
    for element in [raw] if elements is None else elements:
        if (found := read_part(decoder, element)) is not None:
            yield found


def _first(raw: msgspec.Raw, decoder: msgspec.json.Decoder[T]) -> T | None:
    return next(_each(raw, decoder), None)


def _option(rated: _Rated, currency: Currency) -> DeliveryOption | None:
    code = rated.service.code
    negotiated = _first(rated.negotiated_rate_charges, _negotiated)
    charges = (negotiated.total_charge if negotiated else None, _first(rated.total_charges, _money))
    prices = (
        rate(charge.monetary_value, currency)
        for charge in charges
        if charge is not None and charge.currency_code == currency.code
    )
    amount = next((price for price in prices if price is not None), None)
    if amount is None or not _CODE.fullmatch(code):
        return None
    transit = _first(rated.time_in_transit, _transit)
    summary = (_first(transit.service_summary, _summary) if transit else None) or _Summary()
    name, usual_days = _SERVICES.get(code, (f"UPS service {code}", _UNKNOWN_DAYS))
    guaranteed = _first(rated.guaranteed_delivery, _arrival) or _Arrival()
    days = _whole_days(summary.estimated_arrival) or _whole_days(guaranteed)
    return DeliveryOption(
        id=f"ups_{code.lower()}",
        title=_title(summary.service.description) or _title(rated.service.description) or name,
        amount=amount,
        min_days=days or usual_days[0],
        max_days=days or usual_days[1],
    )


def _title(told: str) -> str:
    named = told.strip()
    return named if named.isprintable() and len(named) <= _LONGEST_TITLE else ""


def _whole_days(arrival: _Arrival) -> int:
    """Working days in transit; 0 where they aren't told or make no sense."""
    told = arrival.business_days_in_transit or ""
    days = int(told) if told.isascii() and told.isdigit() and len(told) < 4 else 0
    return days if days <= _MOST_DAYS else 0
