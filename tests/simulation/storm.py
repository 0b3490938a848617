"""One seed from its first shopper to its last cent: a storm of faults, then quiet, then the invariants."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Final

from domain.shop import CaptureMethod, ShopRules
from tests.simulation.faults import Fault, SeededFaults
from tests.simulation.goods import shelves, stock_up
from tests.simulation.invariants import violations
from tests.simulation.operators import Banks, Operator
from tests.simulation.shoppers import Shopper
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.world import World

_STORM_SECONDS: Final = (1_200.0, 6_000.0)
_LOOKS_SECONDS: Final = 120.0
# What has not settled itself by then needs a person, and must have told so.
_QUIET_AT_MOST_SECONDS: Final = 6 * 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a seed. `violations` by invariant; `history` line by line."""

    seed: int
    violations: dict[str, list[str]]
    fired: Counter[tuple[Fault, str]]
    orders: int
    world: World


def play(seed: int) -> Played:
    """Plays the whole seed; the same one always in the same way."""
    random = Random(seed)
    loop = VirtualLoop()
    storm_seconds = random.uniform(*_STORM_SECONDS)
    faults = SeededFaults(random, storm_seconds)
    rules = ShopRules(capture_method=random.choice((*CaptureMethod, CaptureMethod.MANUAL)))
    try:
        world = World(loop, seed, faults, rules)
        loop.run_until_complete(_weather(world, faults, random, storm_seconds))
    finally:
        loop.close()
    return Played(
        seed=seed,
        violations=violations(world),
        fired=faults.fired,
        orders=len(world.storage.orders),
        world=world,
    )


async def _weather(world: World, faults: SeededFaults, random: Random, storm_seconds: float) -> None:
    await stock_up(world, shelves(last_pieces=random.randint(1, 3)))
    world.start()
    comes_within = storm_seconds * 0.8
    shoppers = [
        Shopper(f"shopper-{n}", world, Random(random.random()), comes_within)
        for n in range(1, random.randint(3, 6) + 1)
    ]
    operators = [Operator(f"operator-{n}", world, Random(random.random()), storm_seconds) for n in (1, 2)]
    banks = Banks(world, Random(random.random()), storm_seconds)
    world.clients = [*shoppers, *operators]
    for story in (*(s.shops() for s in shoppers), *(o.works() for o in operators), banks.work()):
        world.begin(story)
    await asyncio.sleep(storm_seconds)
    faults.stop()
    world.history("weather", "quiet: no more faults")
    await _quiet(world, banks)
    await world.close()


async def _quiet(world: World, banks: Banks) -> None:
    """Until all is settled, or for as long as a person would wait for it."""
    until = world.seconds + _QUIET_AT_MOST_SECONDS
    while world.seconds < until:
        banks.settle_everything()
        world.replay_what_is_parked()
        await asyncio.sleep(_LOOKS_SECONDS)
        if world.is_quiet:
            return
