"""The ground that the simulation stands on: time that jumps, and processes that are gone when they die."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest

from domain.shop import ShopRules
from tests.simulation.faults import Fault, NoFaults, Place
from tests.simulation.goods import MUG, TEA, stock_up
from tests.simulation.playing import played
from tests.simulation.process import ConnectionLost, Process
from tests.simulation.virtual_time import EverybodyWaits, SimulatedClock, VirtualLoop
from tests.simulation.world import World


def in_virtual_time(story: Coroutine[Any, Any, None]) -> VirtualLoop:
    loop = VirtualLoop()
    try:
        loop.run_until_complete(story)
    finally:
        loop.close()
    return loop


def test_an_hour_passes_at_once_for_the_loop_and_for_the_clock() -> None:
    loop = VirtualLoop()
    clock = SimulatedClock(loop, seed=1)
    before = clock.now()
    loop.run_until_complete(clock.sleep(3_600))
    loop.close()
    assert clock.now() - before == timedelta(hours=1)


def test_deadlines_pass_on_virtual_time() -> None:
    async def story() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(20):
                await asyncio.sleep(3_600)

    assert in_virtual_time(story()).time() == 20


def test_waiting_for_what_can_never_come_is_noticed() -> None:
    async def story() -> None:
        await asyncio.Event().wait()

    with pytest.raises(EverybodyWaits):
        in_virtual_time(story())


def test_clocks_differ_and_ids_do_not_repeat() -> None:
    loop = VirtualLoop()
    clock = SimulatedClock(loop, seed=1)
    fast = clock.off_by(2)
    assert fast.now() - clock.now() == timedelta(seconds=2)
    assert len({clock.new_id("a"), fast.new_id("a"), clock.new_id("a")}) == 3
    loop.close()


class DiesAtTheFirstCommit(NoFaults):
    def at(self, place: Place, call: str) -> Fault | None:
        if place is not Place.COMMIT or self.fired:
            return None
        self.fired[Fault.CRASH_BEFORE, call] += 1
        return Fault.CRASH_BEFORE


def test_a_process_that_dies_has_no_effect_any_more_and_is_replaced() -> None:
    async def story(world: World) -> None:
        await stock_up(world, {TEA: 1, MUG: 1})
        process = Process("api-1", world)
        world._processes["api-1"] = process
        answers = await asyncio.gather(
            process.serve("first", lambda app: app.receive_stock(TEA, 5)),
            process.serve("second", lambda app: app.receive_stock(MUG, 5)),
            return_exceptions=True,
        )
        assert [type(answer) for answer in answers] == [ConnectionLost, ConnectionLost]
        with pytest.raises(ConnectionLost):
            await process.serve("third", lambda app: app.receive_stock(TEA, 5))
        replacement = await world.api()
        assert replacement is not process
        assert (await replacement.serve("fourth", lambda app: app.receive_stock(TEA, 2))) is not None

    ended = played(1, DiesAtTheFirstCommit(), ShopRules(), story)
    assert {sku: level.received for sku, level in ended.world.storage.stock.items()} == {TEA: 3, MUG: 1}
    assert ended.violations == {}
