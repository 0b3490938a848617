"""The sweeper's rhythm: one round after another, at once while there is more, calmly when there is not."""

import asyncio

import structlog

from application.sweep import Sweep
from ports.errors import PortError

log = structlog.get_logger(__name__)


async def keep_sweeping(sweep: Sweep, interval_seconds: float, stop: asyncio.Event) -> None:
    """Runs until `stop` is set; a round in hand is finished first. A database that is away is waited for."""
    while not stop.is_set():
        if await _swept(sweep):
            continue
        try:
            await asyncio.wait_for(stop.wait(), timeout=interval_seconds)
        except TimeoutError:
            continue


async def _swept(sweep: Sweep) -> bool:
    """Whether there may be more to do at once."""
    try:
        swept = await sweep()
    except (PortError, OSError) as error:
        log.warning("sweep_failed", error=type(error).__name__)
        return False
    except Exception:
        log.exception("sweep_failed")
        return False
    for failure in swept.failures:
        log.error("work_failed", exc_info=failure)
    return swept.may_be_more
