"""TaxJar over HTTP, from behind: what is in its books, and how they and its answers go wrong."""

from typing import Annotated, Any

import msgspec
from litestar import Router, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from entrypoints.sandbox.dependency import TheWorld
from entrypoints.sandbox.taxjar.distortions import Distortion


class Nonsense(msgspec.Struct, forbid_unknown_fields=True):
    """`way` null: answers are right again. `times` null never runs out."""

    way: Distortion | None
    times: Annotated[int, Meta(ge=1)] | None = 1


class Falsification(msgspec.Struct, forbid_unknown_fields=True):
    sales_tax: str


@get("/taxjar/transactions")
async def read_transactions(world: TheWorld) -> list[dict[str, Any]]:
    return list(world.taxjar.transactions.values())


@post("/taxjar/nonsense", status_code=204)
async def answer_nonsense(data: JSONBody[Nonsense], world: TheWorld) -> None:
    world.taxjar.distort(data.way, data.times)


@get("/taxjar/nonsense")
async def read_nonsense(world: TheWorld) -> dict[Distortion, int]:
    """How often which was told since the last reset."""
    return dict(world.taxjar.nonsense_told)


@post("/taxjar/transactions/{identifier:str}/falsify", status_code=204)
async def falsify_transaction(
    identifier: FromPath[str], data: JSONBody[Falsification], world: TheWorld
) -> None:
    world.taxjar.falsify(identifier, data.sales_tax)


@delete("/taxjar/transactions/{identifier:str}")
async def lose_transaction(identifier: FromPath[str], world: TheWorld) -> None:
    world.taxjar.lose(identifier)


router = Router(
    "/",
    route_handlers=[
        *(read_transactions, answer_nonsense, read_nonsense, falsify_transaction, lose_transaction)
    ],
    tags=["TaxJar"],
)
