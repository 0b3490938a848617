"""The account's records as Stripe writes them in JSON; dicts exist from here outwards only."""

from collections.abc import Mapping
from typing import Final

from entrypoints.sandbox.stripe.method_bodies import (
    Body,
    billing_details,
    method_body,
    method_details,
    shipping_body,
)
from entrypoints.sandbox.stripe.models import (
    Authentication,
    Charge,
    ChargeStatus,
    PaymentIntent,
    Refund,
    WebhookEndpoint,
)

API_VERSION: Final = "2023-10-16"
# What a browser with the publishable key and the client secret may see of a payment.
_PUBLIC_FIELDS: Final = frozenset(
    [
        "id",
        "object",
        "amount",
        "amount_details",
        "automatic_payment_methods",
        "canceled_at",
        "cancellation_reason",
        "capture_method",
        "client_secret",
        "confirmation_method",
        "created",
        "currency",
        "description",
        "last_payment_error",
        "livemode",
        "next_action",
        "payment_method",
        "payment_method_types",
        "processing",
        "receipt_email",
        "setup_future_usage",
        "shipping",
        "status",
    ]
)


def intent_body(intent: PaymentIntent) -> Body:
    return {
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount,
        "amount_capturable": intent.amount_capturable,
        "amount_details": {"tip": {}},
        "amount_received": intent.amount_received,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": _automatic(intent),
        "canceled_at": intent.canceled_at,
        "cancellation_reason": intent.cancellation_reason,
        "capture_method": intent.capture_method,
        "client_secret": intent.client_secret,
        "confirmation_method": intent.confirmation_method,
        "created": intent.created,
        "currency": intent.currency,
        "customer": intent.customer,
        "description": intent.description,
        "invoice": intent.invoice,
        "last_payment_error": _last_error(intent),
        "latest_charge": intent.latest_charge,
        "livemode": False,
        "metadata": dict(intent.metadata),
        "next_action": _next_action(intent.authentication) if intent.authentication else None,
        "on_behalf_of": None,
        "payment_method": intent.payment_method,
        "payment_method_configuration_details": None,
        "payment_method_options": _method_options(intent),
        "payment_method_types": list(intent.payment_method_types),
        "processing": None,
        "receipt_email": intent.receipt_email,
        "review": None,
        "setup_future_usage": intent.setup_future_usage,
        "shipping": shipping_body(intent.shipping),
        "source": None,
        "statement_descriptor": intent.statement_descriptor,
        "statement_descriptor_suffix": intent.statement_descriptor_suffix,
        "status": intent.status,
        "transfer_data": None,
        "transfer_group": intent.transfer_group,
    }


def public_intent_body(intent: PaymentIntent) -> Body:
    return {name: value for name, value in intent_body(intent).items() if name in _PUBLIC_FIELDS}


def charge_body(charge: Charge) -> Body:
    return {
        "id": charge.id,
        "object": "charge",
        "amount": charge.amount,
        "amount_captured": charge.amount_captured,
        "amount_refunded": charge.amount_refunded,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": billing_details(),
        "calculated_statement_descriptor": "FASTCART SANDBOX",
        "captured": charge.captured,
        "created": charge.created,
        "currency": charge.currency,
        "customer": charge.customer,
        "description": charge.description,
        "disputed": charge.disputed,
        "failure_balance_transaction": None,
        "failure_code": charge.failure_code,
        "failure_message": charge.failure_message,
        "fraud_details": {},
        "invoice": charge.invoice,
        "livemode": False,
        "metadata": dict(charge.metadata),
        "on_behalf_of": None,
        "outcome": _outcome(charge),
        "paid": charge.status is ChargeStatus.SUCCEEDED,
        "payment_intent": charge.payment_intent,
        "payment_method": charge.payment_method.id,
        "payment_method_details": method_details(charge.payment_method),
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": charge.amount_refunded >= charge.amount,
        "review": None,
        "shipping": shipping_body(charge.shipping),
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": charge.status,
        "transfer_data": None,
        "transfer_group": None,
    }


def refund_body(refund: Refund) -> Body:
    body: Body = {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "balance_transaction": None,
        "charge": refund.charge,
        "created": refund.created,
        "currency": refund.currency,
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": dict(refund.metadata),
        "payment_intent": refund.payment_intent,
        "reason": refund.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": refund.status,
        "transfer_reversal": None,
    }
    return body | {"failure_reason": refund.failure_reason} if refund.failure_reason else body


def endpoint_body(endpoint: WebhookEndpoint) -> Body:
    """The secret is told once, in the answer to the creation."""
    return {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": endpoint.created,
        "description": endpoint.description,
        "enabled_events": list(endpoint.enabled_events),
        "livemode": False,
        "metadata": dict(endpoint.metadata),
        "secret": endpoint.secret,
        "status": "enabled",
        "url": endpoint.url,
    }


def _automatic(intent: PaymentIntent) -> Body | None:
    return {"allow_redirects": intent.allow_redirects, "enabled": True} if intent.allow_redirects else None


def _method_options(intent: PaymentIntent) -> Body:
    card: Mapping[str, str | None] = {
        "installments": None,
        "mandate_options": None,
        "network": None,
        "request_three_d_secure": "automatic",
    }
    own = {"capture_method": intent.card_capture_method} if intent.card_capture_method else {}
    return {"card": {**card, **own}} if "card" in intent.payment_method_types else {}


def _next_action(challenge: Authentication) -> Body:
    if challenge.voucher is not None:
        details = f"{challenge.voucher}_display_details"
        return {"type": details, details: {"hosted_voucher_url": challenge.url}}
    if challenge.return_url is not None:
        redirect = {"return_url": challenge.return_url, "url": challenge.url}
        return {"redirect_to_url": redirect, "type": "redirect_to_url"}
    in_page = {"source": challenge.id, "stripe_js": challenge.url, "type": "three_d_secure_redirect"}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": in_page}


def _last_error(intent: PaymentIntent) -> Body | None:
    error = intent.last_payment_error
    if error is None:
        return None
    told = {
        "charge": error.charge,
        "code": error.code,
        "decline_code": error.decline_code,
        "doc_url": documentation(error.code),
        "message": error.message,
        "payment_method": method_body(error.payment_method) if error.payment_method else None,
        "type": error.type,
    }
    return {name: value for name, value in told.items() if value is not None}


def _outcome(charge: Charge) -> Body:
    declined = charge.status is ChargeStatus.FAILED
    return {
        "network_status": "declined_by_network" if declined else "approved_by_network",
        "reason": charge.decline_code or charge.failure_code,
        "risk_level": "normal",
        "seller_message": "The bank declined the payment." if declined else "Payment complete.",
        "type": "issuer_declined" if declined else "authorized",
    }


def documentation(code: str) -> str:
    return f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
