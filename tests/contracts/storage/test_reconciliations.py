"""Reports of reconciliations are kept as they were, and slots of jobs are run once."""

from datetime import timedelta

from domain.identifiers import OrderId, ReconciliationId
from domain.money import Currency
from domain.period import Period
from domain.reconciliation import (
    Counts,
    CurrencySums,
    Done,
    Finding,
    FindingKind,
    Outcomes,
    Reconciliation,
    ReconciliationSummary,
)
from tests.builders import EUR, NOW, new_id
from tests.contracts.storage.conftest import Storage

A_DAY = timedelta(days=1)
LEASE = timedelta(seconds=25)
JOB = "reconcile"


def a_report(*findings: Finding) -> Reconciliation:
    summary = ReconciliationSummary(
        id=ReconciliationId(new_id("rec")),
        provider="stripe",
        period=Period(since=NOW, until=NOW + A_DAY),
        began_at=NOW + A_DAY,
        ended_at=NOW + A_DAY + timedelta(microseconds=1),
        counts=Counts(payments=1, refunds=2, orders=3, not_ours=4, disputes=5),
        sums=(
            CurrencySums.of(EUR, captured_ours=1, captured_theirs=2),
            CurrencySums.of(Currency.of("JPY"), refunded_ours=3, refunded_theirs=10**12),
        ),
        outcomes=Outcomes.of(findings),
    )
    return Reconciliation(summary=summary, findings=findings)


def findings() -> tuple[Finding, ...]:
    """One of each kind, and each end."""
    ends = list(Done)
    told = [("captured 20.23 EUR", None), (None, "voided 5.00 EUR")]
    return tuple(
        Finding(
            kind=kind,
            subject_id=f"{kind.value}_1",
            order_id=OrderId("ord_1") if index % 2 else None,
            ours=told[index % 2][0],
            theirs=told[index % 2][1],
            done=ends[index % len(ends)],
        )
        for index, kind in enumerate(FindingKind)
    )


async def test_a_report_is_found_as_it_was_kept(storage: Storage) -> None:
    report, clean = a_report(*findings()), a_report()
    for each in (report, clean):
        await storage.reconciliations.keep(each)
        assert await storage.reconciliations.get(each.summary.id) == each
    assert await storage.reconciliations.get(ReconciliationId("rec_none")) is None


async def test_reports_are_listed_newest_first_page_by_page(storage: Storage) -> None:
    first, second, third = [a_report() for _ in range(3)]
    for each in (second, first, third):
        await storage.reconciliations.keep(each)
    page = await storage.reconciliations.page(None, 2)
    assert list(page) == [third.summary, second.summary]
    assert list(await storage.reconciliations.page(page[-1].id, 2)) == [first.summary]


async def test_a_slot_is_in_one_pair_of_hands_until_its_lease_ends(storage: Storage) -> None:
    assert await storage.slots.take(JOB, NOW, NOW + LEASE, NOW)
    assert not await storage.slots.take(JOB, NOW, NOW + 2 * LEASE, NOW)
    assert await storage.slots.take(JOB, NOW + A_DAY, NOW + LEASE, NOW)
    assert await storage.slots.take("another", NOW, NOW + LEASE, NOW)
    assert await storage.slots.take(JOB, NOW, NOW + 2 * LEASE, NOW + LEASE)


async def test_whoever_works_on_a_slot_keeps_it(storage: Storage) -> None:
    await storage.slots.take(JOB, NOW, NOW + LEASE, NOW)
    await storage.slots.keep(JOB, NOW, NOW + 3 * LEASE)
    assert not await storage.slots.take(JOB, NOW, NOW + 9 * LEASE, NOW + 2 * LEASE)
    assert await storage.slots.take(JOB, NOW, NOW + 9 * LEASE, NOW + 3 * LEASE)


async def test_a_slot_that_is_done_never_comes_back(storage: Storage) -> None:
    assert await storage.slots.last_done(JOB) is None
    for slot_at in (NOW + A_DAY, NOW):
        await storage.slots.take(JOB, slot_at, NOW + LEASE, NOW)
        await storage.slots.done(JOB, slot_at, NOW)
        assert not await storage.slots.take(JOB, slot_at, NOW + 9 * LEASE, NOW + 8 * LEASE)
    await storage.slots.take(JOB, NOW + 2 * A_DAY, NOW + LEASE, NOW)
    assert await storage.slots.last_done(JOB) == NOW + A_DAY
