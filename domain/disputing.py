"""What a provider says of a dispute, taken into an order: booked, told, and shown to a person until the bank
has decided.
"""

from datetime import datetime

from domain import journal
from domain.case import Case, CaseReason
from domain.dispute import DisputeSnapshot, dispute_from
from domain.events import EventKind
from domain.identifiers import DisputeId, PaymentId
from domain.order_facts import OrderFacts
from domain.values import replace


def dispute_observed(
    facts: OrderFacts, payment_id: PaymentId, snapshot: DisputeSnapshot, new_id: DisputeId, now: datetime
) -> OrderFacts:
    """The order with the dispute, under `new_id` if it is news. A verdict closes its case, and says so.

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
    if after.is_over:
        return facts.cases_closed(CaseReason.DISPUTE, after.id, now, why=f"dispute_{after.state.value}")
    due_by = after.evidence_due_by
    if due_by is not None and (before is None or before.evidence_due_by != due_by):
        facts = facts.told(EventKind.EVIDENCE_DUE, now, after.id, due_by.isoformat())
    return facts


def evidence_due_by(facts: OrderFacts, case: Case) -> datetime | None:
    """Until when a person can do something about this case; None for one that isn't about a dispute."""
    about = (dispute for dispute in facts.disputes if dispute.id == case.subject_id)
    return next((dispute.evidence_due_by for dispute in about), None)
