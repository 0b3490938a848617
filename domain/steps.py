"""The steps that an order's life is made of: what `decide` may answer."""

from dataclasses import dataclass
from datetime import datetime

from domain.attempt import Attempt
from domain.case import CaseReason
from domain.money import Money
from domain.order import ClosingReason
from domain.payment import Payment
from domain.refund import Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """Ask the provider what became of a doubtful attempt, and adopt it."""

    attempt: Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshPayment:
    """Read the payment's state at the provider: a webhook may have been lost."""

    payment: Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRefund:
    refund: Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldStock:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendHold:
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmStock:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseStock:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPayment:
    """A new payment row: there is none yet, or the last is over and the shopper may still try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePayment:
    payment: Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPayment:
    payment: Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    payment: Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    payment: Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefund:
    """Money that the order can't use goes back: a refund row is made, and submitted as the next step."""

    payment: Payment
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRefund:
    refund: Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    reason: ClosingReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    reason: CaseReason
    subject_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitUntil:
    """Nothing to do before `at`, unless a new fact arrives. `reason` is a stable word for the timeline."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    pass


OwnStep = (
    HoldStock
    | ExtendHold
    | ConfirmStock
    | ReleaseStock
    | StartPayment
    | RequestRefund
    | Close
    | Complete
    | OpenCase
)
VendorStep = (
    LookUp | RefreshPayment | RefreshRefund | CreatePayment | ConfirmPayment | Capture | Void | SubmitRefund
)
Rest = WaitUntil | Settled
Step = OwnStep | VendorStep | Rest
