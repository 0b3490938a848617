"""Time that nobody waits for: an event loop whose clock jumps to the next timer, and our Clock upon it.

The application asks for the time in two ways, by `ports.clock` and by `asyncio.timeout`; both go by this.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine
from contextvars import Context, copy_context
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from math import inf
from random import Random
from typing import Any, Final, TypeVar

T = TypeVar("T")
START: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
# The clock counts microseconds, the loop's floats are finer: a timer must not be early.
_RESOLUTION_SECONDS: Final = 1e-6


class EverybodyWaits(AssertionError):
    """Nothing is ready and no timer is set: what is waited for can never come."""


class _Call(partial[Any]):
    """What asyncio asks of a handle, and no more. One is made for every step of every task: without a line of
    Python, this way.
    """

    is_cancelled = False
    at_seconds = 0.0

    def cancel(self) -> None:
        self.is_cancelled = True

    def cancelled(self) -> bool:
        return self.is_cancelled

    def when(self) -> float:
        return self.at_seconds


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is ready; when nothing is, it is at once as late as the next timer says.

    What asyncio does for sockets, threads and debugging is left out of the calls that are made most: a seed
    takes half the time, and a round that asked a selector would take three times as long.
    """

    # Asked for each future that is made.
    get_debug = staticmethod(bool)
    _stopping: bool

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self._calls = deque[_Call]()
        # What happens then: a call, or somebody who slept wakes up.
        self._timers: list[tuple[float, int, _Call | asyncio.Future[None]]] = []
        self._turns = count()
        self._awake: asyncio.Future[None] = asyncio.Future(loop=self)
        self._awake.set_result(None)

    def time(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> asyncio.Future[None]:
        """To be awaited. Where nothing can happen before, it is over at once and suspends nobody."""
        wakes_at = self.seconds + seconds
        if not self._calls and self._next_at() > wakes_at:
            self.seconds = wakes_at
            return self._awake
        wakes: asyncio.Future[None] = asyncio.Future(loop=self)
        heappush(self._timers, (wakes_at, next(self._turns), wakes))
        return wakes

    def create_task(  # type: ignore[override]
        self, coro: Coroutine[Any, Any, T], *, name: str = "", context: Context | None = None
    ) -> asyncio.Task[T]:
        """Nobody asks for its name."""
        return asyncio.Task(coro, loop=self, name=name, context=context)

    def call_soon(  # type: ignore[override]  # here and below: answers with a call of our own
        self, callback: Any, *args: Any, context: Context | None = None
    ) -> Any:
        call = _Call((copy_context() if context is None else context).run, callback, *args)
        self._calls.append(call)
        return call

    # There is no other thread.
    call_soon_threadsafe = call_soon  # type: ignore[assignment]

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Any, *args: Any, context: Context | None = None
    ) -> Any:
        return self.call_at(self.seconds + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Any, *args: Any, context: Context | None = None
    ) -> Any:
        call = _Call((copy_context() if context is None else context).run, callback, *args)
        call.at_seconds = when
        heappush(self._timers, (when, next(self._turns), call))
        return call

    def _run_once(self) -> None:
        """As many rounds of `run_forever` as there are."""
        calls = self._calls
        while not self._stopping:
            if not calls:
                self._jump()
            for _ in range(len(calls)):
                call = calls.popleft()
                if not call.is_cancelled:
                    try:
                        call()
                    except (SystemExit, KeyboardInterrupt):
                        raise
                    except BaseException as error:  # noqa: BLE001 - as asyncio does it: the loop goes on
                        self.call_exception_handler({"message": f"Exception in {call}", "exception": error})

    def _next_at(self) -> float:
        """The moment of the next timer that still counts."""
        timers = self._timers
        while timers and timers[0][2].cancelled():
            heappop(timers)
        return timers[0][0] if timers else inf

    def _jump(self) -> None:
        """To the next timer; those of the same moment are ready together."""
        timers, next_at = self._timers, self._next_at()
        if not timers:
            raise EverybodyWaits
        self.seconds = seconds = max(self.seconds, next_at)
        while timers and timers[0][0] <= seconds:
            due = heappop(timers)[2]
            if isinstance(due, _Call):
                self._calls.append(due)
            elif not due.done():
                due.set_result(None)

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
        # Asked several times between two jumps.
        self._looked_at_seconds = -1.0
        self._now = START

    def off_by(self, seconds: float) -> "SimulatedClock":
        """One that goes fast or slow by so much; ids and randomness are the same."""
        other = copy(self)
        other._started_at = START + timedelta(seconds=seconds)
        other._looked_at_seconds = -1.0
        return other

    def now(self) -> datetime:
        if (seconds := self._loop.seconds) != self._looked_at_seconds:
            self._looked_at_seconds = seconds
            self._now = self._started_at + timedelta(seconds=seconds)
        return self._now

    async def sleep(self, seconds: float) -> None:
        await self._loop.sleep(seconds)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_{next(self._ids):06d}"

    def random_fraction(self) -> float:
        return self._random.random()

    def new_secret(self) -> str:
        return f"{self._random.getrandbits(192):048x}"


def seconds_until(moment: datetime, loop: asyncio.AbstractEventLoop) -> float:
    """How long it takes until the clock says at least this; zero once it does."""
    return max(0.0, (moment - START).total_seconds() - loop.time() + 2 * _RESOLUTION_SECONDS)
