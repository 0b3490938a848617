"""The mailbox over HTTP."""

from litestar import Router, delete, get, post
from litestar.params import FromPath, FromQuery

from entrypoints.sandbox.dependency import TheWorld
from entrypoints.sandbox.mailbox import Letter


@get("/mailbox")
async def read_mailbox(world: TheWorld, to: FromQuery[str | None] = None) -> list[Letter]:
    return list(world.mailbox.letters(to))


@delete("/mailbox")
async def clear_mailbox(world: TheWorld) -> None:
    world.mailbox.clear()


@post("/mailbox/refused/{address:str}", status_code=204)
async def refuse_address(address: FromPath[str], world: TheWorld) -> None:
    """From now on every letter to this address is refused for good."""
    world.mailbox.refuse(address)


@delete("/mailbox/refused/{address:str}")
async def accept_address(address: FromPath[str], world: TheWorld) -> None:
    world.mailbox.accept(address)


router = Router(
    "/", route_handlers=[read_mailbox, clear_mailbox, refuse_address, accept_address], tags=["Mailbox"]
)
