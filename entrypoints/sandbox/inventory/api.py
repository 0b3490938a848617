"""The inventory service over HTTP: who asks, what goes wrong today, then the answer."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeVar

import msgspec
from litestar import Litestar, Request, Router, delete, get, post
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from entrypoints.sandbox.connection import ConnectionLost, answered
from entrypoints.sandbox.dependency import TheWorld
from entrypoints.sandbox.inventory import faults
from entrypoints.sandbox.inventory.faults import InventoryFault
from entrypoints.sandbox.inventory.warehouse import Asked, Reservation, Warehouse
from entrypoints.sandbox.world import World

VENDOR: Final = "inventory"
_LONGEST_MINUTES: Final = 24 * 60

T = TypeVar("T")


class _Item(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    quantity: Annotated[int, msgspec.Meta(ge=1)]


class _Reserve(msgspec.Struct, forbid_unknown_fields=True):
    items: Annotated[list[_Item], msgspec.Meta(min_length=1)]
    reservation_duration_minutes: Annotated[int, msgspec.Meta(ge=1, le=_LONGEST_MINUTES)]
    order_id: Annotated[str, msgspec.Meta(min_length=1)]


class _Confirm(msgspec.Struct, forbid_unknown_fields=True):
    order_id: str
    reservation_id: str


class ItemShown(msgspec.Struct):
    sku: str
    quantity_reserved: int
    quantity_available: int


class ReservationShown(msgspec.Struct):
    reservation_id: str
    order_id: str
    status: str
    expires_at: datetime
    items: list[ItemShown]


class _Fault(msgspec.Struct):
    code: str
    items: list[ItemShown]


def reservation_shown(reservation: Reservation, warehouse: Warehouse) -> ReservationShown:
    return ReservationShown(
        reservation_id=reservation.id,
        order_id=reservation.order_id,
        status=reservation.status,
        expires_at=reservation.expires_at,
        items=[
            ItemShown(sku, quantity, warehouse.available(sku))
            for sku, quantity in reservation.quantities.items()
        ],
    )


@get("/products/{sku:str}/availability", include_in_schema=False)
async def availability(request: Request[Any, Any, Any], sku: FromPath[str], world: TheWorld) -> ASGIApp:
    def answer() -> object:
        return {"sku": sku, "quantity_available": world.warehouse.available(sku)}

    return await _answered(request, world, "products.availability", answer)


@post("/reservations", include_in_schema=False)
async def reserve(request: Request[Any, Any, Any], world: TheWorld) -> ASGIApp:
    body, key = await request.body(), request.headers.get("idempotency-key")

    def answer() -> object:
        asked = _decoded(body, _Reserve)
        if key is None:
            raise faults.invalid("idempotency_key_missing")
        quantities = {item.sku: item.quantity for item in asked.items}
        if len(quantities) < len(asked.items):
            raise faults.invalid()
        wanted = Asked(
            order_id=asked.order_id, quantities=quantities, minutes=asked.reservation_duration_minutes
        )
        return reservation_shown(world.warehouse.reserve(wanted, key), world.warehouse)

    return await _answered(request, world, "reservations.create", answer, HTTPStatus.CREATED)


@delete("/reservations/{reservation_id:str}", status_code=200, include_in_schema=False)
async def release(request: Request[Any, Any, Any], reservation_id: FromPath[str], world: TheWorld) -> ASGIApp:
    def answer() -> object:
        return reservation_shown(world.warehouse.release(reservation_id), world.warehouse)

    return await _answered(request, world, "reservations.delete", answer)


@post("/orders/confirm", include_in_schema=False)
async def confirm(request: Request[Any, Any, Any], world: TheWorld) -> ASGIApp:
    body = await request.body()

    def answer() -> object:
        asked = _decoded(body, _Confirm)
        confirmed = world.warehouse.confirm(asked.reservation_id, asked.order_id)
        return reservation_shown(confirmed, world.warehouse)

    return await _answered(request, world, "orders.confirm", answer)


@get("/reservations", include_in_schema=False)
async def reservations(request: Request[Any, Any, Any], world: TheWorld) -> ASGIApp:
    def answer() -> object:
        of_order = world.warehouse.of_order(request.query_params.get("order_id", ""))
        return {"reservations": [reservation_shown(known, world.warehouse) for known in of_order]}

    return await _answered(request, world, "reservations.list", answer)


async def _answered(
    request: Request[Any, Any, Any],
    world: World,
    operation: str,
    answer: Callable[[], object],
    status: HTTPStatus = HTTPStatus.OK,
) -> ASGIApp:
    if not request.headers.get("x-api-key", "").startswith("inv_"):
        return _refused(InventoryFault("api_key_invalid", HTTPStatus.UNAUTHORIZED))

    def perform() -> ASGIApp:
        try:
            return _body(answer(), status)
        except InventoryFault as fault:
            return _refused(fault)

    misfortune = await world.suffer(VENDOR, operation)
    return answered(misfortune, perform, lambda failed: _refused(InventoryFault("unwell", failed)))


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        decoded: T = msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError:
        raise faults.invalid() from None
    return decoded


def _refused(fault: InventoryFault) -> ASGIApp:
    items = [ItemShown(sku, 0, available) for sku, available in fault.available.items()]
    return _body({"error": _Fault(fault.code, items)}, fault.status)


def _body(content: object, status: HTTPStatus) -> ASGIApp:
    return ASGIResponse(body=msgspec.json.encode(content), status_code=status, media_type="application/json")


def _pass_on(_: Request[Any, Any, Any], lost: ConnectionLost) -> Any:
    """Without a socket the loss itself has to reach the caller, not a 500 about it."""
    raise lost


def inventory_app(world: World) -> Litestar:
    """The service alone, for the port that asks for certificates."""
    return Litestar(
        route_handlers=[
            Router("/api/v2", route_handlers=[availability, reserve, release, confirm, reservations])
        ],
        dependencies={"world": Provide(lambda: world, sync_to_thread=False)},
        openapi_config=OpenAPIConfig(title="Simulated inventory service", version="2"),
        exception_handlers={ConnectionLost: _pass_on},
        signature_types=[World],
        logging_config=None,
    )
