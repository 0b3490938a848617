"""Every night is reconciled once, whoever of the workers comes first, and whatever becomes of them."""

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest

from adapters.in_memory.slots import InMemorySlots
from application.reconcile_nightly import ReconcileNightly, slots_due
from domain.period import day_before
from ports.errors import Unavailable
from tests.application.shop import Shop

AT = time(3, 30)
A_DAY = timedelta(days=1)
NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)
THIS_NIGHT = datetime(2026, 1, 10, 3, 30, tzinfo=UTC)


def nightly(shop: Shop) -> ReconcileNightly:
    """One worker's."""
    return ReconcileNightly(shop.reconcile, InMemorySlots(shop.storage), shop.clock)


@pytest.mark.parametrize(
    ("last_done", "now", "due"),
    [
        (None, NOON, [THIS_NIGHT]),
        (None, THIS_NIGHT - timedelta(seconds=1), [THIS_NIGHT - A_DAY]),
        (None, THIS_NIGHT, [THIS_NIGHT]),
        (THIS_NIGHT, NOON, []),
        (THIS_NIGHT - A_DAY, NOON, [THIS_NIGHT]),
        (THIS_NIGHT - 3 * A_DAY, NOON, [THIS_NIGHT - 2 * A_DAY, THIS_NIGHT - A_DAY, THIS_NIGHT]),
        # The time of day was changed: each day is still reconciled once.
        (THIS_NIGHT - timedelta(hours=2), NOON, []),
        (THIS_NIGHT + timedelta(hours=2), NOON, []),
    ],
)
def test_which_nights_are_due(last_done: datetime | None, now: datetime, due: list[datetime]) -> None:
    assert slots_due(last_done, now, AT) == due


def test_after_a_long_absence_a_month_is_made_up_for() -> None:
    due = slots_due(THIS_NIGHT - 400 * A_DAY, NOON, AT)
    assert (len(due), due[-1]) == (31, THIS_NIGHT)


async def test_the_day_before_is_reconciled_once(shop: Shop) -> None:
    (report,) = await nightly(shop)(AT)
    assert report.summary.period == day_before(shop.clock.now())
    assert await nightly(shop)(AT) == []
    shop.clock.advance(A_DAY)
    (next_report,) = await nightly(shop)(AT)
    assert next_report.summary.period.since == report.summary.period.until


async def test_of_several_workers_one_runs_it(shop: Shop) -> None:
    runs = await asyncio.gather(*(nightly(shop)(AT) for _ in range(5)))
    assert sorted(len(reports) for reports in runs) == [0, 0, 0, 0, 1]
    assert len(shop.storage.reconciliations) == 1


async def test_a_night_that_broke_off_is_run_again_when_its_lease_is_over(shop: Shop) -> None:
    shop.faults.planned.append(("payments_created", "before", Unavailable("away")))
    shop.clock.advance(A_DAY)
    await shop.placed()
    shop.clock.advance(A_DAY)
    with pytest.raises(Unavailable):
        await nightly(shop)(AT)
    assert await nightly(shop)(AT) == []
    shop.clock.advance(timedelta(minutes=3))
    (report,) = await nightly(shop)(AT)
    assert report.summary.counts.payments == 1


async def test_nights_that_nobody_worked_are_made_up_for(shop: Shop) -> None:
    await nightly(shop)(AT)
    shop.clock.advance(3 * A_DAY)
    reports = await nightly(shop)(AT)
    assert len(reports) == 3
    assert await nightly(shop)(AT) == []


async def test_a_night_that_takes_long_stays_in_the_hands_of_its_worker(shop: Shop) -> None:
    """Each page of a list is a sign of life."""
    for _ in range(2):
        await shop.placed()
    shop.clock.advance(A_DAY)
    others: list[int] = []

    class Slow(InMemorySlots):
        async def keep(self, job: str, slot_at: datetime, lease_until: datetime) -> None:
            await super().keep(job, slot_at, lease_until)
            shop.clock.advance(timedelta(minutes=2))
            others.append(len(await nightly(shop)(AT)))

    (report,) = await ReconcileNightly(shop.reconcile, Slow(shop.storage), shop.clock)(AT)
    assert report.summary.counts.payments == 2
    assert others
    assert not any(others)
