"""What an attempt at a payment was made for, read from the order's facts, and whether it has happened."""

from domain.attempt import Attempt, Operation
from domain.order_facts import OrderFacts
from domain.payment import Payment, PaymentSnapshot, PaymentState
from domain.steps import Capture, ConfirmPayment, CreatePayment, SubmitRefund, VendorStep, Void


def payment_behind(attempt: Attempt, facts: OrderFacts) -> Payment:
    """The payment that it is about, or whose money it gives back."""
    if attempt.operation is Operation.REFUND:
        return facts.payment(facts.refund(attempt.subject_id).payment_id)
    return facts.payment(attempt.subject_id)


def step_of(attempt: Attempt, facts: OrderFacts) -> VendorStep:
    """The step that led to it, as it is to be taken again."""
    if attempt.operation is Operation.REFUND:
        return SubmitRefund(refund=facts.refund(attempt.subject_id))
    payment = facts.payment(attempt.subject_id)
    match attempt.operation:
        case Operation.CREATE_PAYMENT:
            return CreatePayment(payment=payment)
        case Operation.CONFIRM_PAYMENT:
            return ConfirmPayment(payment=payment)
        case Operation.CAPTURE:
            return Capture(payment=payment)
        case Operation.VOID:
            return Void(payment=payment)
        case _:
            raise AssertionError(f"{attempt.operation} is no payment's")


def has_happened(operation: Operation, snapshot: PaymentSnapshot) -> bool:
    """Whether this state shows that the operation took effect (or can't any more)."""
    if snapshot.state in (PaymentState.CAPTURED, PaymentState.VOIDED):
        return operation is not Operation.VOID or not snapshot.holds_stray
    if operation is Operation.CONFIRM_PAYMENT:
        return snapshot.state in (
            PaymentState.AWAITING_ACTION,
            PaymentState.PROCESSING,
            PaymentState.AUTHORIZED,
        )
    return operation is Operation.CREATE_PAYMENT
