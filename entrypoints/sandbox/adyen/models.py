"""What simulated Adyen holds: payments, and modifications of them that wait to be carried out."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from entrypoints.sandbox.adyen.test_cards import Result


class Amount(msgspec.Struct, frozen=True):
    currency: str
    value: int


class NewPayment(msgspec.Struct, rename="camel", kw_only=True):
    """POST /payments, as far as the sandbox minds it."""

    amount: Amount
    merchant_account: str
    payment_method: dict[str, Any]
    reference: str
    return_url: str
    metadata: dict[str, str] = {}
    additional_data: dict[str, str] = {}
    capture_delay_hours: int | None = None
    shopper_reference: str | None = None
    shopper_interaction: str | None = None
    recurring_processing_model: str | None = None
    store_payment_method: bool = False
    browser_info: dict[str, Any] | None = None
    origin: str | None = None
    channel: str | None = None


class Details(msgspec.Struct, rename="camel", kw_only=True):
    details: dict[str, str]
    payment_data: str | None = None


class NewModification(msgspec.Struct, rename="camel", kw_only=True):
    merchant_account: str
    reference: str | None = None
    amount: Amount | None = None


class Operation(StrEnum):
    CAPTURE = "captures"
    CANCEL = "cancels"
    REFUND = "refunds"


@dataclass(slots=True, kw_only=True)
class Payment:
    psp_reference: str
    asked: NewPayment
    result: Result
    redirect_result: str | None = None
    is_approved: bool | None = None
    authorised: int = 0
    captured: int = 0
    refunded: int = 0
    disputed: int = 0
    is_cancelled: bool = False

    @property
    def captures_itself(self) -> bool:
        """An account's setting, unless the request says otherwise; a bank's own money moves at once."""
        is_manual = self.asked.additional_data.get("manualCapture") == "true"
        return not is_manual or self.asked.payment_method.get("type") == "ideal"


@dataclass(slots=True, kw_only=True)
class Modification:
    psp_reference: str
    payment: Payment
    operation: Operation
    amount: Amount
    reference: str | None


@dataclass(slots=True, kw_only=True)
class Dispute:
    psp_reference: str
    payment: Payment
    amount: Amount
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """The first answer to a key, and to what: the same question is answered so again."""

    fingerprint: bytes
    status: int
    body: bytes
