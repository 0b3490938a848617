"""Story of a reconciliation: our own orders, each in itself, and what of them the provider's lists lacked."""

from collections.abc import Collection
from typing import Final

from application.mend_difference import MendDifference
from application.reconciliation_run import ReconciliationRun
from domain.case import CaseReason
from domain.comparison import OrderBooks
from domain.dispute import Dispute
from domain.order_facts import OrderFacts
from domain.payment import Payment
from domain.reconciliation import CurrencySums, Done, Finding, FindingKind
from domain.refund import Refund
from ports.books import Books
from ports.clock import Clock

_ORDERS_AT_ONCE: Final = 200


class ReconcileOrders:
    """Comes after the provider's lists: it asks for each payment, refund and dispute that was on none of
    them.
    """

    def __init__(self, providers: Collection[str], books: Books, mend: MendDifference, clock: Clock) -> None:
        self._providers = providers
        self._books = books
        self._mend = mend
        self._clock = clock

    async def __call__(self, run: ReconciliationRun) -> None:
        order_ids = await self._books.orders_moved(run.period)
        for start in range(0, len(order_ids), _ORDERS_AT_ONCE):
            await run.still_at_work()
            orders = await self._books.of_orders(order_ids[start : start + _ORDERS_AT_ONCE])
            for books in orders.values():
                await self._compare(run, books)

    async def _compare(self, run: ReconciliationRun, books: OrderBooks) -> None:
        run.count(orders=1)
        await self._journal(run, books)
        await self._forgotten(run, books)
        for payment in books.facts.payments:
            if self._is_missing(run, payment) and payment.reference is not None:
                run.add(CurrencySums.of(payment.captured.currency, captured_ours=payment.captured.minor))
                await self._mend.payment(run, payment, payment.reference)
        for refund in books.facts.refunds:
            reference = books.facts.payment(refund.payment_id).reference
            if self._is_refund_missing(run, refund, books.facts) and reference is not None:
                run.add(CurrencySums.of(refund.amount.currency, refunded_ours=refund.amount.minor))
                await self._mend.refund(run, books.facts.payment(refund.payment_id), refund, reference)
        for dispute in books.facts.disputes:
            payment = books.facts.payment(dispute.payment_id)
            if self._is_dispute_missing(run, dispute, payment) and payment.reference is not None:
                await self._mend.dispute(run, books.facts, payment.reference, dispute.reference)

    async def _journal(self, run: ReconciliationRun, books: OrderBooks) -> None:
        if (gap := books.journal_gap()) is None:
            return
        order_id = books.facts.order.id
        finding = Finding(
            kind=FindingKind.JOURNAL,
            subject_id=order_id,
            order_id=order_id,
            ours=gap[0],
            theirs=gap[1],
            done=Done.LEFT,
        )
        await self._mend.open_case(run, finding, CaseReason.JOURNAL_DIFFERS)

    async def _forgotten(self, run: ReconciliationRun, books: OrderBooks) -> None:
        if not books.is_forgotten(self._clock.now()):
            return
        order_id = books.facts.order.id
        finding = Finding(
            kind=FindingKind.ORDER_FORGOTTEN,
            subject_id=order_id,
            order_id=order_id,
            ours=f"due at {books.due_at.isoformat()}" if books.due_at is not None else "never due",
            theirs=None,
            done=Done.LEFT,
        )
        await self._mend.take_up(run, finding, order_id)

    def _is_missing(self, run: ReconciliationRun, payment: Payment) -> bool:
        """A payment that the provider should have listed, and did not."""
        return (
            payment.provider in self._providers
            and run.period.covers(payment.created_at)
            and not payment.is_over
            and payment.id not in run.seen_payments
        )

    def _is_dispute_missing(self, run: ReconciliationRun, dispute: Dispute, payment: Payment) -> bool:
        """It may only have been heard of late, and be on the list of another day: then they agree."""
        return (
            payment.provider in self._providers
            and run.period.covers(dispute.opened_at)
            and dispute.reference not in run.seen_disputes
        )

    def _is_refund_missing(self, run: ReconciliationRun, refund: Refund, facts: OrderFacts) -> bool:
        return (
            facts.payment(refund.payment_id).provider in self._providers
            and refund.reference is not None
            and run.period.covers(refund.created_at)
            and refund.takes_balance
            and refund.id not in run.seen_refunds
        )
