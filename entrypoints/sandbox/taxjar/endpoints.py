"""TaxJar's HTTP (API 2020-08-07), as far as taxes and transactions go."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Router, delete, get, post, put
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from entrypoints.sandbox.connection import answered
from entrypoints.sandbox.dependency import TheWorld
from entrypoints.sandbox.taxjar.account import ORDER, REFUND
from entrypoints.sandbox.taxjar.calculation import tax_for
from entrypoints.sandbox.taxjar.refusals import TaxJarRefusal
from entrypoints.sandbox.taxjar.requests import (
    TaxesWanted,
    Transaction,
    decoded,
    require_reportable,
    require_taxable,
)
from entrypoints.sandbox.world import World

VENDOR: Final = "taxjar"
_KEY: Final = "Bearer taxjar_sandbox"
_KINDS: Final = {"orders": ORDER, "refunds": REFUND}
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
AnyRequest = Request[Any, Any, Any]
Told = tuple[HTTPStatus, object]


@post("/taxes")
async def calculate(request: AnyRequest, world: TheWorld) -> ASGIApp:
    body = await request.body()

    def perform() -> Told:
        wanted = decoded(body, TaxesWanted)
        require_taxable(wanted)
        return HTTPStatus.OK, {"tax": world.taxjar.shown(tax_for(wanted))}

    return await _answer(request, world, "taxes.calculate", perform)


@get("/transactions/{kind:str}")
async def list_transactions(kind: FromPath[str], request: AnyRequest, world: TheWorld) -> ASGIApp:
    one = _KINDS.get(kind, "")

    def perform() -> Told:
        query = request.query_params
        first = query.get("from_transaction_date") or query.get("transaction_date") or "0000"
        last = query.get("to_transaction_date") or query.get("transaction_date") or "9999"
        ids = world.taxjar.ids(one, first.replace("/", "-"), last.replace("/", "-"))
        return HTTPStatus.OK, {kind: ids}

    return await _answer(request, world, f"{kind}.list", perform)


@get("/transactions/{kind:str}/{identifier:str}")
async def show_transaction(
    kind: FromPath[str], identifier: FromPath[str], request: AnyRequest, world: TheWorld
) -> ASGIApp:
    one = _KINDS.get(kind, "")
    return await _answer(
        request,
        world,
        f"{kind}.show",
        lambda: (HTTPStatus.OK, {one: world.taxjar.show(one, identifier)}),
    )


@post("/transactions/{kind:str}")
async def create_transaction(kind: FromPath[str], request: AnyRequest, world: TheWorld) -> ASGIApp:
    body, one = await request.body(), _KINDS.get(kind, "")

    def perform() -> Told:
        given = decoded(body, Transaction)
        require_reportable(given, is_refund=one == REFUND)
        return HTTPStatus.CREATED, {one: world.taxjar.create(one, given)}

    return await _answer(request, world, f"{kind}.create", perform)


@put("/transactions/{kind:str}/{identifier:str}")
async def update_transaction(
    kind: FromPath[str], identifier: FromPath[str], request: AnyRequest, world: TheWorld
) -> ASGIApp:
    body, one = await request.body(), _KINDS.get(kind, "")

    def perform() -> Told:
        given = decoded(body, Transaction)
        given.transaction_id = identifier
        require_reportable(given, is_refund=one == REFUND)
        return HTTPStatus.OK, {one: world.taxjar.update(one, given)}

    return await _answer(request, world, f"{kind}.update", perform)


@delete("/transactions/{kind:str}/{identifier:str}", status_code=200)
async def delete_transaction(
    kind: FromPath[str], identifier: FromPath[str], request: AnyRequest, world: TheWorld
) -> ASGIApp:
    one = _KINDS.get(kind, "")
    return await _answer(
        request,
        world,
        f"{kind}.delete",
        lambda: (HTTPStatus.OK, {one: world.taxjar.delete(one, identifier)}),
    )


async def _answer(request: AnyRequest, world: World, operation: str, perform: Callable[[], Told]) -> ASGIApp:
    """Checked at the door, then under whatever befalls this operation."""
    if not request.headers.get("authorization", "").startswith(_KEY):
        route = f"'{request.method} {request.url.path.removeprefix('/taxjar')}'"
        return _refused(HTTPStatus.UNAUTHORIZED, f"Not authorized for route {route}")
    if not request.headers.get("content-type", "").startswith("application/json"):
        return _refused(HTTPStatus.NOT_ACCEPTABLE, "Only application/json is taken")
    misfortune = await world.suffer(VENDOR, operation)
    return answered(misfortune, perform=lambda: _performed(perform), refuse=_failed)


def _performed(perform: Callable[[], Told]) -> ASGIApp:
    try:
        status, body = perform()
    except TaxJarRefusal as refusal:
        return _refused(refusal.status, refusal.detail)
    return ASGIResponse(body=_encode(body), status_code=status, media_type="application/json")


def _failed(status: HTTPStatus) -> ASGIApp:
    return _refused(status, status.phrase)


def _refused(status: HTTPStatus, detail: str) -> ASGIApp:
    body = _encode({"status": status.value, "error": status.phrase, "detail": detail})
    return ASGIResponse(body=body, status_code=status, media_type="application/json")


router = Router(
    "/taxjar/v2",
    route_handlers=[
        *(calculate, list_transactions, show_transaction),
        *(create_transaction, update_transaction, delete_transaction),
    ],
    include_in_schema=False,
)
