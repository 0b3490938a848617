"""The steps that an order's life is made of: what `decide` may answer."""

from datetime import datetime

from domain.attempt import Attempt, Operation, SubjectId
from domain.case import CaseReason
from domain.money import Money
from domain.order import ClosingReason
from domain.payment import Payment
from domain.refund import Refund
from domain.reservation import Reservation
from domain.values import value


@value
class LookUp:
    """Ask the provider what became of a doubtful attempt, and adopt it."""

    attempt: Attempt


@value
class RefreshPayment:
    """Read the payment's state at the provider: a webhook may have been lost."""

    payment: Payment


@value
class RefreshRefund:
    refund: Refund


@value
class HoldStock:
    """A hold is made: on our own stock at once, at an inventory service by the next step."""


@value
class ExtendHold:
    until: datetime


@value
class ConfirmStock:
    pass


@value
class ReleaseStock:
    pass


@value
class ReserveAtService:
    """Ask the inventory service for a hold that was made a row: what is our own HoldStock elsewhere."""

    reservation: Reservation


@value
class ConfirmAtService:
    reservation: Reservation


@value
class ReleaseAtService:
    reservation: Reservation


@value
class StartPayment:
    """A new payment row: there is none yet, or the last is over and the shopper may still try."""


@value
class CreatePayment:
    payment: Payment


@value
class ConfirmPayment:
    payment: Payment


@value
class Capture:
    payment: Payment


@value
class Void:
    payment: Payment


@value
class RequestRefund:
    """Money that the order can't use goes back: a refund row is made, and submitted as the next step."""

    payment: Payment
    amount: Money


@value
class SubmitRefund:
    refund: Refund


@value
class Close:
    reason: ClosingReason


@value
class Complete:
    pass


@value
class OpenCase:
    reason: CaseReason
    subject_id: str
    detail: str | None = None


@value
class WaitUntil:
    """Nothing to do before `at`, unless a new fact arrives. `reason` is a stable word for the timeline."""

    at: datetime
    reason: str


@value
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
Write = (
    CreatePayment
    | ConfirmPayment
    | Capture
    | Void
    | SubmitRefund
    | ReserveAtService
    | ConfirmAtService
    | ReleaseAtService
)
VendorStep = LookUp | RefreshPayment | RefreshRefund | Write
Rest = WaitUntil | Settled
Step = OwnStep | VendorStep | Rest


def operation_of(step: Step) -> tuple[Operation, SubjectId] | None:
    """What kind of attempt a step needs, and at what; None for a read, which leaves no trace at the
    provider.
    """
    match step:
        case CreatePayment(payment=payment):
            return Operation.CREATE_PAYMENT, payment.id
        case ConfirmPayment(payment=payment):
            return Operation.CONFIRM_PAYMENT, payment.id
        case Capture(payment=payment):
            return Operation.CAPTURE, payment.id
        case Void(payment=payment):
            return Operation.VOID, payment.id
        case SubmitRefund(refund=refund):
            return Operation.REFUND, refund.id
        case ReserveAtService(reservation=hold):
            return Operation.RESERVE, hold.id
        case ConfirmAtService(reservation=hold):
            return Operation.CONFIRM_HOLD, hold.id
        case ReleaseAtService(reservation=hold):
            return Operation.RELEASE_HOLD, hold.id
        case _:
            return None
