"""Case: something that a person must decide. Why it was opened, what can be done about it, who looks after
it, and what was decided.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Final

from domain.act import Act
from domain.identifiers import CaseId
from domain.values import replace, value


class CaseReason(Enum):
    """What has happened that no program should decide alone; `KINDS` has a row for each."""

    MONEY_FOR_CLOSED_ORDER = "money_for_closed_order"
    CAPTURED_TWICE = "captured_twice"
    CAPTURED_AFTER_END = "captured_after_end"
    CAPTURED_AMOUNT_DIFFERS = "captured_amount_differs"
    CAPTURE_FAILED = "capture_failed"
    REFUND_FAILED = "refund_failed"
    TRIES_USED_UP = "tries_used_up"
    READ_REFUSED = "read_refused"
    ADVANCING_FAILED = "advancing_failed"
    DISPUTE = "dispute"
    # At an inventory service: sold there, for an order that ended unpaid; and a hold that it has forgotten.
    GOODS_TO_BOOK_BACK = "goods_to_book_back"
    HOLD_LOST = "hold_lost"
    # Found by a reconciliation. What is unexpected goes by the provider's own reference.
    PROVIDER_DIFFERS = "provider_differs"
    UNKNOWN_TO_PROVIDER = "unknown_to_provider"
    UNEXPECTED_PAYMENT = "unexpected_payment"
    UNEXPECTED_REFUND = "unexpected_refund"
    JOURNAL_DIFFERS = "journal_differs"


class CaseAction(Enum):
    """What a person can decide.

    RETRY: once more, with as many tries as the first time. REFUND: money goes back. CANCEL: the order is
    called off. ACCEPT: it stays as it is.
    """

    RETRY = "retry"
    REFUND = "refund"
    CANCEL = "cancel"
    ACCEPT = "accept"


class CaseState(Enum):
    """OPEN: nobody looks after it yet. ASSIGNED: somebody does. RESOLVED: decided, or settled by itself."""

    OPEN = "open"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"


@value
class CaseKind:
    """`sentence` says what has happened; `actions` are those that make sense.

    `starts_over`: a retry begins the count of failures anew, so what fails again is another case.
    """

    sentence: str
    actions: tuple[CaseAction, ...]
    starts_over: bool = False


_RETRY, _REFUND, _CANCEL, _ACCEPT = CaseAction.RETRY, CaseAction.REFUND, CaseAction.CANCEL, CaseAction.ACCEPT

KINDS: Final[Mapping[CaseReason, CaseKind]] = {
    # The money goes back by itself; a refund is left to decide where that has failed.
    CaseReason.MONEY_FOR_CLOSED_ORDER: CaseKind(
        sentence="Money arrived for an order that had been called off, or whose goods were gone.",
        actions=(_REFUND, _ACCEPT),
    ),
    CaseReason.CAPTURED_TWICE: CaseKind(
        sentence="A second payment of this order was captured as well.",
        actions=(_REFUND, _ACCEPT),
    ),
    CaseReason.CAPTURED_AFTER_END: CaseKind(
        sentence="A payment that had been voided or refused was captured after all.",
        actions=(_REFUND, _ACCEPT),
    ),
    # Too little: everything goes back and the order is called off, or it completes and the rest is written
    # off. Too much: what exceeds the total goes back, or stays.
    CaseReason.CAPTURED_AMOUNT_DIFFERS: CaseKind(
        sentence="Another amount was captured than had been agreed.",
        actions=(_REFUND, _ACCEPT),
    ),
    # `detail` is what has failed of this payment in all. Whatever is decided, nobody is charged again by it.
    CaseReason.CAPTURE_FAILED: CaseKind(
        sentence="Money that had been captured did not come: the provider says now that the capture failed.",
        actions=(_REFUND, _CANCEL, _ACCEPT),
    ),
    # Once more is a new refund of the same parts; the one that failed stays failed.
    CaseReason.REFUND_FAILED: CaseKind(
        sentence="A refund failed: the shopper's bank did not take it, or the provider refused.",
        actions=(_RETRY, _ACCEPT),
    ),
    CaseReason.TRIES_USED_UP: CaseKind(
        sentence="A vendor has not answered to a step for many tries; it is still tried, rarely.",
        actions=(_RETRY, _CANCEL, _ACCEPT),
        starts_over=True,
    ),
    CaseReason.READ_REFUSED: CaseKind(
        sentence="The provider refuses to say how a payment or refund stands; it is still asked, rarely.",
        actions=(_RETRY, _CANCEL, _ACCEPT),
        starts_over=True,
    ),
    CaseReason.ADVANCING_FAILED: CaseKind(
        sentence="The order can't go on because of a defect in FastCart; it is still tried, rarely.",
        actions=(_RETRY, _ACCEPT),
        starts_over=True,
    ),
    # It is answered at the provider; the bank's verdict resolves it.
    CaseReason.DISPUTE: CaseKind(
        sentence="The shopper has taken a payment up with their bank; answer the bank before its deadline.",
        actions=(_ACCEPT,),
    ),
    CaseReason.GOODS_TO_BOOK_BACK: CaseKind(
        sentence="The inventory service has sold goods to an order that ended unpaid; book them back there.",
        actions=(_ACCEPT,),
    ),
    CaseReason.HOLD_LOST: CaseKind(
        sentence="The inventory service knows nothing of a hold that it gave; another was asked for.",
        actions=(_CANCEL, _ACCEPT),
    ),
    # What a reconciliation found is looked into, and mended, where it is: at the provider, or in the books.
    CaseReason.PROVIDER_DIFFERS: CaseKind(
        sentence="The provider says something else of a payment or refund than we do.",
        actions=(_ACCEPT,),
    ),
    CaseReason.UNKNOWN_TO_PROVIDER: CaseKind(
        sentence="The provider knows nothing of a payment or refund that we say it made.",
        actions=(_ACCEPT,),
    ),
    CaseReason.UNEXPECTED_PAYMENT: CaseKind(
        sentence="The provider has a payment for this order that we know nothing of.",
        actions=(_ACCEPT,),
    ),
    CaseReason.UNEXPECTED_REFUND: CaseKind(
        sentence="Money of this order was given back at the provider, and not through FastCart.",
        actions=(_ACCEPT,),
    ),
    CaseReason.JOURNAL_DIFFERS: CaseKind(
        sentence="The journal of this order says something else than its payments, refunds and disputes.",
        actions=(_ACCEPT,),
    ),
}

# What settles itself once as much was captured as had been agreed.
ABOUT_THE_AMOUNT: Final = (CaseReason.CAPTURED_AMOUNT_DIFFERS, CaseReason.CAPTURE_FAILED)


@value
class Resolution:
    """How a case ended. Without an `action` it settled itself, and nobody decided anything: then `why` is a
    machine word for what settled it.
    """

    at: datetime
    action: CaseAction | None = None
    by: str | None = None
    why: str | None = None


@value
class Case:
    """`subject_id` is the payment, refund, attempt, dispute, hold or order that it is about; `detail` is a
    machine word that says more.

    At any time one case at the most is unresolved for a reason and subject.
    """

    id: CaseId
    reason: CaseReason
    subject_id: str
    opened_at: datetime
    detail: str | None = None
    assigned_to: str | None = None
    resolution: Resolution | None = None

    @property
    def kind(self) -> CaseKind:
        return KINDS[self.reason]

    @property
    def state(self) -> CaseState:
        if self.resolution is not None:
            return CaseState.RESOLVED
        return CaseState.OPEN if self.assigned_to is None else CaseState.ASSIGNED

    @property
    def decided(self) -> CaseAction | None:
        """What a person has decided; None while nobody has."""
        return self.resolution.action if self.resolution is not None else None

    def stands(self, detail: str | None = None) -> bool:
        """Whether it keeps another case for the same reason and subject from being opened: it waits for a
        person, or a person has decided for good; not about another `detail`, where that matters.
        """
        if self.resolution is None:
            return True
        if self.decided is None or detail not in (None, self.detail):
            return False
        return not (self.kind.starts_over and self.decided is CaseAction.RETRY)

    def assigned(self, to: str) -> "Case":
        return replace(self, assigned_to=to)

    def resolved(self, action: CaseAction, act: Act) -> "Case":
        return replace(self, resolution=Resolution(at=act.at, action=action, by=act.by, why=act.why))

    def settled(self, now: datetime, why: str | None = None) -> "Case":
        """What it was about has settled itself."""
        return replace(self, resolution=Resolution(at=now, why=why))


def was_decided(
    cases: Iterable[Case],
    action: CaseAction,
    subject_id: str,
    reason: CaseReason | None = None,
    detail: str | None = None,
) -> bool:
    """Whether a person has decided so about a payment, refund or the like; None stands for any."""
    decided = (case for case in cases if case.decided is action and case.subject_id == subject_id)
    return any(reason in (None, case.reason) and detail in (None, case.detail) for case in decided)
