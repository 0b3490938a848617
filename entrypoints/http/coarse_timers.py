"""Timers for what hardly ever comes due: to set one and to take it back costs next to nothing.

A timer of the event loop costs about as much as a tenth of a request. Every request sets a few that are
cancelled milliseconds later.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Final

_TICK_SECONDS: Final = 0.5


@dataclass(slots=True, eq=False)
class CoarseTimer:
    """Calls back unless it is cancelled before, in the context that it was set in."""

    rings_at: float
    callback: Callable[[], Any]
    context: Context = field(repr=False)
    _set: "dict[CoarseTimer, None]" = field(repr=False)

    def cancel(self) -> None:
        self._set.pop(self, None)


class CoarseTimers:
    """Rings up to half a second late. One timer of the loop serves all of them, as long as any is set."""

    def __init__(self) -> None:
        self._set: dict[CoarseTimer, None] = {}
        self._ticking = False

    def call_later(self, delay_seconds: float, callback: Callable[[], Any]) -> CoarseTimer:
        loop = asyncio.get_running_loop()
        timer = CoarseTimer(loop.time() + delay_seconds, callback, copy_context(), self._set)
        self._set[timer] = None
        if not self._ticking:
            self._ticking = True
            loop.call_later(_TICK_SECONDS, self._tick, loop)
        return timer

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for timer in [timer for timer in self._set if timer.rings_at <= now]:
            timer.cancel()
            # The tick came from another request, whose claim must not be taken for this one's. By itself: one
            # that fails takes no other with it.
            loop.call_soon(timer.callback, context=timer.context)
        self._ticking = bool(self._set)
        if self._ticking:
            loop.call_later(_TICK_SECONDS, self._tick, loop)
