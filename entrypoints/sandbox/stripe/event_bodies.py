"""Disputes and events in JSON, and the choice of the right body for whatever an event is about."""

from typing import Final

from entrypoints.sandbox.stripe.bodies import API_VERSION, charge_body, intent_body, refund_body
from entrypoints.sandbox.stripe.method_bodies import Body
from entrypoints.sandbox.stripe.models import (
    Charge,
    Dispute,
    DisputeStatus,
    Event,
    EventSubject,
    PaymentIntent,
    Refund,
)
from entrypoints.sandbox.stripe.subscription_bodies import invoice_body, subscription_body
from entrypoints.sandbox.stripe.subscription_models import Invoice, Subscription

_EVIDENCE: Final = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
]
_RESPONSE_TIME: Final = 7 * 24 * 3600


def event_body(event: Event, pending_webhooks: int = 0) -> Body:
    return {
        "id": event.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": event.created,
        "data": {"object": _subject_body(event.subject)},
        "livemode": False,
        "pending_webhooks": pending_webhooks,
        "request": {"id": event.origin.id, "idempotency_key": event.origin.idempotency_key},
        "type": event.type,
    }


def dispute_body(dispute: Dispute) -> Body:
    return {
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount,
        "balance_transactions": _balance_transactions(dispute),
        "charge": dispute.charge,
        "created": dispute.created,
        "currency": dispute.currency,
        "evidence": dict.fromkeys(_EVIDENCE),
        "evidence_details": {
            "due_by": dispute.created + _RESPONSE_TIME,
            "has_evidence": dispute.status is DisputeStatus.UNDER_REVIEW,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": dispute.is_inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": dispute.payment_intent,
        "payment_method_details": {"card": {"brand": "visa", "network_reason_code": "10.4"}, "type": "card"},
        "reason": dispute.reason,
        "status": dispute.status,
    }


def _balance_transactions(dispute: Dispute) -> list[Body]:
    """None, one, or two: the money withdrawn, and reinstated."""
    match dispute.status:
        case DisputeStatus.NEEDS_RESPONSE | DisputeStatus.UNDER_REVIEW | DisputeStatus.LOST:
            return [_balance_transaction(dispute, -dispute.amount)]
        case DisputeStatus.WON:
            return [_balance_transaction(dispute, amount) for amount in (-dispute.amount, dispute.amount)]
        case _:
            return []


def _balance_transaction(dispute: Dispute, amount: int) -> Body:
    withdrawal = amount < 0
    return {
        "id": f"txn_{'w' if withdrawal else 'r'}{dispute.id}",
        "object": "balance_transaction",
        "amount": amount,
        "available_on": dispute.created,
        "created": dispute.created,
        "currency": dispute.currency,
        "description": f"Chargeback {'withdrawal' if withdrawal else 'reversal'} for {dispute.charge}",
        "exchange_rate": None,
        "fee": 0,
        "fee_details": [],
        "net": amount,
        "reporting_category": "dispute" if withdrawal else "dispute_reversal",
        "source": dispute.id,
        "status": "available",
        "type": "adjustment",
    }


def _subject_body(subject: EventSubject) -> Body:
    match subject:
        case PaymentIntent():
            return intent_body(subject)
        case Charge():
            return charge_body(subject)
        case Refund():
            return refund_body(subject)
        case Dispute():
            return dispute_body(subject)
        case Subscription():
            return subscription_body(subject)
        case Invoice():
            return invoice_body(subject)
