"""Time that nobody waits for: an event loop whose clock jumps to the next timer, and our Clock upon it.

The application asks for the time in two ways, by `ports.clock` and by `asyncio.timeout`; both go by this.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from copy import copy
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, Final

START: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
# The clock counts microseconds, the loop's floats are finer: a timer must not be early.
_RESOLUTION_SECONDS: Final = 1e-6


class EverybodyWaits(AssertionError):
    """Nothing is ready and no timer is set: what is waited for can never come."""


class _Call:
    """What asyncio asks of a handle, and no more: one is made for every step of every task."""

    __slots__ = ("_context", "_is_cancelled", "_what", "_when", "_with")

    def __init__(self, what: Callable[..., Any], given: tuple[Any, ...], context: Context | None) -> None:
        self._what = what
        self._with = given
        self._context = copy_context() if context is None else context
        self._is_cancelled = False
        self._when = 0.0

    def cancel(self) -> None:
        self._is_cancelled = True

    def cancelled(self) -> bool:
        return self._is_cancelled

    def when(self) -> float:
        return self._when

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._context.run(self._what, *self._with)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 - as asyncio does it: the loop goes on, and somebody is told
            loop.call_exception_handler({"message": f"Exception in {self._what}", "exception": error})


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is ready; when nothing is, it is at once as late as the next timer says.

    `_run_once` is a round of `run_forever`. Over calls of our own instead of asyncio's handles a seed takes a
    sixth less time; a round that asked a selector would take three times as long.
    """

    def __init__(self) -> None:
        super().__init__()
        self._seconds = 0.0
        self._calls = deque[_Call]()
        self._timers: list[tuple[float, int, _Call]] = []
        self._turns = count()

    def time(self) -> float:
        return self._seconds

    def call_soon(  # type: ignore[override]  # here and below: answers with a call of our own
        self, callback: Any, *args: Any, context: Context | None = None
    ) -> Any:
        call = _Call(callback, args, context)
        self._calls.append(call)
        return call

    # There is no other thread.
    call_soon_threadsafe = call_soon  # type: ignore[assignment]

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Any, *args: Any, context: Context | None = None
    ) -> Any:
        return self.call_at(self._seconds + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Any, *args: Any, context: Context | None = None
    ) -> Any:
        call = _Call(callback, args, context)
        call._when = when
        heappush(self._timers, (when, next(self._turns), call))
        return call

    def _run_once(self) -> None:
        calls = self._calls
        if not calls:
            self._jump()
        for _ in range(len(calls)):
            call = calls.popleft()
            if not call._is_cancelled:
                call.run(self)

    def _jump(self) -> None:
        """To the next timer that still counts; those of the same moment are ready together."""
        timers = self._timers
        while timers and timers[0][2]._is_cancelled:
            heappop(timers)
        if not timers:
            raise EverybodyWaits
        self._seconds = max(self._seconds, timers[0][0])
        while timers and timers[0][0] <= self._seconds:
            self._calls.append(heappop(timers)[2])

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
