"""Story of a reconciliation: a page of the provider's refunds beside ours."""

from application.listed_orders import with_their_orders
from application.mend_difference import MendDifference
from application.reconciliation_run import ReconciliationRun
from domain.case import CaseReason
from domain.comparison import refund_differs, refund_told
from domain.order_facts import OrderFacts
from domain.reconciliation import CurrencySums, Done, Finding, FindingKind
from domain.refund import Refund, RefundSnapshot, RefundState
from domain.values import replace
from ports.books import Books
from ports.payment_ledger import ListedRefund, ListPage


class ReconcileRefunds:
    """Refunds of our payments, whoever made them."""

    def __init__(self, books: Books, mend: MendDifference) -> None:
        self._books = books
        self._mend = mend

    async def __call__(self, run: ReconciliationRun, provider: str, page: ListPage[ListedRefund]) -> None:
        run.count(not_ours=page.others)
        for listed, facts in await with_their_orders(self._books, provider, page):
            await self._compare(run, listed, facts)

    async def _compare(self, run: ReconciliationRun, listed: ListedRefund, facts: OrderFacts | None) -> None:
        if facts is None and listed.refund_id is None:
            run.count(not_ours=1)
            return
        theirs, ours = listed.snapshot, _counterpart(run, listed, facts)
        if run.period.covers(listed.created_at):
            run.count(refunds=1)
            run.add(CurrencySums.of(theirs.amount.currency, refunded_theirs=_gone_back(theirs)))
            if ours is not None:
                run.add(CurrencySums.of(ours.amount.currency, refunded_ours=_gone_back(ours)))
        if ours is None or facts is None:
            await self._unexpected(run, listed, facts)
            return
        run.seen_refunds.add(ours.id)
        if refund_differs(ours, theirs) is not None:
            await self._mend.refund(run, facts.payment(ours.payment_id), ours, listed.payment_reference)

    async def _unexpected(
        self, run: ReconciliationRun, listed: ListedRefund, facts: OrderFacts | None
    ) -> None:
        theirs = listed.snapshot
        finding = Finding(
            kind=FindingKind.REFUND_WITHOUT_ORDER if facts is None else FindingKind.UNEXPECTED_REFUND,
            subject_id=theirs.reference,
            order_id=facts.order.id if facts is not None else None,
            ours=None,
            theirs=refund_told(theirs),
            done=Done.LEFT,
        )
        if theirs.state is RefundState.FAILED:
            run.found(replace(finding, done=Done.NOTED))
        elif facts is None:
            run.found(replace(finding, done=Done.UNRESOLVED))
        else:
            await self._mend.open_case(run, finding, CaseReason.UNEXPECTED_REFUND)


def _counterpart(run: ReconciliationRun, listed: ListedRefund, facts: OrderFacts | None) -> Refund | None:
    """The refund that it is. A second one that carries the same id went out once too often."""
    if facts is None or listed.refund_id in run.seen_refunds:
        return None
    known = (None, listed.snapshot.reference)
    return next((r for r in facts.refunds if r.id == listed.refund_id and r.reference in known), None)


def _gone_back(refund: Refund | RefundSnapshot) -> int:
    """In minor units; what was only asked for, or has failed, is with the provider still."""
    gone = refund.state in (RefundState.PENDING, RefundState.SUCCEEDED)
    return refund.amount.minor if gone else 0
