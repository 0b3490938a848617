"""Between Stripe's shapes and ours: amounts in its units, its statuses in neutral words."""

from typing import Any, Final

from adapters.stripe.errors import decline_reason
from domain.dispute import DisputeSnapshot, DisputeState
from domain.money import Currency, Money
from domain.payment import Decline, NextAction, NextActionKind, PaymentSnapshot, PaymentState
from domain.refund import RefundSnapshot, RefundState

# Currencies that Stripe keeps with two decimals although they have none in use: amounts end in 00.
# https://docs.stripe.com/currencies#special-cases
_TWO_DECIMALS_AT_STRIPE: Final = frozenset({"ISK", "UGX"})
_STATES: Final = {
    "requires_payment_method": PaymentState.AWAITING_METHOD,
    "requires_confirmation": PaymentState.AWAITING_CONFIRMATION,
    "requires_action": PaymentState.AWAITING_ACTION,
    "processing": PaymentState.PROCESSING,
    "requires_capture": PaymentState.AUTHORIZED,
    "succeeded": PaymentState.CAPTURED,
    "canceled": PaymentState.VOIDED,
}
_REFUND_STATES: Final = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}


# A status that is not known is OPEN: a person looks at it.
_DISPUTE_STATES: Final = {
    "warning_needs_response": DisputeState.INQUIRY,
    "warning_under_review": DisputeState.INQUIRY,
    "warning_closed": DisputeState.WON,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}


def to_stripe(money: Money) -> int:
    return money.minor * 100 if money.currency.code in _TWO_DECIMALS_AT_STRIPE else money.minor


def from_stripe(amount: int, code: str) -> Money:
    currency = Currency.of(code)
    return Money(
        minor=amount // 100 if currency.code in _TWO_DECIMALS_AT_STRIPE else amount, currency=currency
    )


def payment_snapshot(intent: dict[str, Any]) -> PaymentSnapshot:
    """A PaymentIntent as a snapshot. A status that is not known is PROCESSING: pending, never failed."""
    return PaymentSnapshot(
        reference=intent["id"],
        state=_STATES.get(intent["status"], PaymentState.PROCESSING),
        amount=from_stripe(intent["amount"], intent["currency"]),
        received=from_stripe(intent.get("amount_received") or 0, intent["currency"]),
        client_secret=intent.get("client_secret"),
        next_action=_next_action(intent),
        decline=_decline(intent),
    )


def refund_snapshot(refund: dict[str, Any]) -> RefundSnapshot:
    return RefundSnapshot(
        reference=refund["id"],
        state=_REFUND_STATES.get(refund["status"], RefundState.PENDING),
        amount=from_stripe(refund["amount"], refund["currency"]),
    )


def dispute_snapshot(dispute: dict[str, Any]) -> DisputeSnapshot:
    """Withdrawals and reinstatements may be in the currency of the payout; their sum's sign says enough."""
    moved = sum(transaction["amount"] for transaction in dispute.get("balance_transactions") or [])
    return DisputeSnapshot(
        reference=dispute["id"],
        state=_DISPUTE_STATES.get(dispute["status"], DisputeState.OPEN),
        amount=from_stripe(dispute["amount"], dispute["currency"]),
        withdrawn=moved < 0,
    )


def _decline(intent: dict[str, Any]) -> Decline | None:
    error = intent.get("last_payment_error")
    if not error or intent["status"] != "requires_payment_method":
        return None
    code = error.get("decline_code") or error.get("code") or "unknown"
    return Decline(reason=decline_reason(code), code=code)


def _next_action(intent: dict[str, Any]) -> NextAction | None:
    match _STATES.get(intent["status"], PaymentState.PROCESSING):
        case PaymentState.AWAITING_METHOD | PaymentState.AWAITING_CONFIRMATION | PaymentState.AWAITING_ACTION:
            redirect = (intent.get("next_action") or {}).get("redirect_to_url")
            if redirect:
                return NextAction(kind=NextActionKind.REDIRECT, url=redirect["url"])
            secret = intent.get("client_secret")
            return NextAction(kind=NextActionKind.IN_PAGE, provider="stripe", payload=secret)
        case PaymentState.PROCESSING:
            return NextAction(kind=NextActionKind.WAIT)
        case _:
            return None
