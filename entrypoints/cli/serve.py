"""The long-running processes: API and worker, each until it is told to stop."""

import asyncio
import gc
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import uvicorn
import uvloop

from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.http.coarse_timers import CoarseTimers
from entrypoints.http.one_write import OneWriteProtocol
from entrypoints.resources import open_resources
from entrypoints.settings import Settings, WorkerMode
from entrypoints.worker.app import FINISHES_WITHIN_SECONDS, run_worker, stopped_by_signals, work


def serve_api(settings: Settings, host: str, port: int) -> None:
    """One API process. Several can share a port: the kernel spreads connections over them."""
    uvloop.run(_serve_api(settings, host, port))


def serve_worker(settings: Settings) -> None:
    uvloop.run(run_worker(settings))


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would send them to the process again before anything else is closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve_api(settings: Settings, host: str, port: int) -> None:
    """Until SIGTERM or SIGINT; requests and jobs in hand are finished first, within 25 s."""
    stop = stopped_by_signals()
    async with open_resources(settings) as resources:
        container = Container(settings=settings, resources=resources)
        app = create_app(container.use_cases(), settings.allowed_origins)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            http=partial(OneWriteProtocol, timers=CoarseTimers()),  # type: ignore[arg-type]  # any maker does
            ws="none",
            server_header=False,
            proxy_headers=False,  # nothing asks for the caller's address
            timeout_graceful_shutdown=FINISHES_WITHIN_SECONDS,
        )
        server = _Server(config)
        _spare_the_collector()
        async with asyncio.TaskGroup() as tasks:
            if settings.worker is WorkerMode.EMBEDDED:
                tasks.create_task(work(container, resources, settings.sweep_interval_seconds, stop))
            tasks.create_task(_stop_at(stop, server))
            await server.serve(sockets=[_listening(host, port)])
            stop.set()


async def _stop_at(stop: asyncio.Event, server: uvicorn.Server) -> None:
    await stop.wait()
    server.should_exit = True


def _spare_the_collector() -> None:
    """What was built at the start stays for good, so the collector needn't walk through it; and requests
    leave few cycles behind, so it may come less often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _listening(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if sys.platform == "linux":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((host, port))
    return listener
