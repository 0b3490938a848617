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
    # At an inventory service: sold there, for an order that ended unpaid; and a hold that it has forgotten.
    GOODS_TO_BOOK_BACK = "goods_to_book_back"
    HOLD_LOST = "hold_lost"


@value
class Case:
    """`subject_id` is the payment, refund, attempt, dispute, hold or order that it is about.

    There is one case a reason and subject.
    """

    id: CaseId
    reason: CaseReason
    subject_id: str
    opened_at: datetime
    resolved_at: datetime | None = None
