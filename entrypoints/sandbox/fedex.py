"""FedEx's OAuth and rates (REST v1), as far as they are used: dollars for the account, the list's dearer, and
another currency for whoever prefers one.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from itertools import cycle
from math import ceil
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from litestar import Request, Router, post
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from entrypoints.sandbox.carriers import NOT_UNDERSTOOD, Carrier, are_known, zone
from entrypoints.sandbox.connection import answered
from entrypoints.sandbox.dependency import TheWorld

VENDOR: Final = "fedex"
_LIFETIME_SECONDS: Final = 3_599
# Service, name, cents for a parcel, working days: within a country, and across borders.
_DOMESTIC: Final = (
    ("FEDEX_GROUND", "FedEx Ground®", 895, "THREE_DAYS"),
    ("FEDEX_2_DAY", "FedEx 2Day®", 2150, "TWO_DAYS"),
    ("STANDARD_OVERNIGHT", "FedEx Standard Overnight®", 4590, "ONE_DAY"),
)
_INTERNATIONAL: Final = (
    ("INTERNATIONAL_ECONOMY", "FedEx International Economy®", 5200, "FIVE_DAYS"),
    ("FEDEX_INTERNATIONAL_PRIORITY", "FedEx International Priority®", 7400, "TWO_DAYS"),
)
# What a dollar is, and how many decimals it is told with.
_EXCHANGE: Final = {
    "EUR": (Decimal("0.9"), 2),
    "GBP": (Decimal("0.8"), 2),
    "CAD": (Decimal("1.4"), 2),
    "JPY": (Decimal(150), 0),
    "KWD": (Decimal("0.3"), 3),
}
_PICKUPS: Final = ("CONTACT_FEDEX_TO_SCHEDULE", "DROPOFF_AT_FEDEX_LOCATION", "USE_SCHEDULED_PICKUP")
_NONSENSE: Final = cycle((-1, "a lot", 1e300))
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


@post("/oauth/token", status_code=HTTPStatus.OK)
async def issue_token(request: Request[Any, Any, Any], world: TheWorld) -> ASGIApp:
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    carrier = world.carriers[VENDOR]
    carrier.calls["oauth.token"] += 1
    misfortune = await world.suffer(VENDOR, "oauth.token")
    return answered(misfortune, perform=lambda: _token(form, carrier), refuse=_failed)


@post("/rate/v1/rates/quotes", status_code=HTTPStatus.OK)
async def quote_rates(request: Request[Any, Any, Any], world: TheWorld) -> ASGIApp:
    carrier = world.carriers[VENDOR]
    carrier.calls["rates.list"] += 1
    if not carrier.knows(request.headers.get("authorization", "")):
        return _refused(HTTPStatus.UNAUTHORIZED, "NOT.AUTHORIZED.ERROR", "Access token expired.")
    body = await request.body()
    misfortune = await world.suffer(VENDOR, "rates.list")
    return answered(misfortune, perform=lambda: _quote(body, carrier), refuse=_failed)


router: Final = Router("/fedex", route_handlers=[issue_token, quote_rates], include_in_schema=False)


def _token(form: dict[str, list[str]], carrier: Carrier) -> ASGIApp:
    if form.get("grant_type") != ["client_credentials"]:
        return _refused(HTTPStatus.BAD_REQUEST, "BAD.REQUEST.ERROR", "Missing or unknown grant_type.")
    if not are_known(*(form.get(name, [None])[0] for name in ("client_id", "client_secret"))):
        return _refused(HTTPStatus.UNAUTHORIZED, "NOT.AUTHORIZED.ERROR", "These credentials are not valid.")
    return _told(
        {
            "access_token": carrier.issue(timedelta(seconds=_LIFETIME_SECONDS)),
            "token_type": "bearer",
            "expires_in": _LIFETIME_SECONDS,
            "scope": "CXS-TP",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shipment:
    """`parcels` are begun kilograms, and how many of each."""

    origin: dict[str, str]
    destination: dict[str, str]
    parcels: list[tuple[int, int]]
    preferred_currency: str | None


def _quote(body: bytes, carrier: Carrier) -> ASGIApp:
    asked = _understood(body)
    if asked is None:
        return _refused(HTTPStatus.BAD_REQUEST, "INVALID.INPUT.EXCEPTION", "Invalid field value in the input")
    if not (asked.origin["postcode"] and asked.destination["postcode"]):
        return _refused(HTTPStatus.BAD_REQUEST, "POSTALCODE.ZIPCODE.REQUIRED", "Postal code is required.")
    if asked.destination["country"] == "AQ":
        return _refused(HTTPStatus.BAD_REQUEST, "SERVICE.PACKAGECOMBINATION.INVALID", "No service there.")
    output = {
        "alerts": [],
        "rateReplyDetails": _details(asked, carrier),
        "quoteDate": f"{carrier.clock.now():%Y-%m-%d}",
    }
    return _told({"transactionId": carrier.clock.new_id("tx"), "output": output})


def _understood(body: bytes) -> _Shipment | None:
    """None for what FedEx refuses as invalid."""
    try:
        asked = msgspec.json.decode(body)
        shipment = asked["requestedShipment"]
        parcels = [_kilograms(item) for item in shipment["requestedPackageLineItems"]]
        is_sound = bool(parcels) and shipment["pickupType"] in _PICKUPS
        if not is_sound or not re.fullmatch(r"\d{1,9}", asked["accountNumber"]["value"]):
            return None
        prefers = "PREFERRED" in shipment["rateRequestType"]
        return _Shipment(
            origin=_end(shipment["shipper"]["address"]),
            destination=_end(shipment["recipient"]["address"]),
            parcels=parcels,
            preferred_currency=shipment.get("preferredCurrency") if prefers else None,
        )
    except NOT_UNDERSTOOD:
        return None


def _details(asked: _Shipment, carrier: Carrier) -> list[dict[str, Any]]:
    distance = zone(asked.origin, asked.destination)
    is_domestic = asked.origin["country"] == asked.destination["country"]
    details = []
    for kind, name, cents, transit in _DOMESTIC if is_domestic else _INTERNATIONAL:
        prices = (carrier.price(cents, units, distance) * count for units, count in asked.parcels)
        rated = _rates(sum(prices, Decimal(0)), asked.preferred_currency)
        if carrier.absurd:
            rated = [{**each, "totalNetCharge": next(_NONSENSE)} for each in rated]
        details.append(_detail(kind, name, transit, rated))
    return details


def _end(address: dict[str, Any]) -> dict[str, str]:
    if not re.fullmatch(r"[A-Z]{2}", address["countryCode"]) or len(address.get("postalCode", "")) > 10:
        raise ValueError
    return {"country": address["countryCode"], "postcode": address.get("postalCode", "")}


def _kilograms(item: dict[str, Any]) -> tuple[int, int]:
    """What a parcel is billed for, in begun kilograms, and how many there are."""
    weight = item["weight"]
    value = Decimal(str(weight["value"])) * (Decimal("0.45359237") if weight["units"] == "LB" else 1)
    if value <= 0 or weight["units"] not in ("KG", "LB") or not 1 <= item.get("groupPackageCount", 1) <= 999:
        raise ValueError
    return ceil(value), item.get("groupPackageCount", 1)


def _rates(dollars: Decimal, preferred: str | None) -> list[dict[str, Any]]:
    listed = (dollars * 5 / 4).quantize(Decimal("0.01"))
    rated = [_rated("ACCOUNT", dollars, "USD"), _rated("LIST", listed, "USD")]
    if preferred in _EXCHANGE:
        worth, decimals = _EXCHANGE[preferred]
        rated.append(_rated("PREFERRED_CURRENCY", round(dollars * worth, decimals), preferred))
    return rated


def _detail(kind: str, name: str, transit: str, rated: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "serviceType": kind,
        "serviceName": name,
        "packagingType": "YOUR_PACKAGING",
        "commit": {"label": "Delivery date unavailable", "saturdayDelivery": False},
        "ratedShipmentDetails": rated,
        "operationalDetail": {"transitTime": transit, "ineligibleForMoneyBackGuarantee": False},
    }


def _rated(rate_type: str, amount: Decimal, currency: str) -> dict[str, Any]:
    return {
        "rateType": rate_type,
        "ratedWeightMethod": "ACTUAL",
        "totalDiscounts": 0,
        "totalBaseCharge": amount,
        "totalNetCharge": amount,
        "currency": currency,
    }


def _failed(status: HTTPStatus) -> ASGIApp:
    code = "TOO.MANY.REQUESTS" if status is HTTPStatus.TOO_MANY_REQUESTS else "INTERNAL.SERVER.ERROR"
    return _refused(status, code, "We encountered an unexpected error.")


def _refused(status: HTTPStatus, code: str, message: str) -> ASGIApp:
    return _told({"transactionId": "sandbox", "errors": [{"code": code, "message": message}]}, status)


def _told(document: object, status: HTTPStatus = HTTPStatus.OK) -> ASGIApp:
    return ASGIResponse(body=_encode(document), status_code=status, media_type="application/json")
