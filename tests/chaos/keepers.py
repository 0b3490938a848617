"""Who keeps the goods of new orders: our own stock and the inventory service in turns, as an operator would
turn the flag in an open shop. Each order stays with the keeper that it was placed with.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from pathlib import Path
from typing import Final

_TURN_SECONDS: Final = 5.0


class Keeper(Enum):
    """By the name that an order's agreement has for it."""

    OWN = "built_in"
    SERVICE = "service"


@asynccontextmanager
async def keepers_in_turns(flags: Path, seed: int) -> AsyncIterator[None]:
    """Until the block is left; every process follows the file within a second."""
    turning = asyncio.create_task(_turn_on(flags, random.Random(f"{seed}/keepers")))
    try:
        yield
    finally:
        turning.cancel()


async def _turn_on(flags: Path, dice: random.Random) -> None:
    while True:
        for keeper in (Keeper.OWN, Keeper.SERVICE):
            await asyncio.sleep(_TURN_SECONDS * dice.uniform(0.6, 1.4))
            turn_to(keeper, flags)


def turn_to(keeper: Keeper, flags: Path) -> None:
    """Written beside it, then renamed over it: nobody reads half a file."""
    beside = flags.with_suffix(".new")
    beside.write_text(f'inventory_service = "{"on" if keeper is Keeper.SERVICE else "off"}"\n')
    beside.replace(flags)
