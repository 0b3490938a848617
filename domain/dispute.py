"""Dispute: a shopper takes a payment up with their bank, which may take the money back and decides."""

from datetime import datetime
from enum import Enum
from typing import Final

from domain.identifiers import DisputeId, PaymentId
from domain.money import Money
from domain.values import replace, value


class DisputeState(Enum):
    """INQUIRY: the bank only asks. OPEN: it has yet to decide. WON: the money stays. LOST: it is gone."""

    INQUIRY = "inquiry"
    OPEN = "open"
    WON = "won"
    LOST = "lost"


# A dispute never goes back to a lower phase, and never from one verdict to another.
_PHASE: Final = {
    DisputeState.INQUIRY: 0,
    DisputeState.OPEN: 1,
    DisputeState.WON: 2,
    DisputeState.LOST: 2,
}


@value
class DisputeSnapshot:
    """What the provider says of a dispute at one moment; `withdrawn` if it has taken the money from us.

    The bank hears us until `evidence_due_by`; None if it hears nobody, or the provider doesn't say.
    """

    reference: str
    state: DisputeState
    amount: Money
    withdrawn: bool
    evidence_due_by: datetime | None = None


@value
class Dispute:
    """`reference` is the provider's own id of it."""

    id: DisputeId
    payment_id: PaymentId
    reference: str
    state: DisputeState
    amount: Money
    withdrawn: bool
    opened_at: datetime
    seen_at: datetime
    evidence_due_by: datetime | None = None

    @property
    def is_over(self) -> bool:
        return _PHASE[self.state] == _PHASE[DisputeState.WON]

    @property
    def bars_refunds(self) -> bool:
        """The bank may give, or has given, the shopper this money: a refund would pay it twice."""
        return self.state in (DisputeState.OPEN, DisputeState.LOST)

    @property
    def is_written_off(self) -> bool:
        return self.withdrawn and self.state is DisputeState.LOST

    def observed(self, snapshot: DisputeSnapshot, now: datetime) -> "Dispute":
        """Itself after a fact; a stale one changes nothing.

        The money is taken once, and comes back only when the dispute was won.
        """
        before, after = _PHASE[self.state], _PHASE[snapshot.state]
        if after < before or (self.is_over and snapshot.state is not self.state):
            return replace(self, seen_at=now)
        if snapshot.state is DisputeState.WON:
            withdrawn = snapshot.withdrawn and (self.withdrawn or self.state is not DisputeState.WON)
        else:
            withdrawn = snapshot.withdrawn or self.withdrawn
        due_by = snapshot.evidence_due_by or self.evidence_due_by
        return replace(self, state=snapshot.state, withdrawn=withdrawn, seen_at=now, evidence_due_by=due_by)


def dispute_from(
    snapshot: DisputeSnapshot, dispute_id: DisputeId, payment_id: PaymentId, now: datetime
) -> Dispute:
    """A dispute that was not known before."""
    return Dispute(
        id=dispute_id,
        payment_id=payment_id,
        reference=snapshot.reference,
        state=snapshot.state,
        amount=snapshot.amount,
        withdrawn=snapshot.withdrawn,
        opened_at=now,
        seen_at=now,
        evidence_due_by=snapshot.evidence_due_by,
    )
