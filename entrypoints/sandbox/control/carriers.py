"""The carriers over HTTP: what they were asked, dearer or cheaper from now on, out of their mind, and tokens
that are worth nothing any more.
"""

from typing import Annotated, Literal

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from entrypoints.sandbox.carriers import Carrier
from entrypoints.sandbox.dependency import TheWorld

Vendor = Literal["fedex", "ups", "usps"]


class CarrierView(msgspec.Struct):
    """`calls` counts what it was asked, by operation, since the last reset."""

    percent: int
    absurd: bool
    calls: dict[str, int]


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays. `percent` is of the usual prices."""

    percent: Annotated[int, Meta(ge=1, le=1_000)] | None = None
    absurd: bool | None = None


@get("/carriers")
async def read_carriers(world: TheWorld) -> dict[str, CarrierView]:
    return {vendor: _view(carrier) for vendor, carrier in world.carriers.items()}


@post("/carriers/{vendor:str}", status_code=200)
async def change_carrier(vendor: FromPath[Vendor], data: JSONBody[Change], world: TheWorld) -> CarrierView:
    carrier = world.carriers[vendor]
    carrier.percent = carrier.percent if data.percent is None else data.percent
    carrier.absurd = carrier.absurd if data.absurd is None else data.absurd
    return _view(carrier)


@post("/carriers/{vendor:str}/revoke_tokens", status_code=204)
async def revoke_tokens(vendor: FromPath[Vendor], world: TheWorld) -> None:
    world.carriers[vendor].revoke()


def _view(carrier: Carrier) -> CarrierView:
    return CarrierView(percent=carrier.percent, absurd=carrier.absurd, calls=dict(carrier.calls))


router = Router("/", route_handlers=[read_carriers, change_carrier, revoke_tokens], tags=["Carriers"])
