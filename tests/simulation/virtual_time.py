"""Time that nobody waits for: an event loop whose clock jumps to the next timer, and our Clock upon it.

The application asks for the time in two ways, by `ports.clock` and by `asyncio.timeout`; both go by this.
"""

import asyncio
from collections import deque
from copy import copy
from datetime import UTC, datetime, timedelta
from heapq import heappop
from itertools import count
from random import Random
from typing import Final

START: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
# The clock counts microseconds, the loop's floats are finer: a timer must not be early.
_RESOLUTION_SECONDS: Final = 1e-6


class EverybodyWaits(AssertionError):
    """Nothing is ready and no timer is set: what is waited for can never come."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is ready; when nothing is, it is at once as late as the next timer says.

    It stands on private parts of `BaseEventLoop`: `_run_once` is a round of `run_forever`, over `_ready` and
    the heap `_scheduled`. A plain round takes a third of the time of one that asks a selector.
    """

    def __init__(self) -> None:
        super().__init__()
        self._seconds = 0.0
        self._ready: deque[asyncio.Handle]
        self._scheduled: list[asyncio.TimerHandle]

    def time(self) -> float:
        return self._seconds

    def _run_once(self) -> None:
        ready = self._ready
        if not ready:
            self._jump()
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()

    def _jump(self) -> None:
        """To the next timer that still counts; those of the same moment are ready together."""
        timers = self._scheduled
        while timers and timers[0].cancelled():
            heappop(timers)
        if not timers:
            raise EverybodyWaits
        self._seconds = max(self._seconds, timers[0].when())
        while timers and timers[0].when() <= self._seconds:
            self._ready.append(heappop(timers))

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is left where it is until its time comes."""

    def _write_to_self(self) -> None:
        """There is no other thread that would have to wake this one."""


class SimulatedClock:
    """Implements `ports.clock.Clock`. Ids are short, so that a history can be read; they sort as they were
    made.
    """

    def __init__(self, loop: VirtualLoop, seed: int) -> None:
        self._loop = loop
        self._random = Random(seed)
        self._ids = count(1)
        self._started_at = START

    def off_by(self, seconds: float) -> "SimulatedClock":
        """One that goes fast or slow by so much; ids and randomness are the same."""
        other = copy(self)
        other._started_at = START + timedelta(seconds=seconds)
        return other

    def now(self) -> datetime:
        return self._started_at + timedelta(seconds=self._loop.time())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_{next(self._ids):06d}"

    def random_fraction(self) -> float:
        return self._random.random()

    def new_secret(self) -> str:
        return f"{self._random.getrandbits(192):048x}"


def seconds_until(moment: datetime, loop: asyncio.AbstractEventLoop) -> float:
    """How long it takes until the clock says at least this; zero once it does."""
    return max(0.0, (moment - START).total_seconds() - loop.time() + 2 * _RESOLUTION_SECONDS)
