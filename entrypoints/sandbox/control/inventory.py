"""What happens at the inventory service unasked: goods arrive, memory is lost, certificates are changed."""

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, JSONBody

from entrypoints.sandbox.dependency import TheWorld
from entrypoints.sandbox.inventory.api import ReservationShown, reservation_shown


class Delivery(msgspec.Struct, forbid_unknown_fields=True):
    """A negative number of pieces is gone."""

    pieces: int


class ShelfShown(msgspec.Struct):
    sku: str
    received: int
    reserved: int
    sold: int
    available: int


class WarehouseShown(msgspec.Struct):
    shelves: list[ShelfShown]
    reservations: list[ReservationShown]


@get("/")
async def read_warehouse(world: TheWorld) -> WarehouseShown:
    warehouse = world.warehouse
    return WarehouseShown(
        shelves=[
            ShelfShown(sku, shelf.received, warehouse.reserved(sku), shelf.sold, warehouse.available(sku))
            for sku, shelf in warehouse.shelves.items()
        ],
        reservations=[reservation_shown(known, warehouse) for known in warehouse.reservations.values()],
    )


@post("/products/{sku:str}/receive", status_code=204)
async def receive(sku: FromPath[str], data: JSONBody[Delivery], world: TheWorld) -> None:
    world.warehouse.receive(sku, data.pieces)


@post("/reservations/{reservation_id:str}/forget", status_code=204)
async def forget(reservation_id: FromPath[str], world: TheWorld) -> None:
    world.warehouse.forget(reservation_id)


@post("/certificates/renew", status_code=204)
async def renew_certificates(world: TheWorld) -> None:
    """The client's files are new; those of before are still good."""
    if world.front_door is not None:
        world.front_door.renew()


@post("/certificates/retire", status_code=204)
async def retire_certificates(world: TheWorld) -> None:
    """Those of before the last renewal are good no more."""
    if world.front_door is not None:
        world.front_door.retire()


router = Router(
    "/inventory",
    route_handlers=[read_warehouse, receive, forget, renew_certificates, retire_certificates],
    tags=["Inventory"],
)
