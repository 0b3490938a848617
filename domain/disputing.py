"""What a provider says of a dispute, taken into an order: booked, told, and shown to a person until the bank
has decided.
"""

from datetime import datetime

from domain import journal
from domain.case import CaseReason
from domain.dispute import DisputeSnapshot, dispute_from
from domain.events import EventKind
from domain.identifiers import DisputeId, PaymentId
from domain.order_facts import OrderFacts
from domain.values import replace


def dispute_observed(
    facts: OrderFacts, payment_id: PaymentId, snapshot: DisputeSnapshot, new_id: DisputeId, now: datetime
) -> OrderFacts:
    """The order with the dispute, under `new_id` if it is news. A verdict closes its case.

    A stale or repeated fact adds nothing.
    """
    before = next((d for d in facts.disputes if d.reference == snapshot.reference), None)
    after = before.observed(snapshot, now) if before else dispute_from(snapshot, new_id, payment_id, now)
    known = tuple(after if dispute is before else dispute for dispute in facts.disputes)
    facts = replace(facts, disputes=known if before else (*known, after))
    facts = facts.booked(*journal.dispute_entries(before, after, now))
    if before is None or before.state is not after.state:
        facts = facts.told(EventKind.DISPUTE_ADVANCED, now, after.id, after.state.value)
    if after.withdrawn is not (before is not None and before.withdrawn):
        moved = "withdrawn" if after.withdrawn else "returned"
        facts = facts.told(EventKind.DISPUTE_FUNDS_MOVED, now, after.id, moved)
    return facts.cases_closed(CaseReason.DISPUTE, after.id, now) if after.is_over else facts
