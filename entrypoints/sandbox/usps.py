"""USPS's OAuth and total rates (v3), as far as they are used: sixty questions an hour, dollars, and prices
for boxes and books among those for parcels.
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from math import ceil
from typing import Any, Final

import msgspec
from litestar import Request, Router, post
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from entrypoints.sandbox.carriers import NOT_UNDERSTOOD, Carrier, are_known, zone
from entrypoints.sandbox.connection import answered
from entrypoints.sandbox.dependency import TheWorld
from entrypoints.sandbox.world import World

VENDOR: Final = "usps"
_LIFETIME_SECONDS: Final = 14_399
_QUOTA: Final = 60
_MOST_POUNDS: Final = 70
_MOST_INCHES: Final = 130
_HOUR: Final = timedelta(hours=1)
_ZIP: Final = re.compile(r"\d{5}(?:[-\s]\d{4})?")
# Mail class, what the rate is for, its indicator, cents for a parcel.
_RATES: Final = (
    ("USPS_GROUND_ADVANTAGE", "Single-piece", "SP", 760),
    ("PRIORITY_MAIL", "Single-piece", "SP", 1_010),
    ("PRIORITY_MAIL", "Padded Flat Rate Envelope", "FP", 100),
    ("PRIORITY_MAIL_EXPRESS", "Single-piece", "PA", 3_120),
    ("MEDIA_MAIL", "Single-piece", "SP", 50),
)
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


@post("/oauth2/v3/token", status_code=HTTPStatus.OK)
async def issue_token(request: Request[Any, Any, Any], world: TheWorld) -> ASGIApp:
    body = await request.body()
    carrier = world.carriers[VENDOR]
    carrier.calls["oauth.token"] += 1
    misfortune = await world.suffer(VENDOR, "oauth.token")
    return answered(misfortune, perform=lambda: _token(body, carrier), refuse=_failed)


@post("/prices/v3/total-rates/search", status_code=HTTPStatus.OK)
async def search_rates(request: Request[Any, Any, Any], world: TheWorld) -> ASGIApp:
    carrier = world.carriers[VENDOR]
    carrier.calls["rates.list"] += 1
    if not carrier.knows(request.headers.get("authorization", "")):
        return _refused(HTTPStatus.UNAUTHORIZED, "Unauthorized")
    if wait := _used_up(world):
        return _refused(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests", {"Retry-After": str(wait)})
    body = await request.body()
    misfortune = await world.suffer(VENDOR, "rates.list")
    return answered(misfortune, perform=lambda: _search(body, carrier), refuse=_failed)


router: Final = Router("/usps", route_handlers=[issue_token, search_rates], include_in_schema=False)


def _used_up(world: World) -> int:
    """Seconds until another question is allowed; 0 when this one is, which then counts."""
    now: datetime = world.clock.now()
    recent = [at for at in world.usps_questions if now - at < _HOUR]
    if len(recent) >= _QUOTA:
        world.usps_questions = recent
        return max(1, int((recent[0] + _HOUR - now).total_seconds()))
    world.usps_questions = [*recent, now]
    return 0


def _token(body: bytes, carrier: Carrier) -> ASGIApp:
    try:
        asked = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        return _refused(HTTPStatus.BAD_REQUEST, "invalid_request")
    if asked.get("grant_type") != "client_credentials":
        return _refused(HTTPStatus.BAD_REQUEST, "unsupported_grant_type")
    if not are_known(asked.get("client_id"), asked.get("client_secret")):
        return _refused(HTTPStatus.UNAUTHORIZED, "invalid_client")
    return _told(
        {
            "access_token": carrier.issue(timedelta(seconds=_LIFETIME_SECONDS)),
            "token_type": "Bearer",
            "issued_at": str(int(carrier.clock.now().timestamp() * 1_000)),
            "expires_in": str(_LIFETIME_SECONDS),
            "status": "approved",
            "scope": "prices",
        }
    )


def _search(body: bytes, carrier: Carrier) -> ASGIApp:
    asked = _understood(body)
    if asked is None:
        return _refused(HTTPStatus.BAD_REQUEST, "400")
    quarters, distance = asked
    options = []
    for mail_class, kind, indicator, cents in _RATES:
        price = Decimal(-1) if carrier.absurd else carrier.price(cents, quarters, distance)
        options.append(_option(mail_class, kind, indicator, price, distance))
    return _told({"rateOptions": options})


def _understood(body: bytes) -> tuple[int, int] | None:
    """Begun quarters of a pound, and the zone; None for what USPS refuses as invalid."""
    try:
        asked = msgspec.json.decode(body)
        zips = [asked["originZIPCode"], asked["destinationZIPCode"]]
        sizes = (Decimal(str(asked[name])) for name in ("weight", "length", "width", "height"))
        weight, length, width, height = sizes
        if not all(_ZIP.fullmatch(each) for each in zips) or min(weight, length, width, height) <= 0:
            return None
    except NOT_UNDERSTOOD:
        return None
    if weight > _MOST_POUNDS or length + 2 * (width + height) > _MOST_INCHES:
        return None
    origin, destination = ({"country": "US", "postcode": each} for each in zips)
    return ceil(weight * 4), zone(origin, destination)


def _option(mail_class: str, kind: str, indicator: str, price: Decimal, distance: int) -> dict[str, Any]:
    rate = {
        "description": f"{mail_class.replace('_', ' ').title()} {kind}",
        "price": price,
        "mailClass": mail_class,
        "rateIndicator": indicator,
        "processingCategory": "MACHINABLE",
        "destinationEntryFacilityType": "NONE",
        "zone": f"{distance:02d}",
        "SKU": "DXXX0XXXXR00000",
        "endDate": "",
    }
    return {"totalBasePrice": price, "rates": [rate]}


def _failed(status: HTTPStatus) -> ASGIApp:
    return _refused(status, status.phrase)


def _refused(status: HTTPStatus, code: str, headers: dict[str, str] | None = None) -> ASGIApp:
    error = {"code": code, "message": status.phrase, "errors": []}
    return _told({"apiVersion": "v3", "error": error}, status, headers)


def _told(
    document: object, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> ASGIApp:
    return ASGIResponse(
        body=_encode(document), status_code=status, media_type="application/json", headers=headers or {}
    )
