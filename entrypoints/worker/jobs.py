"""The work in hand of one process: each job a story about one thing, bounded in time, finished at the end."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from domain.identifiers import OrderId
from entrypoints.container import Container
from ports.error_reports import ErrorReports
from ports.errors import PortError

# A story ends by its own deadlines long before this; it bounds one that has got stuck.
LONGEST_JOB_SECONDS: Final = 55

Stories = Mapping[str, Callable[[str], Awaitable[object]]]
log = structlog.get_logger(__name__)


def stories_of(container: Container) -> Stories:
    """What a nudge can ask for, by the name that it goes by."""
    advance_order = container.advance_order()
    return {
        "advance_order": lambda order_id: advance_order(OrderId(order_id)),
        "handle_webhook": container.handle_webhook(),
    }


class Jobs:
    """Runs stories on the running event loop. What fails is told, and stays due in PostgreSQL."""

    def __init__(self, stories: Stories, error_reports: ErrorReports) -> None:
        self._stories = stories
        self._error_reports = error_reports
        self._running: set[asyncio.Task[None]] = set()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._stories)

    def begin(self, story: str, subject_id: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._do(story, subject_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def finish(self, within_seconds: float) -> None:
        """Waits for what is in hand. What takes longer is broken off: its lease runs out, and it is taken up
        again.
        """
        if self._running:
            await asyncio.wait(self._running, timeout=within_seconds)
        for task in (left := list(self._running)):
            task.cancel()
        if left:
            log.warning("jobs_broken_off", jobs=len(left))
            await asyncio.wait(left)

    async def _do(self, story: str, subject_id: str) -> None:
        try:
            async with asyncio.timeout(LONGEST_JOB_SECONDS):
                await self._stories[story](subject_id)
        except PortError as away:
            # A storage or a vendor: it is tried again.
            log.warning("work_failed", work=story, subject=subject_id, error=type(away).__name__)
        except Exception as defect:  # noqa: BLE001 - whatever it is, the other jobs go on
            self._error_reports.report(f"job.{story}", defect, subject_id)
