"""The worker's clock: a night is reconciled once however many workers there are, and what breaks off is taken
up again. On a real PostgreSQL, without Redis.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import cast

import pytest
import structlog

from adapters.error_log import LoggedErrorReports
from adapters.postgres.connections import Connections
from adapters.postgres.pool import open_pool
from adapters.postgres.slots import PostgresSlots
from application.reconcile_nightly import ReconcileNightly
from entrypoints.worker.schedule import keep_schedule
from ports.errors import Unavailable
from tests.application.shop import Shop

AT = time(3, 30)
WORKERS = 6


def worker(shop: Shop, pool: Connections) -> ReconcileNightly:
    return ReconcileNightly(shop.reconcile, PostgresSlots(pool), shop.clock)


async def kept(reconcile: ReconcileNightly, stop: asyncio.Event) -> None:
    """The schedule of one worker, whose defects are logged."""
    await keep_schedule(reconcile, AT, stop, LoggedErrorReports())


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in another task
            await asyncio.sleep(0.01)


async def test_workers_side_by_side_run_a_night_once(new_database_url: Callable[[], str]) -> None:
    shop = await Shop().stocked()
    async with open_pool(new_database_url(), WORKERS) as pool:
        stop = asyncio.Event()
        workers = [asyncio.create_task(kept(worker(shop, pool), stop)) for _ in range(WORKERS)]
        await until(lambda: bool(shop.storage.reconciliations))
        await asyncio.gather(*(worker(shop, pool)(AT) for _ in range(WORKERS)))
        stop.set()
        await asyncio.gather(*workers)
    assert len(shop.storage.reconciliations) == 1


async def test_a_worker_that_dies_in_a_night_leaves_it_to_another(
    new_database_url: Callable[[], str],
) -> None:
    shop = await Shop().stocked()
    reached = asyncio.Event()

    class Stuck(PostgresSlots):
        """Gets a slot, and never gets any further."""

        async def take(self, job: str, slot_at: datetime, lease_until: datetime, now: datetime) -> bool:
            assert await super().take(job, slot_at, lease_until, now)
            reached.set()
            await asyncio.Event().wait()
            return True

    async with open_pool(new_database_url(), 4) as pool:
        stuck = ReconcileNightly(shop.reconcile, Stuck(pool), shop.clock)
        dying = asyncio.create_task(kept(stuck, asyncio.Event()))
        await reached.wait()
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        assert await worker(shop, pool)(AT) == []
        shop.clock.advance(timedelta(minutes=3))
        assert len(await worker(shop, pool)(AT)) == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Unavailable("away"), ("reconciliation_failed", "warning")),
        (ZeroDivisionError(), ("defect", "error")),
    ],
    ids=["away", "defect"],
)
async def test_a_night_that_fails_is_logged_and_the_worker_goes_on(
    error: Exception, told: tuple[str, str]
) -> None:
    async def fails(at: time) -> list[object]:
        raise error

    stop = asyncio.Event()
    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(kept(cast(ReconcileNightly, fails), stop))
        await until(lambda: bool(logs))
        stop.set()
        await running
    assert [(line["event"], line["log_level"]) for line in logs] == [told]


async def test_what_a_person_has_to_look_at_is_logged_as_a_warning(
    new_database_url: Callable[[], str],
) -> None:
    shop = await Shop().stocked()
    reference = (await shop.bought()).payments[0].reference
    assert reference is not None
    shop.provider.refund_by_hand(reference, (await shop.provider.retrieve(reference)).amount)
    shop.clock.advance(timedelta(days=1))
    async with open_pool(new_database_url(), 1) as pool:
        stop = asyncio.Event()
        with structlog.testing.capture_logs() as logs:
            running = asyncio.create_task(kept(worker(shop, pool), stop))
            await until(lambda: bool(logs))
            stop.set()
            await running
    (line,) = logs
    assert (line["event"], line["log_level"], line["cases_opened"]) == ("reconciled", "warning", 1)


async def test_without_a_time_of_day_nothing_runs() -> None:
    async def never(at: time) -> list[object]:
        raise AssertionError(at)

    await keep_schedule(cast(ReconcileNightly, never), None, asyncio.Event(), LoggedErrorReports())
