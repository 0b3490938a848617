"""Where an order stands: the closed set of words that a shopper is told, apart from the internal states."""

from typing import Final, Literal

from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState

Status = Literal[
    "awaiting_payment",
    "action_required",
    "processing",
    "paid",
    "partially_refunded",
    "refunded",
    "canceled",
    "expired",
]
_WHILE_OPEN: Final[dict[PaymentState, Status]] = {
    PaymentState.AWAITING_ACTION: "action_required",
    PaymentState.PROCESSING: "processing",
    PaymentState.AUTHORIZED: "processing",
    PaymentState.CAPTURED: "processing",
}


def status_of(facts: OrderFacts) -> Status:
    match facts.order.state:
        case OrderState.CANCELLED:
            return "canceled"
        case OrderState.EXPIRED:
            return "expired"
        case OrderState.COMPLETED:
            return _once_paid(facts)
        case OrderState.OPEN:
            live = facts.live_payment
            if live is None:
                return "awaiting_payment"
            return "processing" if is_at_work(facts) else _WHILE_OPEN.get(live.state, "awaiting_payment")


def is_at_work(facts: OrderFacts) -> bool:
    """Whether a card that the shopper offered waits to be tried, or its outcome to be known."""
    live = facts.live_payment
    return live is not None and live.offered is not None


def _once_paid(facts: OrderFacts) -> Status:
    back = sum(refund.amount.minor for refund in facts.refunds if refund.takes_balance)
    if not back:
        return "paid"
    return "refunded" if back >= facts.sale.amount_due.minor else "partially_refunded"
