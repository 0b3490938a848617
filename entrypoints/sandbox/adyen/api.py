"""Checkout v71 over HTTP: who asks, under which key, what goes wrong today, then the answer."""

import asyncio
import hashlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Router, post
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from entrypoints.sandbox.adyen.account import AdyenAccount, ServiceError
from entrypoints.sandbox.adyen.models import (
    Details,
    Modification,
    NewModification,
    NewPayment,
    Operation,
    Payment,
    StoredAnswer,
)
from entrypoints.sandbox.connection import answered
from entrypoints.sandbox.dependency import TheWorld
from entrypoints.sandbox.world import World

VENDOR: Final = "adyen"
# A modification is carried out so long after it was received.
_LATER_SECONDS: Final = 0.02
T = TypeVar("T")


@post("/payments", status_code=200, include_in_schema=False)
async def pay(request: Request[Any, Any, Any], world: TheWorld) -> ASGIApp:
    def answer(body: bytes) -> object:
        return _shown(world, world.adyen.pay(_read(body, NewPayment)))

    return await _answered(request, world, "payments.create", answer)


@post("/payments/details", status_code=200, include_in_schema=False)
async def complete(request: Request[Any, Any, Any], world: TheWorld) -> ASGIApp:
    def answer(body: bytes) -> object:
        return _shown(world, world.adyen.details(_read(body, Details).details))

    return await _answered(request, world, "payments.details", answer)


@post("/payments/{psp_reference:str}/{operation:str}", status_code=201, include_in_schema=False)
async def modify(
    request: Request[Any, Any, Any],
    psp_reference: FromPath[str],
    operation: FromPath[Operation],
    world: TheWorld,
) -> ASGIApp:
    def answer(body: bytes) -> object:
        asked = _read(body, NewModification)
        modification = world.adyen.modify(psp_reference, operation, asked)
        if not world.adyen.holds_modifications:
            _soon(world.adyen)
        return _received(modification, asked.merchant_account)

    return await _answered(request, world, f"payments.{operation}", answer, HTTPStatus.CREATED)


def _soon(account: AdyenAccount) -> None:
    """Without a loop's help: what waits by then is carried out in its order."""
    asyncio.get_running_loop().call_later(_LATER_SECONDS, account.carry_out)


def _shown(world: World, payment: Payment) -> dict[str, object]:
    shown: dict[str, object] = {
        "pspReference": payment.psp_reference,
        "resultCode": payment.result.code,
        "merchantReference": payment.asked.reference,
    }
    if payment.result.refusal_code is not None:
        shown |= {"refusalReason": payment.result.refusal, "refusalReasonCode": payment.result.refusal_code}
    if payment.result.code == "Authorised":
        shown["amount"] = payment.asked.amount
    if payment.result.code == "RedirectShopper":
        url = f"{world.settings.public_url}/adyen/redirect/{payment.psp_reference}"
        kind = payment.asked.payment_method.get("type", "scheme")
        shown["action"] = {"type": "redirect", "method": "GET", "url": url, "paymentMethodType": kind}
    return shown


def _received(modification: Modification, merchant_account: str) -> dict[str, object]:
    shown: dict[str, object] = {
        "merchantAccount": merchant_account,
        "paymentPspReference": modification.payment.psp_reference,
        "pspReference": modification.psp_reference,
        "status": "received",
    }
    if modification.reference is not None:
        shown["reference"] = modification.reference
    if modification.operation is not Operation.CANCEL:
        shown["amount"] = modification.amount
    return shown


async def _answered(
    request: Request[Any, Any, Any],
    world: World,
    operation: str,
    answer: Callable[[bytes], object],
    status: HTTPStatus = HTTPStatus.OK,
) -> ASGIApp:
    body = await request.body()
    if not request.headers.get("x-api-key"):
        return _error(ServiceError(401, "000", "HTTP Status Response - Unauthorized", "security"))
    key = request.headers.get("idempotency-key")
    fingerprint = hashlib.sha256(request.url.path.encode() + b"\0" + body).digest()

    def perform() -> ASGIApp:
        """The first answer to a key is kept, whatever becomes of it on its way."""
        kept = world.adyen_keys.get(key) if key else None
        if kept is None:
            kept = _performed(lambda: answer(body), status, fingerprint)
            if key:
                world.adyen_keys[key] = kept
        elif kept.fingerprint != fingerprint:
            return _error(ServiceError(422, "704", "request already processed or in progress"))
        return ASGIResponse(body=kept.body, status_code=kept.status, media_type="application/json")

    misfortune = await world.suffer(VENDOR, operation)
    return answered(misfortune, perform, _unwell)


def _performed(answer: Callable[[], object], status: HTTPStatus, fingerprint: bytes) -> StoredAnswer:
    try:
        return StoredAnswer(fingerprint=fingerprint, status=status, body=msgspec.json.encode(answer()))
    except ServiceError as error:
        return StoredAnswer(fingerprint=fingerprint, status=error.status, body=_body(error))


def _unwell(status: HTTPStatus) -> ASGIApp:
    """A failure that Adyen says is transient, so that it isn't kept under the key."""
    error = ServiceError(status, "905_1", "Could not find an acquirer account", "internal")
    return ASGIResponse(
        body=_body(error),
        status_code=status,
        media_type="application/json",
        headers={"transient-error": "true"},
    )


def _error(error: ServiceError) -> ASGIApp:
    return ASGIResponse(body=_body(error), status_code=error.status, media_type="application/json")


def _body(error: ServiceError) -> bytes:
    return msgspec.json.encode(
        {
            "status": error.status,
            "errorCode": error.code,
            "message": error.message,
            "errorType": error.kind,
        }
    )


def _read(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError:
        raise ServiceError(400, "702", "Unexpected input") from None


router = Router("/adyen/v71", route_handlers=[pay, complete, modify])
