"""The sweeper's rhythm: one round after another, soon again while there is work, calmly when there is
none.
"""

import asyncio

import structlog

from application.sweep import Sweep
from ports.errors import PortError

log = structlog.get_logger(__name__)


async def keep_sweeping(sweep: Sweep, interval_seconds: float, stop: asyncio.Event) -> None:
    """Runs until `stop` is set; a round in hand is finished first. A database that is away is waited for."""
    while not stop.is_set():
        try:
            swept = await sweep()
        except (PortError, OSError) as error:
            log.warning("sweep_failed", error=type(error).__name__)
        else:
            # Its type only: a traceback with locals would carry addresses and client secrets into the log.
            for failure in swept.failures:
                log.error("work_failed", error=type(failure).__name__)
        try:
            await asyncio.wait_for(stop.wait(), timeout=interval_seconds)
        except TimeoutError:
            continue
