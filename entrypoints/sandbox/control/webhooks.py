"""Webhook deliveries over HTTP: watch them, await quiet, make them late, double, shuffled, held or lost."""

from typing import Annotated

import msgspec
from litestar import Router, get, post, put
from litestar.params import FromQuery, JSONBody
from msgspec import Meta

from entrypoints.sandbox.deliveries import Delivery, DeliveryState, Mischief
from entrypoints.sandbox.dependency import TheWorld


class DeliveryView(msgspec.Struct):
    vendor: str
    event_id: str
    event_type: str
    url: str
    state: DeliveryState
    attempts: int
    last_result: str | None


class NewMischief(msgspec.Struct, forbid_unknown_fields=True):
    """For every message from now on. `hold` keeps them back until `release`."""

    delay_ms: Annotated[int, Meta(ge=0)] = 0
    shuffle_ms: Annotated[int, Meta(ge=0)] = 0
    copies: Annotated[int, Meta(ge=1, le=10)] = 1
    drop: bool = False
    hold: bool = False


class Release(msgspec.Struct, forbid_unknown_fields=True):
    reverse: bool = False


class Released(msgspec.Struct):
    messages: int


class Quiet(msgspec.Struct):
    quiet: bool
    pending: int


@get("/webhooks")
async def list_deliveries(world: TheWorld) -> list[DeliveryView]:
    return [_view(delivery) for delivery in world.deliveries.log]


@put("/webhooks/mischief")
async def set_mischief(data: JSONBody[NewMischief], world: TheWorld) -> Mischief:
    world.deliveries.mischief = Mischief(
        delay_ms=data.delay_ms, shuffle_ms=data.shuffle_ms, copies=data.copies, drop=data.drop, hold=data.hold
    )
    return world.deliveries.mischief


@post("/webhooks/release")
async def release(data: JSONBody[Release], world: TheWorld) -> Released:
    return Released(messages=world.deliveries.release(reverse=data.reverse))


@get("/webhooks/quiet")
async def await_quiet(world: TheWorld, timeout_ms: FromQuery[int] = 5_000) -> Quiet:
    """Answers as soon as no delivery is under way, or when the time is up."""
    quiet = await world.deliveries.quiet(timeout_ms / 1000)
    return Quiet(quiet=quiet, pending=world.deliveries.pending)


def _view(delivery: Delivery) -> DeliveryView:
    return DeliveryView(
        vendor=delivery.message.vendor,
        event_id=delivery.message.event_id,
        event_type=delivery.message.event_type,
        url=delivery.message.url,
        state=delivery.state,
        attempts=delivery.attempts,
        last_result=delivery.last_result,
    )


router = Router("/", route_handlers=[list_deliveries, set_mischief, release, await_quiet], tags=["Webhooks"])
