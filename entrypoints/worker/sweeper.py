"""The sweeper's rhythm: one round after another, at once while there is more, calmly when there is not."""

import asyncio

import structlog

from application.sweep import Sweep
from ports.error_reports import ErrorReports
from ports.errors import PortError

log = structlog.get_logger(__name__)


async def keep_sweeping(
    sweep: Sweep, interval_seconds: float, stop: asyncio.Event, error_reports: ErrorReports
) -> None:
    """Runs until `stop` is set; a round in hand is finished first. A database that is away is waited for."""
    while not stop.is_set():
        if await _swept(sweep, error_reports):
            continue
        try:
            await asyncio.wait_for(stop.wait(), timeout=interval_seconds)
        except TimeoutError:
            continue


async def _swept(sweep: Sweep, error_reports: ErrorReports) -> bool:
    """Whether there may be more to do at once."""
    try:
        swept = await sweep()
    except (PortError, OSError) as error:
        log.warning("sweep_failed", error=type(error).__name__)
        return False
    except Exception as defect:  # noqa: BLE001 - whatever it is, the next round comes
        error_reports.report("sweep", defect)
        return False
    for failure in swept.failures:
        subject = next(iter(getattr(failure, "__notes__", ())), None)
        if isinstance(failure, PortError):
            log.warning("work_failed", subject=subject, error=type(failure).__name__)
        else:
            error_reports.report("sweep.work", failure, subject)
    return swept.may_be_more
