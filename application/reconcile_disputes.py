"""Story of a reconciliation: a page of what banks raised at the provider beside what we know of it."""

from application.listed_orders import with_their_orders
from application.mend_difference import MendDifference
from application.reconciliation_run import ReconciliationRun
from domain.comparison import dispute_differs
from domain.order_facts import OrderFacts
from ports.books import Books
from ports.payment_ledger import ListedDispute, ListPage


class ReconcileDisputes:
    """Disputes of our payments. One that we missed is recorded as if its webhook had come."""

    def __init__(self, books: Books, mend: MendDifference) -> None:
        self._books = books
        self._mend = mend

    async def __call__(self, run: ReconciliationRun, provider: str, page: ListPage[ListedDispute]) -> None:
        run.count(not_ours=page.others)
        for listed, facts in await with_their_orders(self._books, provider, page):
            await self._compare(run, listed, facts)

    async def _compare(self, run: ReconciliationRun, listed: ListedDispute, facts: OrderFacts | None) -> None:
        if facts is None:
            # A dispute carries no id of ours: its payment is somebody else's, or was on its own list.
            run.count(not_ours=1)
            return
        if run.period.covers(listed.created_at):
            run.count(disputes=1)
        reference = listed.snapshot.reference
        run.seen_disputes.add(reference)
        ours = next((dispute for dispute in facts.disputes if dispute.reference == reference), None)
        if dispute_differs(ours, listed.snapshot) is not None:
            await self._mend.dispute(run, facts, listed.payment_reference, reference)
