"""UPS's OAuth and rating (v2409, Shop), as far as they are used: every number a string, and lists of one
without their brackets.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from math import ceil
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from litestar import Request, Router, post
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from entrypoints.sandbox.carriers import NOT_UNDERSTOOD, Carrier, are_known, basic_credentials, zone
from entrypoints.sandbox.connection import answered
from entrypoints.sandbox.dependency import TheWorld

VENDOR: Final = "ups"
_LIFETIME_SECONDS: Final = 14_399
# Code, name, cents for a parcel, working days: within a country, and across borders.
_DOMESTIC: Final = (("03", "UPS Ground", 870, 4), ("02", "UPS 2nd Day Air", 2230, 2), ("01", "", 4410, 1))
_INTERNATIONAL: Final = (("08", "UPS Worldwide Expedited", 5350, 4), ("07", "UPS Worldwide Express", 7550, 2))
_MEASURES: Final = ("LBS", "KGS")


@post("/security/v1/oauth/token", status_code=HTTPStatus.OK)
async def issue_token(request: Request[Any, Any, Any], world: TheWorld) -> ASGIApp:
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    known = are_known(*basic_credentials(request.headers.get("authorization", "")))
    carrier = world.carriers[VENDOR]
    carrier.calls["oauth.token"] += 1
    misfortune = await world.suffer(VENDOR, "oauth.token")
    return answered(misfortune, perform=lambda: _token(form, carrier, known=known), refuse=_failed)


@post("/api/rating/{version:str}/{option:str}", status_code=HTTPStatus.OK)
async def rate_shipment(
    request: Request[Any, Any, Any], version: FromPath[str], option: FromPath[str], world: TheWorld
) -> ASGIApp:
    carrier = world.carriers[VENDOR]
    carrier.calls["rates.list"] += 1
    if not carrier.knows(request.headers.get("authorization", "")):
        return _refused(HTTPStatus.UNAUTHORIZED, "250002", "Invalid Authentication Information.")
    if option.lower() not in ("shop", "rate") or not re.fullmatch(r"v\d{1,4}", version):
        return _refused(HTTPStatus.BAD_REQUEST, "111546", "Invalid request option.")
    body = await request.body()
    with_days = request.query_params.get("additionalinfo") == "timeintransit"
    misfortune = await world.suffer(VENDOR, "rates.list")
    return answered(misfortune, perform=lambda: _rate(body, carrier, with_days=with_days), refuse=_failed)


router: Final = Router("/ups", route_handlers=[issue_token, rate_shipment], include_in_schema=False)


def _token(form: dict[str, list[str]], carrier: Carrier, *, known: bool) -> ASGIApp:
    if form.get("grant_type") != ["client_credentials"]:
        return _refused(HTTPStatus.BAD_REQUEST, "10400", "Invalid/Missing grant_type.")
    if not known:
        return _refused(HTTPStatus.UNAUTHORIZED, "10401", "ClientId is Invalid")
    return _told(
        {
            "token_type": "Bearer",
            "issued_at": str(int(carrier.clock.now().timestamp() * 1_000)),
            "client_id": "sandbox_client",
            "access_token": carrier.issue(timedelta(seconds=_LIFETIME_SECONDS)),
            "scope": "",
            "expires_in": str(_LIFETIME_SECONDS),
            "refresh_count": "0",
            "status": "approved",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shipment:
    """`weights` are begun pounds or kilograms."""

    origin: dict[str, str]
    destination: dict[str, str]
    weights: list[int]
    is_negotiated: bool


def _rate(body: bytes, carrier: Carrier, *, with_days: bool) -> ASGIApp:
    asked = _understood(body, with_days=with_days)
    if asked is None:
        return _refused(HTTPStatus.BAD_REQUEST, "111100", "The requested service is invalid.")
    if asked.destination["country"] == "AQ":
        return _refused(HTTPStatus.BAD_REQUEST, "111210", "The requested service is unavailable.")
    distance = zone(asked.origin, asked.destination)
    is_domestic = asked.origin["country"] == asked.destination["country"]
    rated = []
    for code, name, cents, days in _DOMESTIC if is_domestic else _INTERNATIONAL:
        price = sum((carrier.price(cents, units, distance) for units in asked.weights), Decimal(0))
        shown = "-3.50" if carrier.absurd else f"{price:f}"
        rated.append(_rated(code, name, shown, days if with_days else None, negotiated=asked.is_negotiated))
    alert = {"Code": "110971", "Description": "Your invoice may vary from the displayed reference rates"}
    response = {"ResponseStatus": {"Code": "1", "Description": "Success"}, "Alert": alert}
    return _told({"RateResponse": {"Response": response, "RatedShipment": rated}})


def _understood(body: bytes, *, with_days: bool) -> _Shipment | None:
    """None for what UPS refuses as invalid."""
    try:
        shipment = msgspec.json.decode(body)["RateRequest"]["Shipment"]
        origin = _end(shipment.get("ShipFrom", shipment["Shipper"])["Address"])
        packages = shipment["Package"] if isinstance(shipment["Package"], list) else [shipment["Package"]]
        weights = [_units(package, origin["country"]) for package in packages]
        is_sound = 0 < len(weights) <= 200 and len(shipment["Shipper"]["ShipperNumber"]) == 6
        pickup = shipment["DeliveryTimeInformation"]["Pickup"]["Date"] if with_days else "00000000"
        if not is_sound or not re.fullmatch(r"\d{8}", pickup):
            return None
        return _Shipment(
            origin=origin,
            destination=_end(shipment["ShipTo"]["Address"]),
            weights=weights,
            is_negotiated="NegotiatedRatesIndicator" in shipment.get("ShipmentRatingOptions", {}),
        )
    except NOT_UNDERSTOOD:
        return None


def _end(address: dict[str, Any]) -> dict[str, str]:
    postcode = address.get("PostalCode", "")
    if not re.fullmatch(r"[A-Z]{2}", address["CountryCode"]) or len(postcode) > 9:
        raise ValueError
    return {"country": address["CountryCode"], "postcode": postcode}


def _units(package: dict[str, Any], origin: str) -> int:
    """Begun pounds or kilograms, as the country measures."""
    measured, weight = package["PackageWeight"], Decimal(package["PackageWeight"]["Weight"])
    unit = measured["UnitOfMeasurement"]["Code"]
    if weight <= 0 or unit not in _MEASURES or (origin == "US") != (unit == "LBS"):
        raise ValueError
    return ceil(weight)


def _rated(code: str, name: str, price: str, days: int | None, *, negotiated: bool) -> dict[str, Any]:
    published = {"CurrencyCode": "USD", "MonetaryValue": f"{Decimal(price) * 2:f}" if negotiated else price}
    rated: dict[str, Any] = {
        "Service": {"Code": code, "Description": ""},
        "RatedShipmentAlert": {"Code": "110971", "Description": "Your invoice may vary."},
        "TotalCharges": published,
    }
    if negotiated:
        rated["NegotiatedRateCharges"] = {"TotalCharge": {"CurrencyCode": "USD", "MonetaryValue": price}}
    if days is not None:
        arrival = {"BusinessDaysInTransit": str(days), "TotalTransitDays": str(days)}
        summary = {"Service": {"Description": name}, "EstimatedArrival": arrival}
        rated["TimeInTransit"] = {"ServiceSummary": summary}
    return rated


def _failed(status: HTTPStatus) -> ASGIApp:
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        return _refused(status, "10429", "Too Many Requests")
    return _refused(status, "10500", "Internal Server Error")


def _refused(status: HTTPStatus, code: str, message: str) -> ASGIApp:
    return _told({"response": {"errors": [{"code": code, "message": message}]}}, status)


def _told(document: object, status: HTTPStatus = HTTPStatus.OK) -> ASGIApp:
    return ASGIResponse(body=msgspec.json.encode(document), status_code=status, media_type="application/json")
