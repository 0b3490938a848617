"""Google Maps over HTTP: who asks, what goes wrong today, then the answer."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Router, get, post
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from entrypoints.sandbox.connection import answered
from entrypoints.sandbox.dependency import TheWorld
from entrypoints.sandbox.google_maps.geocoding import Answer, geocoded
from entrypoints.sandbox.google_maps.validation import Question, Refused, validated

VENDOR: Final = "google_maps"
_STATUSES: Final = {
    HTTPStatus.BAD_REQUEST: "INVALID_ARGUMENT",
    HTTPStatus.FORBIDDEN: "PERMISSION_DENIED",
    HTTPStatus.TOO_MANY_REQUESTS: "RESOURCE_EXHAUSTED",
    HTTPStatus.INTERNAL_SERVER_ERROR: "INTERNAL",
}


@post("/v1:validateAddress", status_code=200, include_in_schema=False)
async def validate_address(request: Request[Any, Any, Any], world: TheWorld) -> ASGIApp:
    """A key that is none is a bad request at Google, a missing one is forbidden."""
    key = request.headers.get("x-goog-api-key") or request.query_params.get("key", "")
    if not key:
        return _refused(HTTPStatus.FORBIDDEN, "Method doesn't allow unregistered callers.")
    if not key.startswith("AIza"):
        return _refused(HTTPStatus.BAD_REQUEST, "API key not valid. Please pass a valid API key.")
    body = await request.body()
    misfortune = await world.suffer(VENDOR, "addresses.validate")
    return answered(
        misfortune,
        perform=lambda: _validated(body, world.clock.new_id("response")),
        refuse=lambda status: _refused(status, "The service is unwell."),
    )


@get("/maps/api/geocode/json", include_in_schema=False)
async def geocode(request: Request[Any, Any, Any], world: TheWorld) -> ASGIApp:
    """Everything but a broken server is a 200 here."""
    asked = request.query_params
    misfortune = await world.suffer(VENDOR, "addresses.geocode")
    if not asked.get("key", "").startswith("AIza"):
        denied = Answer(status="REQUEST_DENIED", results=[], error_message="The provided API key is invalid.")
        return _answer(denied)
    return answered(
        misfortune,
        perform=lambda: _answer(geocoded(asked.get("address", ""), asked.get("components", ""))),
        refuse=_unwell,
    )


def _validated(body: bytes, response_id: str) -> ASGIApp:
    try:
        return _answer(validated(msgspec.json.decode(body, type=Question), response_id))
    except msgspec.MsgspecError:
        return _refused(HTTPStatus.BAD_REQUEST, "Invalid JSON payload received.")
    except Refused as refused:
        return _refused(HTTPStatus.BAD_REQUEST, str(refused))


def _unwell(status: HTTPStatus) -> ASGIApp:
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        limited = "You have exceeded your rate-limit for this API."
        return _answer(Answer(status="OVER_QUERY_LIMIT", results=[], error_message=limited))
    return _answer(Answer(status="UNKNOWN_ERROR", results=[]), status)


def _refused(status: HTTPStatus, message: str) -> ASGIApp:
    return _answer({"error": {"code": status, "message": message, "status": _STATUSES[status]}}, status)


def _answer(body: object, status: HTTPStatus = HTTPStatus.OK) -> ASGIApp:
    return ASGIResponse(body=msgspec.json.encode(body), status_code=status, media_type="application/json")


router = Router("/google_maps", route_handlers=[validate_address, geocode])
