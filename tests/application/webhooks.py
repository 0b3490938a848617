"""Stripe's events for the application's tests: every type that must be understood, signed as Stripe signs."""

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from itertools import count
from typing import Any, Final

from adapters.stripe.settings import StripeSettings
from adapters.stripe.webhooks import StripePaymentWebhooks

SECRET: Final = "whsec_test"
READER: Final = StripePaymentWebhooks(StripeSettings(secret_key="sk_test_x", webhook_secret=SECRET))
_numbers = count(1)


def _intent(reference: str) -> dict[str, Any]:
    return {"id": reference, "object": "payment_intent", "status": "whatever_it_was_then"}


def _behind(name: str) -> Callable[[str], dict[str, Any]]:
    """An object that names the payment it belongs to."""
    return lambda reference: {"id": f"{name}_1", "object": name, "payment_intent": reference}


def _expanded_charge(reference: str) -> dict[str, Any]:
    return {"id": "ch_1", "object": "charge", "payment_intent": {"id": reference, "object": "payment_intent"}}


def _nothing_of_ours(name: str) -> Callable[[str], dict[str, Any]]:
    return lambda _: {"id": f"{name}_1", "object": name, "payment_intent": None}


# What the requirements name, what else Stripe sends about a payment, and types that nobody knows.
ABOUT_PAYMENTS: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "payment_intent.created": _intent,
    "payment_intent.requires_action": _intent,
    "payment_intent.processing": _intent,
    "payment_intent.payment_failed": _intent,
    "payment_intent.amount_capturable_updated": _intent,
    "payment_intent.succeeded": _intent,
    "payment_intent.canceled": _intent,
    "payment_intent.of_a_future_kind": _intent,
    "charge.pending": _behind("charge"),
    "charge.succeeded": _behind("charge"),
    "charge.captured": _expanded_charge,
    "charge.failed": _behind("charge"),
    "charge.refunded": _behind("charge"),
    "charge.refund.updated": _behind("refund"),
    "refund.created": _behind("refund"),
    "refund.updated": _behind("refund"),
    "refund.failed": _behind("refund"),
    "charge.dispute.created": _behind("dispute"),
    "charge.dispute.updated": _behind("dispute"),
    "charge.dispute.closed": _behind("dispute"),
    "invoice.paid": _behind("invoice"),
    "invoice.payment_failed": _behind("invoice"),
}
ABOUT_NOTHING_OF_OURS: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "invoice.upcoming": lambda _: {"object": "invoice"},
    "charge.expired": _nothing_of_ours("charge"),
    "customer.subscription.updated": _nothing_of_ours("subscription"),
    "customer.subscription.deleted": _nothing_of_ours("subscription"),
    "moon.full": _nothing_of_ours("moon"),
}


def event(kind: str, reference: str, event_id: str | None = None) -> bytes:
    """The body of an event about the payment; each has an id of its own unless one is given."""
    about = {**ABOUT_PAYMENTS, **ABOUT_NOTHING_OF_OURS}[kind](reference)
    body = {"id": event_id or f"evt_{next(_numbers)}", "object": "event", "type": kind}
    return json.dumps({**body, "data": {"object": about}}).encode()


def signed(body: bytes, at: datetime, secret: str = SECRET) -> Mapping[str, str]:
    time = int(at.timestamp())
    signature = hmac.new(secret.encode(), f"{time}.".encode() + body, sha256).hexdigest()
    return {"stripe-signature": f"t={time},v1={signature}"}
