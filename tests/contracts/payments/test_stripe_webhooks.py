"""Stripe's signatures: genuine ones are read, all others refused."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from adapters.stripe.settings import StripeSettings
from adapters.stripe.webhooks import StripePaymentWebhooks
from ports.errors import SignatureInvalid
from ports.payments import Subject

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = "whsec_test"
BODY = b"""{"id": "evt_1", "type": "payment_intent.succeeded",
 "data": {"object": {"id": "pi_1", "object": "payment_intent"}}}"""
webhooks = StripePaymentWebhooks(StripeSettings(secret_key="sk_test_x", webhook_secret=SECRET))


def signed(body: bytes, at: datetime, secret: str = SECRET) -> dict[str, str]:
    time = int(at.timestamp())
    signature = hmac.new(secret.encode(), f"{time}.".encode() + body, sha256).hexdigest()
    return {"stripe-signature": f"t={time},v1={'0' * 64},v1={signature}"}


def test_a_genuine_event_names_its_payment() -> None:
    notice = webhooks.read(BODY, signed(BODY, NOW), NOW)
    assert (notice.event_id, notice.event_type) == ("evt_1", "payment_intent.succeeded")
    assert notice.payment_reference == "pi_1"


def test_an_event_about_a_charge_names_the_payment_behind_it() -> None:
    charge = b'{"id":"ch_1","object":"charge","payment_intent":"pi_2"}'
    body = b'{"id":"evt_2","type":"charge.refunded","data":{"object":' + charge + b"}}"
    assert webhooks.read(body, signed(body, NOW), NOW).payment_reference == "pi_2"


@pytest.mark.parametrize(
    ("event_type", "object_", "about"),
    [
        ("payment_intent.succeeded", "payment_intent", Subject.PAYMENT),
        ("charge.succeeded", "charge", Subject.PAYMENT),
        ("charge.refunded", "charge", Subject.REFUND),
        ("charge.refund.updated", "refund", Subject.REFUND),
        ("refund.created", "refund", Subject.REFUND),
        ("refund.updated", "refund", Subject.REFUND),
        ("refund.failed", "refund", Subject.REFUND),
        ("charge.dispute.created", "dispute", Subject.DISPUTE),
        ("charge.dispute.updated", "dispute", Subject.DISPUTE),
        ("charge.dispute.closed", "dispute", Subject.DISPUTE),
        ("charge.dispute.funds_withdrawn", "dispute", Subject.DISPUTE),
        ("charge.dispute.funds_reinstated", "dispute", Subject.DISPUTE),
    ],
)
def test_an_event_says_what_has_to_be_read_again(event_type: str, object_: str, about: Subject) -> None:
    data = {"object": {"id": "x_1", "object": object_, "payment_intent": "pi_1"}}
    body = json.dumps({"id": "evt_1", "type": event_type, "data": data}).encode()
    assert webhooks.read(body, signed(body, NOW), NOW).about is about


def test_an_event_of_an_unknown_type_is_read_too() -> None:
    body = b'{"id":"evt_3","type":"moon.full","data":{"object":{"id":"m_1","object":"moon"}}}'
    assert webhooks.read(body, signed(body, NOW), NOW).payment_reference is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"stripe-signature": ""},
        {"stripe-signature": "t=now,v1=abc"},
        {"stripe-signature": "t=1767225600"},
        signed(BODY, NOW, "whsec_other"),
        signed(BODY + b" ", NOW),
        signed(BODY, NOW - timedelta(minutes=6)),
        signed(BODY, NOW + timedelta(minutes=6)),
    ],
    ids=["none", "empty", "no time", "no signature", "other secret", "other body", "too old", "too early"],
)
def test_what_stripe_did_not_sign_just_now_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(SignatureInvalid):
        webhooks.read(BODY, headers, NOW)
