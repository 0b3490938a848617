"""Story: a period is reconciled. Everything that the provider did for us is compared with what we recorded,
and everything that we recorded with what the provider did; stock is compared with the orders, and the tax
service's books with what was sold.

What we missed is recorded, as if its webhook had come; what nothing explains becomes a case. The lists are
read page by page, with the same few questions to storage for each page, however long it is.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

from application.mend_difference import MendDifference
from application.payment_providers import PaymentProviders
from application.reconcile_disputes import ReconcileDisputes
from application.reconcile_orders import ReconcileOrders
from application.reconcile_payments import ReconcilePayments
from application.reconcile_refunds import ReconcileRefunds
from application.reconcile_taxes import ReconcileTaxes
from application.reconciliation_run import ReconciliationRun, SignOfLife
from application.vendor_calls import CALL_DEADLINE_SECONDS, CLOCK_SKEW
from domain.identifiers import ReconciliationId
from domain.period import Period
from domain.reconciliation import Done, Finding, FindingKind, Reconciliation
from ports.books import Books, StockGap
from ports.clock import Clock
from ports.errors import Unavailable
from ports.payment_ledger import PaymentLedger
from ports.reconciliations import Reconciliations

T = TypeVar("T")


class Reconcile:
    """Safe to repeat, and to run beside everything else: what was repaired is found no more."""

    def __init__(
        self,
        payments: PaymentProviders,
        books: Books,
        mend: MendDifference,
        taxes: ReconcileTaxes,
        *,
        reconciliations: Reconciliations,
        clock: Clock,
    ) -> None:
        self._ledgers = payments.all()
        self._books = books
        self._taxes = taxes
        self._reconciliations = reconciliations
        self._clock = clock
        self._payments = ReconcilePayments(books, mend)
        self._refunds = ReconcileRefunds(books, mend)
        self._disputes = ReconcileDisputes(books, mend)
        self._orders = ReconcileOrders([ledger.provider for ledger in self._ledgers], books, mend, clock)

    async def __call__(
        self, period: Period, *, dry_run: bool = False, still_at_work: SignOfLife | None = None
    ) -> Reconciliation:
        """The report, which is kept. A dry run reads, and writes nothing at all.

        Raises Unavailable, Rejected or OutcomeUnknown when the provider or storage is away: what was repaired
        until then stands, no report is kept, and it is to be run again.
        """
        run = ReconciliationRun(period, self._clock.now(), still_at_work or _unwatched, dry_run=dry_run)
        for ledger in self._ledgers:
            await self._compare(run, ledger)
        await self._orders(run)
        await self._taxes(run)
        for gap in await self._books.stock_gaps():
            run.found(_unresolved(gap))
        report_id = ReconciliationId(self._clock.new_id("rec"))
        providers = ", ".join(ledger.provider for ledger in self._ledgers)
        report = run.report(report_id, providers, self._clock.now())
        if not dry_run:
            await self._reconciliations.keep(report)
        return report

    async def _compare(self, run: ReconciliationRun, ledger: PaymentLedger) -> None:
        around = run.period.widened(CLOCK_SKEW)
        async for payments in _within_deadlines(ledger.payments_created(around)):
            await run.still_at_work()
            await self._payments(run, payments)
        async for refunds in _within_deadlines(ledger.refunds_created(around)):
            await run.still_at_work()
            await self._refunds(run, ledger.provider, refunds)
        async for disputes in _within_deadlines(ledger.disputes_created(around)):
            await run.still_at_work()
            await self._disputes(run, ledger.provider, disputes)


async def _unwatched() -> None:
    """Nobody waits for a sign of life."""


def _unresolved(gap: StockGap) -> Finding:
    """No order is to blame, so there is none to open a case on."""
    level = gap.level
    return Finding(
        kind=FindingKind.STOCK,
        subject_id=level.sku,
        order_id=None,
        ours=f"{level.held} held, {level.sold} sold, {level.free} free",
        theirs=f"{gap.held_by_orders} held, {gap.sold_by_orders} sold",
        done=Done.UNRESOLVED,
    )


async def _within_deadlines(pages: AsyncIterator[T]) -> AsyncIterator[T]:
    """Each page is given up after the time of one call."""
    while True:
        try:
            async with asyncio.timeout(CALL_DEADLINE_SECONDS):
                page = await anext(pages)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Unavailable("deadline") from None
        yield page
