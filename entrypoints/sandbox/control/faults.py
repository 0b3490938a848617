"""Faults over HTTP: add a rule, see what fired, take one or all away."""

from typing import Annotated

import msgspec
from litestar import Router, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from entrypoints.sandbox.dependency import TheWorld
from entrypoints.sandbox.faults import ANY, Fault, FaultKind


class NewFault(msgspec.Struct, forbid_unknown_fields=True):
    """`times` null never runs out. `delay_ms` also goes with the other kinds."""

    kind: FaultKind
    vendor: str = ANY
    operation: str = ANY
    times: Annotated[int, Meta(ge=1)] | None = 1
    probability: Annotated[float, Meta(ge=0, le=1)] = 1.0
    delay_ms: Annotated[int, Meta(ge=0)] = 0
    seed: int = 0


@post("/faults")
async def add_fault(data: JSONBody[NewFault], world: TheWorld) -> Fault:
    return world.faults.add(
        data.vendor,
        data.operation,
        data.kind,
        times=data.times,
        probability=data.probability,
        delay_ms=data.delay_ms,
        seed=data.seed,
    )


@get("/faults")
async def list_faults(world: TheWorld) -> list[Fault]:
    return list(world.faults.all())


@delete("/faults")
async def clear_faults(world: TheWorld) -> None:
    world.faults.clear()


@delete("/faults/{fault_id:str}")
async def remove_fault(fault_id: FromPath[str], world: TheWorld) -> None:
    world.faults.remove(fault_id)


router = Router("/", route_handlers=[add_fault, list_faults, clear_faults, remove_fault], tags=["Faults"])
