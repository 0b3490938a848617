"""The account's records as Stripe writes them in JSON, for API version 2023-10-16; dicts exist from here outwards only."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from entrypoints.sandbox.stripe.models import (
    Address,
    Authentication,
    Charge,
    ChargeStatus,
    Customer,
    PaymentIntent,
    PaymentMethod,
    Refund,
    Shipping,
    WebhookEndpoint,
)
from entrypoints.sandbox.stripe.test_methods import TestMethod, published_method

Body: TypeAlias = dict[str, Any]

API_VERSION: Final = "2023-10-16"
_NO_ADDRESS: Final = Address()
# What a browser with the publishable key and the client secret may see of a payment.
_PUBLIC_FIELDS: Final = frozenset(
    "id object amount amount_details automatic_payment_methods canceled_at cancellation_reason capture_method client_secret"
    " confirmation_method created currency description last_payment_error livemode next_action payment_method"
    " payment_method_types processing receipt_email setup_future_usage shipping status".split()
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
        "invoice": None,
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
        "billing_details": _billing_details(),
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
        "invoice": None,
        "livemode": False,
        "metadata": dict(charge.metadata),
        "on_behalf_of": None,
        "outcome": _outcome(charge),
        "paid": charge.status is ChargeStatus.SUCCEEDED,
        "payment_intent": charge.payment_intent,
        "payment_method": charge.payment_method.id,
        "payment_method_details": _method_details(_test_of(charge.payment_method)),
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


def customer_body(customer: Customer) -> Body:
    return {
        "id": customer.id,
        "object": "customer",
        "address": address_body(customer.address),
        "balance": 0,
        "created": customer.created,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": customer.description,
        "discount": None,
        "email": customer.email,
        "invoice_prefix": customer.id[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": dict(customer.metadata),
        "name": customer.name,
        "phone": customer.phone,
        "preferred_locales": [],
        "shipping": shipping_body(customer.shipping),
        "tax_exempt": "none",
        "test_clock": None,
    }


def method_body(method: PaymentMethod) -> Body:
    test = _test_of(method)
    return {
        "id": method.id,
        "object": "payment_method",
        "billing_details": _billing_details(),
        "created": method.created,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": test.type,
        test.type: _card(test) if test.type == "card" else _bank_account(test),
    }


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


def address_body(address: Address | None) -> Body | None:
    if address is None:
        return None
    names = ("city", "country", "line1", "line2", "postal_code", "state")
    return {name: getattr(address, name) for name in names}


def shipping_body(shipping: Shipping | None) -> Body | None:
    if shipping is None:
        return None
    return {
        "address": address_body(shipping.address),
        "carrier": shipping.carrier,
        "name": shipping.name,
        "phone": shipping.phone,
        "tracking_number": shipping.tracking_number,
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
    return {"card": dict(card)} if "card" in intent.payment_method_types else {}


def _next_action(challenge: Authentication) -> Body:
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


def documentation(code: str) -> str:
    return f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"


def _outcome(charge: Charge) -> Body:
    declined = charge.status is ChargeStatus.FAILED
    return {
        "network_status": "declined_by_network" if declined else "approved_by_network",
        "reason": charge.decline_code or charge.failure_code,
        "risk_level": "normal",
        "seller_message": "The bank declined the payment." if declined else "Payment complete.",
        "type": "issuer_declined" if declined else "authorized",
    }


def _billing_details() -> Body:
    return {"address": address_body(_NO_ADDRESS), "email": None, "name": None, "phone": None}


def _test_of(method: PaymentMethod) -> TestMethod:
    test = published_method(method.test_id)
    assert test is not None, "a payment method is only ever made from a published one"
    return test


def _card_facts(test: TestMethod) -> Body:
    return {
        "brand": test.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None},
        "country": "US",
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": f"sandbox{test.last4}",
        "funding": "credit",
        "last4": test.last4,
        "wallet": None,
    }


def _card(test: TestMethod) -> Body:
    return _card_facts(test) | {
        "generated_from": None,
        "networks": {"available": [test.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
    }


def _method_details(test: TestMethod) -> Body:
    if test.type != "card":
        return {test.type: _bank_account(test), "type": test.type}
    charged = {"installments": None, "mandate": None, "network": test.brand, "three_d_secure": None}
    return {"card": _card_facts(test) | charged, "type": "card"}


def _bank_account(test: TestMethod) -> Body:
    return {"fingerprint": f"sandbox{test.last4}", "last4": test.last4}
