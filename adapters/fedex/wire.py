"""FedEx's words for a question and its answer (Rates and Transit Times API v1): pure translation.

FedEx quotes one service in several currencies and rate types at once: the account's own rate counts before
the list's, and both before one that FedEx has converted. All are what the shop pays, FedEx's taxes included.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from adapters.resilience.json_answers import read, read_part
from domain.address import Address
from domain.delivery import DeliveryOption, DeliveryQuestion, by_price, rate
from domain.money import Currency
from domain.packing import PackedParcel, ParcelLimits

# https://www.fedex.com/en-us/shipping/packing/size-weight.html: 150 lb, 108 in, 165 in.
LIMITS: Final = ParcelLimits(weight_grams=68_038, length_mm=2_743, length_and_girth_mm=4_191)
MOST_PARCELS: Final = 100
_LONGEST_POSTCODE: Final = 10
# Where addresses carry a state or province of two letters.
_WITH_REGION: Final = frozenset({"US", "CA"})

# Which of a service's prices is taken: the first that there is. Others are never offered.
_RATE_TYPES: Final = (
    "ACCOUNT",
    "PAYOR_ACCOUNT_SHIPMENT",
    "PAYOR_ACCOUNT_PACKAGE",
    "LIST",
    "PAYOR_LIST_SHIPMENT",
    "PAYOR_LIST_PACKAGE",
    "PREFERRED_CURRENCY",
    "PREFERRED_ACCOUNT_SHIPMENT",
    "PREFERRED_LIST_SHIPMENT",
)
# Working days as FedEx publishes them, for answers that tell none.
_DAYS: Final = {
    "FIRST_OVERNIGHT": (1, 1),
    "PRIORITY_OVERNIGHT": (1, 1),
    "STANDARD_OVERNIGHT": (1, 1),
    "FEDEX_2_DAY": (2, 2),
    "FEDEX_2_DAY_AM": (2, 2),
    "FEDEX_EXPRESS_SAVER": (3, 3),
    "FEDEX_GROUND": (1, 5),
    "GROUND_HOME_DELIVERY": (1, 5),
    "SMART_POST": (2, 7),
    "FEDEX_INTERNATIONAL_PRIORITY": (1, 3),
    "FEDEX_INTERNATIONAL_PRIORITY_EXPRESS": (1, 3),
    "INTERNATIONAL_ECONOMY": (2, 5),
    "FEDEX_REGIONAL_ECONOMY": (2, 4),
}
_UNKNOWN_DAYS: Final = (1, 10)
_NUMBERS: Final = (
    *("ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN"),
    *("ELEVEN", "TWELVE", "THIRTEEN", "FOURTEEN", "FIFTEEN", "SIXTEEN", "SEVENTEEN", "EIGHTEEN"),
    *("NINETEEN", "TWENTY"),
)
_TRANSIT_TIMES: Final = {
    f"{word}_DAY" if number == 1 else f"{word}_DAYS": number for number, word in enumerate(_NUMBERS, 1)
}
_SERVICE: Final = re.compile(r"[A-Z0-9_]{2,60}")
_LONGEST_TITLE: Final = 120
_FRIDAY: Final = 4


class _Output(msgspec.Struct, rename="camel"):
    rate_reply_details: list[msgspec.Raw] = []
    quote_date: str = ""


class _Answer(msgspec.Struct):
    output: _Output


class _Rated(msgspec.Struct, rename="camel"):
    rate_type: str
    total_net_charge: Decimal
    currency: str


class _Service(msgspec.Struct, rename="camel"):
    service_type: str
    rated_shipment_details: list[msgspec.Raw]
    service_name: str | None = None
    commit: msgspec.Raw = msgspec.Raw(b"null")
    operational_detail: msgspec.Raw = msgspec.Raw(b"null")


class _Transit(msgspec.Struct, rename="camel"):
    minimum_transit_time: str | None = None
    maximum_transit_time: str | None = None


class _DateDetail(msgspec.Struct, rename="camel"):
    day_format: str | None = None


class _Commit(msgspec.Struct, rename="camel"):
    transit_days: _Transit | None = None
    date_detail: _DateDetail | None = None


class _Operational(msgspec.Struct, rename="camel"):
    transit_time: str | None = None
    maximum_transit_time: str | None = None


_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
_answer: Final = msgspec.json.Decoder(_Answer)
_service: Final = msgspec.json.Decoder(_Service)
_rated: Final = msgspec.json.Decoder(_Rated)
_commit: Final = msgspec.json.Decoder(_Commit)
_operational: Final = msgspec.json.Decoder(_Operational)


def is_askable(place: Address) -> bool:
    """Whether FedEx can be asked about a place: with the postcode, where there are postcodes."""
    postcode = (place.postcode or "").strip()
    return len(postcode) <= _LONGEST_POSTCODE and (bool(postcode) or not place.needs_postcode)


def asked(
    question: DeliveryQuestion, parcels: Sequence[PackedParcel], origin: Address, account_number: str
) -> bytes:
    """The body of `POST /rate/v1/rates/quotes`."""
    shipment: dict[str, Any] = {
        "shipper": {"address": _address(origin)},
        # A shopper's home, unless told otherwise: an office is never dearer.
        "recipient": {"address": {**_address(question.destination), "residential": True}},
        "pickupType": "USE_SCHEDULED_PICKUP",
        "packagingType": "YOUR_PACKAGING",
        "rateRequestType": ["ACCOUNT", "LIST", "PREFERRED"],
        "preferredCurrency": question.subtotal.currency.code,
        "totalPackageCount": sum(parcel.count for parcel in parcels),
        "requestedPackageLineItems": [_parcel(parcel) for parcel in parcels],
    }
    if question.destination.country != origin.country:
        shipment["customsClearanceDetail"] = _customs(question)
    return _encode(
        {
            "accountNumber": {"value": account_number},
            "rateRequestControlParameters": {"returnTransitTimes": True},
            "requestedShipment": shipment,
        }
    )


def offered(body: bytes, currency: Currency) -> tuple[DeliveryOption, ...]:
    """What a 200 offers in this currency; parts that make no sense are left out.

    Raises Unavailable when the whole makes none.
    """
    output = read(_answer, body).output
    options = (_option(raw, currency, output.quote_date) for raw in output.rate_reply_details)
    return by_price(option for option in options if option is not None)


def _address(place: Address) -> dict[str, Any]:
    told: dict[str, Any] = {"countryCode": place.country}
    if place.postcode:
        told["postalCode"] = place.postcode.strip()
    if place.city:
        told["city"] = place.city[:35]
    if place.country in _WITH_REGION and place.region and len(place.region) == 2:
        # FedEx keeps the old abbreviation of Quebec.
        told["stateOrProvinceCode"] = "PQ" if place.region == "QC" else place.region
    return told


def _parcel(parcel: PackedParcel) -> dict[str, Any]:
    told: dict[str, Any] = {"groupPackageCount": parcel.count, "weight": _kilograms(parcel.weight_grams)}
    if parcel.height_mm:
        told["dimensions"] = {
            "length": -(-parcel.length_mm // 10),
            "width": -(-parcel.width_mm // 10),
            "height": -(-parcel.height_mm // 10),
            "units": "CM",
        }
    return told


def _kilograms(grams: int) -> dict[str, Any]:
    """Rounded up to ten grams, the least that FedEx takes."""
    return {"units": "KG", "value": Decimal(max(1, -(-grams // 10))).scaleb(-2)}


def _customs(question: DeliveryQuestion) -> dict[str, Any]:
    value = question.subtotal
    amount = Decimal(value.minor).scaleb(-value.currency.exponent)
    pieces = sum(goods.quantity for goods in question.goods)
    return {
        "commodities": [
            {
                "description": "Merchandise",
                "quantity": pieces,
                "quantityUnits": "PCS",
                "weight": _kilograms(question.weight_grams),
                "customsValue": {"amount": amount, "currency": value.currency.code},
            }
        ]
    }


def _option(raw: msgspec.Raw, currency: Currency, quoted_on: str) -> DeliveryOption | None:
    service = read_part(_service, raw)
    if service is None or not _SERVICE.fullmatch(service.service_type):
        return None
    prices = {
        rated.rate_type: price
        for rated in (read_part(_rated, each) for each in service.rated_shipment_details)
        if rated is not None
        and rated.currency == currency.code
        and (price := rate(rated.total_net_charge, currency)) is not None
    }
    amount = next((prices[kind] for kind in _RATE_TYPES if kind in prices), None)
    if amount is None:
        return None
    least, most = _days(service, quoted_on)
    return DeliveryOption(
        id="fedex_" + service.service_type.lower().removeprefix("fedex_"),
        title=_title(service),
        amount=amount,
        min_days=least,
        max_days=most,
    )


def _title(service: _Service) -> str:
    named = (service.service_name or "").strip()
    if named and named.isprintable() and len(named) <= _LONGEST_TITLE:
        return named
    return "FedEx " + service.service_type.lower().removeprefix("fedex_").replace("_", " ")


def _days(service: _Service, quoted_on: str) -> tuple[int, int]:
    """Working days: as told in words, else up to the date that is told, else as the service is known for."""
    commit = read_part(_commit, service.commit) or _Commit()
    operational = read_part(_operational, service.operational_detail) or _Operational()
    transit = commit.transit_days or _Transit()
    told = _known(
        transit.minimum_transit_time,
        transit.maximum_transit_time,
        operational.transit_time,
        operational.maximum_transit_time,
    )
    if told:
        return min(told), max(told)
    arrives = commit.date_detail.day_format if commit.date_detail else None
    days = _working_days(quoted_on, arrives or "")
    return (days, days) if days else _DAYS.get(service.service_type, _UNKNOWN_DAYS)


def _known(*words: str | None) -> list[int]:
    return [_TRANSIT_TIMES[word] for word in words if word in _TRANSIT_TIMES]


def _working_days(first: str, last: str) -> int:
    """From one local date to another, which may have a time behind it; 0 if they make no sense."""
    try:
        day, end = date.fromisoformat(first[:10]), date.fromisoformat(last[:10])
    except ValueError:
        return 0
    if not 0 < (end - day).days < 60:
        return 0
    between: Iterable[date] = (day + timedelta(days=n) for n in range(1, (end - day).days + 1))
    return max(1, sum(each.weekday() <= _FRIDAY for each in between))
