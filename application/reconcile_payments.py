"""Story of a reconciliation: a page of the provider's payments beside ours."""

from application.mend_difference import MendDifference
from application.reconciliation_run import ReconciliationRun
from domain.case import CaseReason
from domain.comparison import payment_differs, payment_told
from domain.order_facts import OrderFacts
from domain.payment import Payment, PaymentState
from domain.reconciliation import CurrencySums, Done, Finding, FindingKind
from domain.values import replace
from ports.books import Books
from ports.payment_ledger import ListedPayment, ListPage


class ReconcilePayments:
    """Payments that carry our ids; others on the same account are only counted."""

    def __init__(self, books: Books, mend: MendDifference) -> None:
        self._books = books
        self._mend = mend

    async def __call__(self, run: ReconciliationRun, page: ListPage[ListedPayment]) -> None:
        orders = await self._books.of_orders(list({listed.order_id for listed in page.listed}))
        run.count(not_ours=page.others)
        for listed in page.listed:
            books = orders.get(listed.order_id)
            await self._compare(run, listed, books.facts if books is not None else None)

    async def _compare(self, run: ReconciliationRun, listed: ListedPayment, facts: OrderFacts | None) -> None:
        theirs, ours = listed.snapshot, _counterpart(run, listed, facts)
        if run.period.covers(listed.created_at):
            run.count(payments=1)
            run.add(CurrencySums.of(theirs.received.currency, captured_theirs=theirs.received.minor))
            if ours is not None:
                run.add(CurrencySums.of(ours.captured.currency, captured_ours=ours.captured.minor))
        if ours is None:
            await self._unexpected(run, listed, facts)
            return
        run.seen_payments.add(ours.id)
        if payment_differs(ours, theirs) is not None:
            await self._mend.payment(run, ours, theirs.reference)

    async def _unexpected(
        self, run: ReconciliationRun, listed: ListedPayment, facts: OrderFacts | None
    ) -> None:
        theirs = listed.snapshot
        finding = Finding(
            kind=FindingKind.PAYMENT_WITHOUT_ORDER if facts is None else FindingKind.UNEXPECTED_PAYMENT,
            subject_id=theirs.reference,
            order_id=facts.order.id if facts is not None else None,
            ours=None,
            theirs=payment_told(theirs.state, theirs.amount, theirs.received),
            done=Done.LEFT,
        )
        if theirs.state is PaymentState.VOIDED:
            run.found(replace(finding, done=Done.NOTED))
        elif facts is None:
            run.found(replace(finding, done=Done.UNRESOLVED))
        else:
            await self._mend.open_case(run, finding, CaseReason.UNEXPECTED_PAYMENT)


def _counterpart(run: ReconciliationRun, listed: ListedPayment, facts: OrderFacts | None) -> Payment | None:
    """The payment that it is. A second one that carries the same id is a payment that nobody asked for."""
    if facts is None or listed.payment_id in run.seen_payments:
        return None
    known = (None, listed.snapshot.reference)
    return next((p for p in facts.payments if p.id == listed.payment_id and p.reference in known), None)
