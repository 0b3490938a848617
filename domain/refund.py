"""Refund: money going back. The row exists, and reserves the balance, before the provider is asked."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Final

from domain.errors import RefundExceedsBalance, TotalsDoNotAddUp
from domain.identifiers import LineId, PaymentId, RefundId
from domain.money import Money, total_of
from domain.values import replace, value


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


@value
class RefundedLine:
    """So many pieces of one line of the order."""

    line_id: LineId
    quantity: int


@value
class Share:
    """What is taken from one line, or (without a line) from the delivery: its net price and the tax on it.

    `pieces` of the line are given up with it; none are when only money goes back.
    """

    line_id: LineId | None
    pieces: int
    net: Money
    tax: Money

    @property
    def amount(self) -> Money:
        return self.net + self.tax


@value
class RefundSnapshot:
    """What the provider says of a refund."""

    reference: str
    state: RefundState
    amount: Money


@value
class Refund:
    """`shares` are the parts of the sale that it takes back; what exceeds them was never part of a sale.

    `restocked` are the pieces that went back to stock with the decision, whatever becomes of the money.
    """

    id: RefundId
    payment_id: PaymentId
    amount: Money
    state: RefundState
    reason: RefundReason
    created_at: datetime
    reference: str | None = None
    seen_at: datetime | None = None
    shares: tuple[Share, ...] = ()
    restocked: tuple[RefundedLine, ...] = ()
    note: str | None = None

    def __post_init__(self) -> None:
        if self.beyond_sale.minor < 0:
            raise TotalsDoNotAddUp(what="refund shares")

    @property
    def beyond_sale(self) -> Money:
        """What of it was never part of a sale."""
        return self.amount - total_of((share.amount for share in self.shares), self.amount.currency)

    def beyond(self, *, sold: bool) -> Money:
        """What of it lowers no sale: all of it where nothing was sold."""
        return self.beyond_sale if sold else self.amount

    @property
    def takes_balance(self) -> bool:
        """Money that went, or is to go: only a failure gives it back to what can still be refunded."""
        return self.state is not RefundState.FAILED

    def observed(self, snapshot: RefundSnapshot, now: datetime) -> "Refund":
        """Itself after a fact. A stale one, of an earlier phase, changes nothing; a failure is final."""
        state = snapshot.state if _PHASE[snapshot.state] >= _PHASE[self.state] else self.state
        return replace(self, state=state, reference=snapshot.reference, seen_at=now)

    def failed(self, now: datetime) -> "Refund":
        return replace(self, state=RefundState.FAILED, seen_at=now)


def refundable(captured: Money, refunds: Iterable[Refund]) -> Money:
    """What is left to give back of a captured amount: refunds that didn't fail have taken their part. Nothing
    is where the capture failed after them.
    """
    left = captured - total_of((r.amount for r in refunds if r.takes_balance), captured.currency)
    return max(left, Money.zero(captured.currency))


def require_refundable(amount: Money, captured: Money, refunds: Iterable[Refund]) -> None:
    """Raises RefundExceedsBalance for nothing at all, or for more than is left."""
    left = refundable(captured, refunds)
    if amount.minor <= 0 or left < amount:
        raise RefundExceedsBalance(asked_minor=amount.minor, refundable_minor=left.minor)
