"""One run of a world, from the first moment to the last cent: whatever happens in it, then the invariants."""

import gc
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from domain.shop import ShopRules, StockKeeper
from tests.simulation.faults import Fault, Faults
from tests.simulation.invariants import violations
from tests.simulation.operators import Banks, Operator
from tests.simulation.virtual_time import VirtualLoop
from tests.simulation.world import World

_LOOKS_SECONDS: Final = 120.0
# What has not settled itself by then needs a person, and must have told so.
_QUIET_AT_MOST_SECONDS: Final = 6 * 3_600.0
_BANKS_ARE_DONE_BEFORE_SECONDS: Final = 3 * 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a run. `violations` by invariant."""

    seed: int
    violations: dict[str, list[str]]
    fired: Counter[tuple[Fault, str]]
    world: World

    @property
    def checkouts(self) -> int:
        """Whether or not an order came of them."""
        return len(self.world.storage.checkouts)

    @property
    def history(self) -> Iterator[str]:
        return self.world.history.lines()


def played(
    seed: int,
    faults: Faults,
    rules: ShopRules,
    story: Callable[[World], Awaitable[None]],
    *,
    stock_keeper: StockKeeper = StockKeeper.BUILT_IN,
    tells_later: bool = False,
) -> Played:
    """A new world, in which the story happens."""
    loop = VirtualLoop()
    gc.disable()  # a world lives for milliseconds, and is one large piece of garbage afterwards

    async def whole() -> World:
        world = World(loop, seed, faults, rules, stock_keeper, tells_later=tells_later)
        await story(world)
        await world.close()
        return world

    try:
        world = loop.run_until_complete(whole())
    finally:
        loop.close()
        gc.enable()
    return Played(seed=seed, violations=violations(world), fired=faults.fired, world=world)


async def quiet(world: World, banks: Banks, operator: Operator) -> None:
    """Until all is settled, or for as long as a person would wait for it; reconciled on the way, or not."""
    is_reconciled = not world.is_reconciled
    until = world.seconds + _QUIET_AT_MOST_SECONDS
    while world.seconds < until:
        banks.settle_payments(at_the_latest=world.seconds > until - _BANKS_ARE_DONE_BEFORE_SECONDS)
        await operator.replays_what_is_parked()
        await world.sleep(_LOOKS_SECONDS)
        if world.is_quiet and is_reconciled:
            return
        if world.is_quiet:
            await operator.reconciles()
            is_reconciled = True
