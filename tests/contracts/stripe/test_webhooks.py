"""Stripe's webhooks: what it signed just now is read, everything else refused."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from adapters.stripe.settings import StripeSettings
from adapters.stripe.webhooks import StripePaymentWebhooks
from ports.errors import SignatureInvalid
from ports.payments import Subject, WebhookNotice
from tests.contracts.vendor_papers import needs, read

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = "whsec_test"
BODY = b"""{"id": "evt_1", "type": "payment_intent.succeeded",
 "data": {"object": {"id": "pi_1", "object": "payment_intent"}}}"""
webhooks = StripePaymentWebhooks(StripeSettings(secret_key="sk_test_x", webhook_secret=SECRET))


def told(body: bytes) -> WebhookNotice:
    """What one event says that was signed just now."""
    (notice,) = webhooks.read(body, signed(body, NOW), NOW)
    return notice


def signed(body: bytes, at: datetime, secret: str = SECRET) -> dict[str, str]:
    time = int(at.timestamp())
    signature = hmac.new(secret.encode(), f"{time}.".encode() + body, sha256).hexdigest()
    return {"stripe-signature": f"t={time},v1={'0' * 64},v1={signature}"}


def test_a_genuine_event_names_its_payment() -> None:
    notice = told(BODY)
    assert (notice.event_id, notice.event_type) == ("evt_1", "payment_intent.succeeded")
    assert notice.payment_reference == "pi_1"


def test_an_event_about_a_charge_names_the_payment_behind_it() -> None:
    charge = b'{"id":"ch_1","object":"charge","payment_intent":"pi_2"}'
    body = b'{"id":"evt_2","type":"charge.refunded","data":{"object":' + charge + b"}}"
    assert told(body).payment_reference == "pi_2"


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
    assert told(body).about is about


@pytest.mark.parametrize(
    ("object_", "names"),
    [
        ({"id": "sub_1", "object": "subscription"}, "sub_1"),
        ({"id": "in_1", "object": "invoice", "subscription": "sub_1", "payment_intent": "pi_1"}, "sub_1"),
        ({"id": "in_1", "object": "invoice", "subscription": {"id": "sub_1"}}, "sub_1"),
        ({"id": "in_1", "object": "invoice", "subscription": None, "payment_intent": "pi_1"}, None),
    ],
)
def test_what_happens_to_a_subscription_or_its_invoices_names_the_subscription(
    object_: dict[str, Any], names: str | None
) -> None:
    body = json.dumps({"id": "evt_5", "type": "x.y", "data": {"object": object_}}).encode()
    notice = told(body)
    assert notice.subscription_reference == names
    assert notice.about is (Subject.SUBSCRIPTION if names else Subject.PAYMENT)
    assert notice.payment_reference == (None if names else "pi_1")


@pytest.mark.parametrize("object_", ["payment_intent", "charge"])
def test_a_payment_that_an_invoice_collects_is_no_orders(object_: str) -> None:
    about = {"id": "x_1", "object": object_, "payment_intent": "pi_1", "invoice": "in_1"}
    body = json.dumps({"id": "evt_7", "type": "x.y", "data": {"object": about}}).encode()
    notice = told(body)
    assert (notice.payment_reference, notice.subscription_reference) == (None, None)


@pytest.mark.parametrize(("resource", "names"), [("subscription", True), ("invoice", False)])
@needs("stripe")
def test_stripes_own_examples_of_a_subscription_and_of_an_invoice_are_read(
    resource: str, *, names: bool
) -> None:
    about = read("stripe", "fixtures-2023-10-16.json")["resources"][resource]
    body = json.dumps({"id": "evt_6", "type": "x.y", "data": {"object": about}}).encode()
    notice = told(body)
    assert notice.subscription_reference == (about["id"] if names else None)


def test_an_event_of_an_unknown_type_is_read_too() -> None:
    body = b'{"id":"evt_3","type":"moon.full","data":{"object":{"id":"m_1","object":"moon"}}}'
    assert told(body).payment_reference is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"stripe-signature": ""},
        {"stripe-signature": "t=now,v1=abc"},
        {"stripe-signature": "t=1767225600"},
        {"stripe-signature": f"t={'9' * 5000},v1=abc"},
        {"stripe-signature": "t=\u00b2,v1=abc"},
        signed(BODY, NOW, "whsec_other"),
        signed(BODY + b" ", NOW),
        signed(BODY, NOW - timedelta(minutes=6)),
        signed(BODY, NOW + timedelta(minutes=6)),
    ],
    ids=[
        "none",
        "empty",
        "no time",
        "no signature",
        "endless time",
        "no digits",
        "other secret",
        "other body",
        "too old",
        "too early",
    ],
)
def test_what_stripe_did_not_sign_just_now_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(SignatureInvalid):
        webhooks.read(BODY, headers, NOW)


def _noticed(vector: dict[str, Any]) -> WebhookNotice:
    settings = StripeSettings(secret_key="sk_test_x", webhook_secret=vector["secret"])
    now = datetime.fromtimestamp(vector["now"], UTC)
    headers = {"stripe-signature": vector["header"]}
    (notice,) = StripePaymentWebhooks(settings).read(vector["body"].encode(), headers, now)
    return notice


@needs("stripe")
def test_stripes_own_signatures_are_read() -> None:
    vectors = read("stripe", "webhook-signature-vector.json")["valid"]
    assert len(vectors) == 3
    for vector in vectors:
        assert _noticed(vector).event_id == "evt_test_webhook"
        assert _noticed(vector).payment_reference is None


@needs("stripe")
def test_what_stripes_scheme_refuses_is_refused() -> None:
    vectors = read("stripe", "webhook-signature-vector.json")["invalid"]
    assert len(vectors) == 5
    for vector in vectors:
        with pytest.raises(SignatureInvalid):
            _noticed(vector)


@needs("stripe")
def test_a_genuine_signature_with_one_bit_turned_is_refused() -> None:
    vector = read("stripe", "webhook-signature-vector.json")["valid"][0]
    with pytest.raises(SignatureInvalid):
        _noticed({**vector, "header": vector["header"][:-1] + "5"})
    with pytest.raises(SignatureInvalid):
        _noticed({**vector, "now": vector["now"] - 311})


@needs("stripe")
def test_stripes_own_example_of_an_event_is_read() -> None:
    event = read("stripe", "fixtures-2023-10-16.json")["resources"]["event"]
    body = json.dumps(event).encode()
    notice = told(body)
    assert (notice.event_id, notice.event_type) == (event["id"], event["type"])


@pytest.mark.parametrize("resource", ["payment_intent", "charge", "refund", "dispute"])
@needs("stripe")
def test_an_event_about_any_of_stripes_examples_names_the_payment(resource: str) -> None:
    about = read("stripe", "fixtures-2023-10-16.json")["resources"][resource]
    payment = about["id"] if resource == "payment_intent" else "pi_1"
    about = {**about, **({} if resource == "payment_intent" else {"payment_intent": payment})}
    body = json.dumps({"id": "evt_1", "type": "x.y", "data": {"object": about}}).encode()
    assert told(body).payment_reference == payment


@pytest.mark.parametrize("data", ['{"object": []}', "7", '{"object": {"id": 1}}', "{}"])
def test_what_stripe_signed_is_kept_even_if_there_is_nothing_of_ours_to_read(data: str) -> None:
    body = f'{{"id": "evt_4", "type": "moon.full", "data": {data}}}'.encode()
    notice = told(body)
    assert (notice.event_id, notice.payment_reference) == ("evt_4", None)
