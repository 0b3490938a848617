"""The worker: the sweeper and the jobs that nudges ask for, on one event loop, in a process of its own or in
the API's.
"""

import asyncio
import signal
from contextlib import suppress
from typing import Final

from adapters.in_memory.nudges import InProcessNudges
from entrypoints.container import Container
from entrypoints.resources import Resources, open_resources
from entrypoints.settings import Settings
from entrypoints.worker.actors import Actors
from entrypoints.worker.jobs import Jobs, stories_of
from entrypoints.worker.schedule import keep_schedule
from entrypoints.worker.sweeper import keep_sweeping

# Longer than a call to a vendor may take, shorter than the 30 s after which most supervisors kill.
FINISHES_WITHIN_SECONDS: Final = 25
_JOBS_AT_ONCE: Final = 16


async def run_worker(settings: Settings, stop: asyncio.Event | None = None) -> None:
    """Works until SIGTERM, SIGINT or `stop`."""
    stop = stop or stopped_by_signals()
    async with open_resources(settings) as resources:
        container = Container(settings=settings, resources=resources)
        await work(container, resources, settings.sweep_interval_seconds, stop)


async def work(
    container: Container, resources: Resources, sweep_interval_seconds: float, stop: asyncio.Event
) -> None:
    """Works until `stop`; then what is in hand is finished, within 25 s. What is not stays due, and is taken
    up by another worker, or the next start, when its lease is over.
    """
    error_reports = container.error_reports()
    jobs = Jobs(stories_of(container), error_reports)
    loop = asyncio.get_running_loop()
    actors = Actors(resources.broker, jobs, loop) if resources.broker is not None else None
    sweeping = loop.create_task(keep_sweeping(container.sweep(), sweep_interval_seconds, stop, error_reports))
    listening = loop.create_task(_listen(resources.nudges, jobs))
    at = container.settings().reconcile_at
    scheduled = loop.create_task(keep_schedule(container.reconcile_nightly(), at, stop, error_reports))
    try:
        await _either(sweeping, stop)
    finally:
        listening.cancel()
        scheduled.cancel()
        ends = [_ended(sweeping), jobs.finish(FINISHES_WITHIN_SECONDS)]
        if actors is not None:
            ends.append(actors.stop(FINISHES_WITHIN_SECONDS))
        await asyncio.gather(*ends, asyncio.wait([scheduled]))
        # Jobs that an actor began while the others were finished.
        await jobs.finish(within_seconds=0)


def stopped_by_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for received in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(received, stop.set)
    return stop


async def _listen(nudges: object, jobs: Jobs) -> None:
    """Begins the jobs that this process nudges itself to, so many at once."""
    if not isinstance(nudges, InProcessNudges):
        return
    places = asyncio.Semaphore(_JOBS_AT_ONCE)
    while True:
        await places.acquire()
        nudge = await nudges.next()
        jobs.begin(*nudge).add_done_callback(lambda _: places.release())


async def _either(sweeping: asyncio.Task[None], stop: asyncio.Event) -> None:
    """Returns at `stop`; raises what ended the sweeper before."""
    waiting = asyncio.ensure_future(stop.wait())
    await asyncio.wait([sweeping, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not stop.is_set():
        await sweeping


async def _ended(sweeping: asyncio.Task[None]) -> None:
    """The round in hand is finished, or broken off when the time is over."""
    with suppress(asyncio.CancelledError):
        await asyncio.wait([sweeping], timeout=FINISHES_WITHIN_SECONDS)
        sweeping.cancel()
        await sweeping
