"""Refund: money going back. The row exists, and reserves the balance, before the provider is asked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final

from domain.errors import RefundExceedsBalance
from domain.identifiers import PaymentId, RefundId
from domain.money import Money, total_of


class RefundState(Enum):
    """REQUESTED and PENDING reserve the balance; FAILED gives it back.

    SUCCEEDED may still turn FAILED at a bank.
    """

    REQUESTED = "requested"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


# A refund never goes back to a lower phase: asked for again, it would be submitted again.
_PHASE: Final = {
    RefundState.REQUESTED: 0,
    RefundState.PENDING: 1,
    RefundState.SUCCEEDED: 2,
    RefundState.FAILED: 3,
}


class RefundReason(Enum):
    """Why money goes back: somebody asked, or the order could not use what was captured."""

    REQUESTED = "requested"
    UNUSABLE_PAYMENT = "unusable_payment"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSnapshot:
    """What the provider says of a refund."""

    reference: str
    state: RefundState
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    id: RefundId
    payment_id: PaymentId
    amount: Money
    state: RefundState
    reason: RefundReason
    created_at: datetime
    reference: str | None = None
    seen_at: datetime | None = None

    def observed(self, snapshot: RefundSnapshot, now: datetime) -> "Refund":
        """Itself after a fact. A stale one, of an earlier phase, changes nothing; a failure is final."""
        state = snapshot.state if _PHASE[snapshot.state] >= _PHASE[self.state] else self.state
        return replace(self, state=state, reference=snapshot.reference, seen_at=now)

    def failed(self, now: datetime) -> "Refund":
        return replace(self, state=RefundState.FAILED, seen_at=now)


def refundable(captured: Money, refunds: Iterable[Refund]) -> Money:
    """What is left to give back of a captured amount: refunds that didn't fail have taken their part."""
    return captured - total_of(
        (r.amount for r in refunds if r.state is not RefundState.FAILED), captured.currency
    )


def require_refundable(amount: Money, captured: Money, refunds: Iterable[Refund]) -> None:
    """Raises RefundExceedsBalance for nothing at all, or for more than is left."""
    left = refundable(captured, refunds)
    if amount.minor <= 0 or left < amount:
        raise RefundExceedsBalance(asked_minor=amount.minor, refundable_minor=left.minor)
