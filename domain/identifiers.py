"""Prefixed, time-ordered ids: a UUIDv7 in Crockford's base32 behind a prefix that says what it names
(`ord_…`).

The text form is that of TypeID (jetify's TypeID specification): 26 characters, sortable by creation time.
"""

from hashlib import sha256
from typing import Final, NewType

CheckoutId = NewType("CheckoutId", str)
CustomerId = NewType("CustomerId", str)
LineId = NewType("LineId", str)
OrderId = NewType("OrderId", str)
PaymentId = NewType("PaymentId", str)
ReservationId = NewType("ReservationId", str)
AttemptId = NewType("AttemptId", str)
RefundId = NewType("RefundId", str)
CaseId = NewType("CaseId", str)
ShortageId = NewType("ShortageId", str)
DisputeId = NewType("DisputeId", str)
ReturnId = NewType("ReturnId", str)
ReceiptId = NewType("ReceiptId", str)
ReconciliationId = NewType("ReconciliationId", str)
PlanId = NewType("PlanId", str)
SubscriptionId = NewType("SubscriptionId", str)
InvoiceId = NewType("InvoiceId", str)
Sku = NewType("Sku", str)

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH: Final = 26
_TIME_LENGTH: Final = 10
# Two characters at a time: ids are made dozens of times a checkout.
_PAIRS: Final = tuple(first + second for first in _ALPHABET for second in _ALPHABET)


def prefixed(prefix: str, uuid: int) -> str:
    """The id for a 128-bit UUID: `prefixed("ord", …)` is `ord_` and 26 characters."""
    pairs = [_PAIRS[(uuid >> shift) & 1023] for shift in range(5 * (_LENGTH - 2), -1, -10)]
    return f"{prefix}_{''.join(pairs)}"


def derived(prefix: str, of: str, fact: str) -> str:
    """An id for what a fact about something else brings about: the same whenever it is asked for, so that it
    happens once, and as old as that something.
    """
    time = of.partition("_")[2][:_TIME_LENGTH]
    digest = sha256(f"{of} {fact}".encode()).digest()[: _LENGTH - _TIME_LENGTH]
    return f"{prefix}_{time}{''.join(_ALPHABET[byte % 32] for byte in digest)}"


def is_prefixed(text: str, prefix: str) -> bool:
    """Whether `text` has the shape of such an id, so that a wrong one is refused before the database is
    asked.
    """
    head, _, tail = text.partition("_")
    return head == prefix and len(tail) == _LENGTH and not tail.strip(_ALPHABET)
