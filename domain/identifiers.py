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
# Two characters, or ten bits, at a time, written out: ids are made dozens of times a checkout.
_PAIRS: Final = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_SIXTY_BITS: Final = (1 << 60) - 1


def prefixed(prefix: str, uuid: int) -> str:
    """The id for a 128-bit UUID: `prefixed("ord", …)` is `ord_` and 26 characters."""
    pairs, high, low = _PAIRS, (uuid >> 60) & _SIXTY_BITS, uuid & _SIXTY_BITS
    return (
        f"{prefix}_{pairs[uuid >> 120]}"
        f"{pairs[high >> 50]}{pairs[high >> 40 & 1023]}{pairs[high >> 30 & 1023]}"
        f"{pairs[high >> 20 & 1023]}{pairs[high >> 10 & 1023]}{pairs[high & 1023]}"
        f"{pairs[low >> 50]}{pairs[low >> 40 & 1023]}{pairs[low >> 30 & 1023]}"
        f"{pairs[low >> 20 & 1023]}{pairs[low >> 10 & 1023]}{pairs[low & 1023]}"
    )


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
