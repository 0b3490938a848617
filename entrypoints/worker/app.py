"""The worker process: Dramatiq's threads take nudges, the sweeper takes what they missed, one event loop
does the work.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import dramatiq

from domain.identifiers import OrderId
from entrypoints.container import Container
from entrypoints.resources import open_resources
from entrypoints.settings import Settings
from entrypoints.worker.actors import register_actors
from entrypoints.worker.sweeper import keep_sweeping

_THREADS = 4


async def run_worker(settings: Settings, stop: asyncio.Event | None = None) -> None:
    """Works until SIGTERM, SIGINT or `stop`; what is in hand is finished, what is not stays due."""
    stop = stop or _stopped_by_signals()
    async with open_resources(settings) as resources:
        container = Container(settings=settings, resources=resources)
        worker = _listen(resources.broker, container) if resources.broker else None
        try:
            await keep_sweeping(container.sweep(), settings.sweep_interval_seconds, stop)
        finally:
            if worker is not None:
                await asyncio.to_thread(worker.stop)


def _listen(broker: dramatiq.Broker, container: Container) -> dramatiq.Worker:
    advance_order = container.advance_order()
    advance_order = container.advance_order()
    stories: dict[str, Callable[[str], Awaitable[object]]] = {
        "advance_order": lambda order_id: advance_order(OrderId(order_id)),
        "handle_webhook": container.handle_webhook(),
        "send_message": container.send_message(),
    }
    register_actors(broker, asyncio.get_running_loop(), stories)
    worker = dramatiq.Worker(broker, worker_threads=_THREADS)
    worker.start()
    return worker


def _stopped_by_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for received in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(received, stop.set)
    return stop
