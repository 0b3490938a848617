"""The mailbox over HTTP."""

from litestar import Router, delete, get
from litestar.params import FromQuery

from entrypoints.sandbox.dependency import TheWorld
from entrypoints.sandbox.mailbox import Letter


@get("/mailbox")
async def read_mailbox(world: TheWorld, to: FromQuery[str | None] = None) -> list[Letter]:
    return list(world.mailbox.letters(to))


@delete("/mailbox")
async def clear_mailbox(world: TheWorld) -> None:
    world.mailbox.clear()


router = Router("/", route_handlers=[read_mailbox, clear_mailbox], tags=["Mailbox"])
