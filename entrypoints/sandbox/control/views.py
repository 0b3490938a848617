"""What the provider holds, short enough to compare with one's own books."""

from collections.abc import Mapping

import msgspec

from entrypoints.sandbox.stripe.account import StripeAccount
from entrypoints.sandbox.stripe.models import (
    Dispute,
    DisputeStatus,
    IntentStatus,
    PaymentIntent,
    Refund,
    RefundStatus,
)


class PaymentView(msgspec.Struct):
    """`refunded` counts pending and succeeded refunds, not failed ones."""

    id: str
    status: IntentStatus
    amount: int
    amount_capturable: int
    amount_received: int
    refunded: int
    currency: str
    metadata: Mapping[str, str]


class RefundView(msgspec.Struct):
    id: str
    payment_intent: str
    status: RefundStatus
    amount: int
    currency: str
    metadata: Mapping[str, str]


class DisputeView(msgspec.Struct):
    id: str
    payment_intent: str
    status: DisputeStatus
    amount: int
    currency: str


def payment_view(account: StripeAccount, intent: PaymentIntent) -> PaymentView:
    return PaymentView(
        id=intent.id,
        status=intent.status,
        amount=intent.amount,
        amount_capturable=intent.amount_capturable,
        amount_received=intent.amount_received,
        refunded=account.refunded(intent),
        currency=intent.currency,
        metadata=intent.metadata,
    )


def refund_view(refund: Refund) -> RefundView:
    return RefundView(
        id=refund.id,
        payment_intent=refund.payment_intent,
        status=refund.status,
        amount=refund.amount,
        currency=refund.currency,
        metadata=refund.metadata,
    )


def dispute_view(dispute: Dispute) -> DisputeView:
    return DisputeView(
        id=dispute.id,
        payment_intent=dispute.payment_intent,
        status=dispute.status,
        amount=dispute.amount,
        currency=dispute.currency,
    )
