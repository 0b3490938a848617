"""Dramatiq's actors: each hands its nudge to a job on the application's own event loop.

The database pool belongs to that loop, and an asyncpg pool used from two loops crashes the interpreter; so
actors are plain functions on Dramatiq's threads that wait for the loop.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import dramatiq
import structlog

from adapters.dramatiq.broker import QUEUE
from entrypoints.worker.jobs import LONGEST_JOB_SECONDS, Jobs

_THREADS: Final = 8
# An idle queue is looked at less and less often, down to once in this time; Dramatiq's own is a second.
_LONGEST_REST_MS: Final = 50
# The job bounds its own time; this is for a loop that doesn't answer any more.
_PATIENCE_SECONDS: Final = LONGEST_JOB_SECONDS + 5

log = structlog.get_logger(__name__)


class Actors:
    """Dramatiq's threads, listening from now on; `stop` lets them finish and gives back what they have not
    begun.
    """

    def __init__(self, broker: dramatiq.Broker, jobs: Jobs, loop: asyncio.AbstractEventLoop) -> None:
        for story in jobs.names:
            dramatiq.actor(broker=broker, actor_name=story, queue_name=QUEUE)(_on_loop(loop, jobs, story))
        self._worker = dramatiq.Worker(broker, worker_threads=_THREADS, worker_timeout=_LONGEST_REST_MS)
        self._worker.start()

    async def stop(self, within_seconds: float) -> None:
        """Returns when they have stopped, or the time is over: with Redis away they might wait for it."""
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()

        def stop() -> None:
            try:
                self._worker.stop(timeout=int(within_seconds * 1_000))
            except Exception as error:  # noqa: BLE001 - nudges that can't be given back are lost, which may be
                log.warning("nudges_not_given_back", error=type(error).__name__)
            with suppress(RuntimeError):  # the loop is closed: nobody waited for so long
                loop.call_soon_threadsafe(stopped.set)

        # A thread that the process doesn't wait for, unlike those of `asyncio.to_thread`.
        threading.Thread(target=stop, name="stopping", daemon=True).start()
        try:
            async with asyncio.timeout(within_seconds):
                await stopped.wait()
        except TimeoutError:
            log.warning("actors_left_behind")


def _on_loop(loop: asyncio.AbstractEventLoop, jobs: Jobs, story: str) -> Callable[[str], None]:
    async def done(subject_id: str) -> None:
        # Its end is awaited, not its success: the nudge has done its part.
        await asyncio.wait([jobs.begin(story, subject_id)])

    def actor(subject_id: str) -> None:
        asyncio.run_coroutine_threadsafe(done(subject_id), loop).result(timeout=_PATIENCE_SECONDS)

    return actor
