"""Timers that ring a little late, or not at all."""

import asyncio
from contextvars import ContextVar

from entrypoints.http.coarse_timers import CoarseTimers

REQUEST: ContextVar[str] = ContextVar("request", default="none")


async def rung_within(seconds: float, rung: asyncio.Event) -> bool:
    try:
        await asyncio.wait_for(rung.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def test_a_timer_rings_not_before_its_time_and_at_most_a_tick_late() -> None:
    rung, loop = asyncio.Event(), asyncio.get_running_loop()
    began = loop.time()
    CoarseTimers().call_later(0.2, rung.set)
    assert await rung_within(5, rung)
    assert loop.time() - began >= 0.2


async def test_a_cancelled_timer_does_not_ring() -> None:
    timers, cancelled, later = CoarseTimers(), asyncio.Event(), asyncio.Event()
    timer = timers.call_later(0.1, cancelled.set)
    timers.call_later(0.1, later.set)
    timer.cancel()
    timer.cancel()
    assert await rung_within(5, later)
    assert not cancelled.is_set()


async def test_a_timer_that_is_set_when_all_have_rung_rings_too() -> None:
    timers, first, second = CoarseTimers(), asyncio.Event(), asyncio.Event()
    timers.call_later(0, first.set)
    assert await rung_within(5, first)
    timers.call_later(0, second.set)
    assert await rung_within(5, second)


async def test_one_that_sets_the_next_while_it_rings_is_followed_by_it() -> None:
    timers, second = CoarseTimers(), asyncio.Event()
    timers.call_later(0, lambda: timers.call_later(0, second.set))
    assert await rung_within(5, second)


async def test_one_that_fails_takes_no_other_with_it() -> None:
    timers, other, told = CoarseTimers(), asyncio.Event(), asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: told.set())
    timers.call_later(0, [].pop)
    timers.call_later(0, other.set)
    assert await rung_within(5, other)
    assert told.is_set()


async def test_a_timer_rings_in_the_context_that_it_was_set_in() -> None:
    timers, heard, rung = CoarseTimers(), list[str](), asyncio.Event()

    async def request(name: str) -> None:
        REQUEST.set(name)
        timers.call_later(0.1, lambda: heard.append(REQUEST.get()))

    for name in ("first", "second"):
        await asyncio.create_task(request(name))
    timers.call_later(0.2, lambda: asyncio.get_running_loop().call_soon(rung.set))
    assert await rung_within(5, rung)
    assert heard == ["first", "second"]
