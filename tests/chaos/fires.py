"""What is killed when, as the seed has it; each fire is put out by starting the victims again."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from tests.chaos.fleet import APIS, POSTGRES, VALKEY, WORKERS, Fleet

Say = Callable[[str], None]
_LOOKS_AGAIN_SECONDS: Final = 0.02
_SERVES_WITHIN_SECONDS: Final = 20.0

# Who dies together, and for how many seconds each is gone. The last one starts an API without a database.
_FIRES: Final[tuple[Mapping[str, float], ...]] = (
    {APIS[0]: 1.0},
    {POSTGRES: 1.5},
    {WORKERS[0]: 1.0},
    {VALKEY: 2.0},
    dict.fromkeys(APIS, 0.5),
    dict.fromkeys(WORKERS, 1.0),
    {POSTGRES: 0.0},
    {VALKEY: 1.0, WORKERS[1]: 0.0},
    {POSTGRES: 5.0, APIS[1]: 0.0, WORKERS[0]: 0.0},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """Planned: `at` seconds after the fires begin."""

    at: float
    down_seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """It happened. `killed_at` is the wall clock's, the seconds are the monotonic clock's."""

    victims: tuple[str, ...]
    killed_at: datetime
    killed_at_seconds: float


def planned(seed: int, duration_seconds: float) -> list[Fire]:
    """Every fire once, in an order and at moments that the seed decides."""
    dice = random.Random(f"{seed}/fires")
    order = list(_FIRES)
    dice.shuffle(order)
    slot = duration_seconds / len(order)
    return [
        Fire(at=slot * (number + dice.uniform(0.05, 0.3)), down_seconds=down_seconds)
        for number, down_seconds in enumerate(order)
    ]


async def burn(fleet: Fleet, fires: Sequence[Fire], duration_seconds: float, say: Say) -> list[Kill]:
    """Lights one fire after another; returns when the time is over and everybody is up again.

    Who is still down from an earlier fire has to be up before it can die again.
    """
    began = time.monotonic()
    kills: list[Kill] = []
    standing = defaultdict[str, asyncio.Lock](asyncio.Lock)
    async with asyncio.TaskGroup() as put_out:
        for fire in fires:
            await asyncio.sleep(max(0.0, began + fire.at - time.monotonic()))
            for name in fire.down_seconds:
                await standing[name].acquire()
            kills.append(await _kill(fleet, tuple(fire.down_seconds), say))
            for name, down_seconds in fire.down_seconds.items():
                put_out.create_task(_revive(fleet, name, down_seconds, standing[name], say))
        await asyncio.sleep(max(0.0, began + duration_seconds - time.monotonic()))
    return kills


async def _kill(fleet: Fleet, victims: tuple[str, ...], say: Say) -> Kill:
    kill = Kill(victims=victims, killed_at=datetime.now(UTC), killed_at_seconds=time.monotonic())
    for name in victims:
        await asyncio.to_thread(fleet.kill, name)
    say(f"SIGKILL  {' and '.join(victims)}")
    return kill


async def _revive(fleet: Fleet, name: str, down_seconds: float, standing: asyncio.Lock, say: Say) -> None:
    killed = time.monotonic()
    await asyncio.sleep(down_seconds)
    await asyncio.to_thread(fleet.revive, name)
    how = "up again" if await _serves_again(fleet, name) else "not up"
    say(f"{how:<8} {name}, {time.monotonic() - killed:.1f} s after the kill")
    standing.release()


async def _serves_again(fleet: Fleet, name: str) -> bool:
    """Servers answer when `revive` returns, workers listen to nobody; only an API process is waited for."""
    give_up_at = time.monotonic() + _SERVES_WITHIN_SECONDS
    while name in APIS and not fleet.serves(name):
        if time.monotonic() > give_up_at:
            return False
        await asyncio.sleep(_LOOKS_AGAIN_SECONDS)
    return True
