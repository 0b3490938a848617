"""How long an order waits for its money: the payment window while the shopper is there, and what the method
takes once its money is on its way; and how a payment is ended that can't be stopped meanwhile.
"""

from datetime import datetime, timedelta
from typing import Final

from domain.attempt import Operation
from domain.order import Order
from domain.order_facts import OrderFacts
from domain.payment import Payment, PaymentState
from domain.steps import RefreshPayment, Step, Void, WaitUntil

# A webhook may never come, so the provider is asked again after this long; less often where money takes days.
POLL_OPEN_PAYMENT: Final = timedelta(minutes=5)
POLL_DELAYED_PAYMENT: Final = timedelta(hours=1)


def time_to_pay_ends(order: Order, payment: Payment) -> datetime:
    """Nobody is thrown out whose money is on its way."""
    arrives_by = payment.arrives_by
    return order.pay_until if arrives_by is None else max(order.pay_until, arrives_by)


def look_again_at(payment: Payment) -> datetime:
    """When a payment that nobody tells of is read again."""
    is_delayed = payment.expected_by is not None and payment.method is not None and payment.method.is_delayed
    seen_at = payment.seen_at or payment.created_at
    return seen_at + (POLL_DELAYED_PAYMENT if is_delayed else POLL_OPEN_PAYMENT)


def stopping(facts: OrderFacts, payment: Payment, now: datetime) -> Step:
    """Stops it. What its bank can't be kept from any more is looked after until that has ended by itself, for
    as long as its method may take.
    """
    attempt = facts.open_attempt(Operation.VOID, payment.id)
    unstoppable = attempt is not None and attempt.was_impossible_in(PaymentState.PROCESSING.value)
    arrives_by = payment.arrives_by
    if not unstoppable or payment.state is not PaymentState.PROCESSING:
        return Void(payment=payment)
    if arrives_by is None or now >= arrives_by:
        return Void(payment=payment)
    again_at = look_again_at(payment)
    if now >= again_at:
        return RefreshPayment(payment=payment)
    return WaitUntil(at=min(again_at, arrives_by), reason=payment.state.value)
