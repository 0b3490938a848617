"""The clock of the worker: what runs at a time of day. PostgreSQL knows what ran; Redis plays no part."""

import asyncio
from datetime import time
from typing import Final

import structlog

from application.reconcile_nightly import ReconcileNightly
from ports.error_reports import ErrorReports
from ports.errors import PortError

# A slot that is due, or was left by a worker that died, is taken up within this time.
_LOOK_SECONDS: Final = 60
log = structlog.get_logger(__name__)


async def keep_schedule(
    reconcile: ReconcileNightly, at: time | None, stop: asyncio.Event, error_reports: ErrorReports
) -> None:
    """Runs until `stop` is set, or cancelled: what is in hand then is left to another worker. With no time
    of day, nothing runs by itself.
    """
    while at is not None and not stop.is_set():
        await _run_due(reconcile, at, error_reports)
        try:
            await asyncio.wait_for(stop.wait(), timeout=_LOOK_SECONDS)
        except TimeoutError:
            continue


async def _run_due(reconcile: ReconcileNightly, at: time, error_reports: ErrorReports) -> None:
    try:
        reports = await reconcile(at)
    except (PortError, OSError) as error:
        log.warning("reconciliation_failed", error=type(error).__name__)
        return
    except Exception as defect:  # noqa: BLE001 - whatever it is, the next slot comes
        error_reports.report("schedule.reconcile", defect)
        return
    for report in reports:
        outcomes = report.summary.outcomes
        tell = log.warning if outcomes.needs_person else log.info
        tell(
            "reconciled",
            reconciliation=report.summary.id,
            repaired=outcomes.repaired,
            cases_opened=outcomes.cases_opened,
            unresolved=outcomes.unresolved,
            left=outcomes.left,
        )
