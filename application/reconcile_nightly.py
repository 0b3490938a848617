"""Story: the day before is reconciled every night, by one of the workers that look at the clock.

A slot is the moment at which it is to run. Whoever takes it first has it; a worker that dies in it leaves it
to the next one when its lease is over, and nights that nobody worked are made up for.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Final

from application.reconcile import Reconcile
from domain.period import day_before
from domain.reconciliation import Reconciliation
from ports.clock import Clock
from ports.slots import Slots

_JOB: Final = "reconcile"
# Longer than any single step takes; each step renews it.
_LEASE: Final = timedelta(minutes=3)
_MOST_NIGHTS: Final = 31


class ReconcileNightly:
    """Safe to call as often as one likes, from any number of processes."""

    def __init__(self, reconcile: Reconcile, slots: Slots, clock: Clock) -> None:
        self._reconcile = reconcile
        self._slots = slots
        self._clock = clock

    async def __call__(self, at: time) -> list[Reconciliation]:
        """Runs the slots that are due, for this time of day in UTC, and that nobody has in hand; returns
        their reports.

        Raises what a reconciliation raises: that slot is tried again when its lease is over.
        """
        last_done = await self._slots.last_done(_JOB)
        due = slots_due(last_done, self._clock.now(), at)
        reports = [await self._run(slot_at) for slot_at in due]
        return [report for report in reports if report is not None]

    async def _run(self, slot_at: datetime) -> Reconciliation | None:
        now = self._clock.now()
        if not await self._slots.take(_JOB, slot_at, now + _LEASE, now):
            return None

        async def still_at_work() -> None:
            await self._slots.keep(_JOB, slot_at, self._clock.now() + _LEASE)

        report = await self._reconcile(day_before(slot_at), still_at_work=still_at_work)
        await self._slots.done(_JOB, slot_at, self._clock.now())
        return report


def slots_due(last_done: datetime | None, now: datetime, at: time) -> list[datetime]:
    """One a day since the last that is done, the earliest first; where none ever was, the latest alone."""
    latest = datetime.combine(now.astimezone(UTC).date(), at, UTC)
    if latest > now:
        latest -= timedelta(days=1)
    if last_done is None:
        return [latest]
    nights = (latest.date() - last_done.astimezone(UTC).date()).days
    return [latest - timedelta(days=ago) for ago in reversed(range(min(nights, _MOST_NIGHTS)))]
