"""Reads that a vendor refuses: for a while that may pass, then a person is told, and it is asked rarely."""

from datetime import datetime, timedelta
from typing import Final

from domain.case import CaseReason
from domain.decision import POLL_PENDING_REFUND
from domain.identifiers import CaseId
from domain.order_facts import OrderFacts
from domain.steps import RefreshPayment, RefreshRefund
from domain.time_to_pay import look_again_at

# So long after it was due has a read been refused again and again, once a minute.
REFUSED_FOR_LONG: Final = timedelta(hours=1)
# A wait that a vendor asks for is believed within these; without one, a read is repeated after a minute.
_AFTER_FAILURE: Final = timedelta(minutes=1)
_SHORTEST_WAIT_SECONDS: Final = 1
_LONGEST_WAIT_SECONDS: Final = 3600

Read = RefreshPayment | RefreshRefund


def read_refused(facts: OrderFacts, read: Read, code: str, case_id: CaseId, now: datetime) -> OrderFacts:
    """The order, with a case under `case_id` once that has gone on for long."""
    subject_id, due_at = _subject(read)
    if now < due_at + REFUSED_FOR_LONG or facts.has_case(CaseReason.READ_REFUSED, subject_id):
        return facts
    return facts.case_opened(case_id, CaseReason.READ_REFUSED, subject_id, now, code)


def read_again_at(facts: OrderFacts, read: Read, retry_after_seconds: int | None, now: datetime) -> datetime:
    """When a read that failed is repeated: as the vendor wished, or rarely once a person was told."""
    if facts.has_case(CaseReason.READ_REFUSED, _subject(read)[0]):
        return now + timedelta(seconds=_LONGEST_WAIT_SECONDS)
    if retry_after_seconds is None:
        return now + _AFTER_FAILURE
    believed = min(max(retry_after_seconds, _SHORTEST_WAIT_SECONDS), _LONGEST_WAIT_SECONDS)
    return now + timedelta(seconds=believed)


def _subject(read: Read) -> tuple[str, datetime]:
    """What was to be read, and when that was due."""
    if isinstance(read, RefreshPayment):
        return read.payment.id, look_again_at(read.payment)
    refund = read.refund
    return refund.id, (refund.seen_at or refund.created_at) + POLL_PENDING_REFUND
