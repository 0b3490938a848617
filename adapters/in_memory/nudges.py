"""Nudges without Redis: to nobody, or to whoever does the work in the same process."""

import asyncio
from typing import Final, NamedTuple

_MOST_WAITING: Final = 10_000


class SilentNudges:
    """Implements `ports.nudges.Nudges` where nobody listens: the sweeper finds everything by itself."""

    async def order_is_due(self, order_id: str) -> None:
        return None

    async def webhook_arrived(self, webhook_id: str) -> None:
        return None


class Nudge(NamedTuple):
    """Which story, and about what."""

    story: str
    subject_id: str


class InProcessNudges:
    """Implements `ports.nudges.Nudges` for a process that does the work as well; all on one event loop.

    What nobody takes in time is dropped: the sweeper finds it.
    """

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Nudge] = asyncio.Queue(maxsize=_MOST_WAITING)

    async def order_is_due(self, order_id: str) -> None:
        self._put(Nudge("advance_order", order_id))

    async def webhook_arrived(self, webhook_id: str) -> None:
        self._put(Nudge("handle_webhook", webhook_id))

    async def next(self) -> Nudge:
        """The oldest; waits for one."""
        return await self._waiting.get()

    def _put(self, nudge: Nudge) -> None:
        if not self._waiting.full():
            self._waiting.put_nowait(nudge)
