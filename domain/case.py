"""Case: something that a person must decide, with the reason that it was opened for."""

from datetime import datetime
from enum import Enum

from domain.identifiers import CaseId
from domain.values import value


class CaseReason(Enum):
    MONEY_FOR_CLOSED_ORDER = "money_for_closed_order"
    CAPTURED_TWICE = "captured_twice"
    CAPTURED_AMOUNT_DIFFERS = "captured_amount_differs"
    REFUND_FAILED = "refund_failed"
    TRIES_USED_UP = "tries_used_up"
    DISPUTE = "dispute"
    # What a reconciliation found, and no observation explains. Subject of the unexpected is the provider's
    # own reference.
    PROVIDER_DIFFERS = "provider_differs"
    UNKNOWN_TO_PROVIDER = "unknown_to_provider"
    UNEXPECTED_PAYMENT = "unexpected_payment"
    UNEXPECTED_REFUND = "unexpected_refund"
    JOURNAL_DIFFERS = "journal_differs"


@value
class Case:
    """`subject_id` is the payment, refund, attempt or dispute that it is about.

    There is one case a reason and subject.
    """

    id: CaseId
    reason: CaseReason
    subject_id: str
    opened_at: datetime
    resolved_at: datetime | None = None
