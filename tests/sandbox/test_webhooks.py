"""Events reach the merchant signed, in Stripe's words, and as unreliably as they are told to."""

import pytest
import stripe

from tests.sandbox.payments import authorized, confirmed
from tests.sandbox.server import RunningSandbox
from tests.sandbox.sink import Sink


def _register(client: stripe.StripeClient, sink: Sink) -> str:
    endpoint = client.v1.webhook_endpoints.create({"url": sink.url, "enabled_events": ["*"]})
    assert endpoint.secret is not None
    return endpoint.secret


def _await_quiet(sandbox: RunningSandbox) -> None:
    assert sandbox.control.get("/_control/webhooks/quiet").json() == {"quiet": True, "pending": 0}


def _mischief(sandbox: RunningSandbox, **what: object) -> None:
    sandbox.control.put("/_control/webhooks/mischief", json=what).raise_for_status()


def test_a_manual_payment_and_its_refund_are_told_event_by_event(
    sandbox: RunningSandbox, client: stripe.StripeClient, sink: Sink
) -> None:
    secret = _register(client, sink)
    intent = client.v1.payment_intents.capture(authorized(client).id)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 500})
    _await_quiet(sandbox)
    assert sorted(sink.types(secret)) == sorted(
        [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.amount_capturable_updated",
            "charge.captured",
            "payment_intent.succeeded",
            "refund.created",
            "charge.refunded",
        ]
    )


def test_the_signature_covers_the_raw_body_and_the_time(
    sandbox: RunningSandbox, client: stripe.StripeClient, sink: Sink
) -> None:
    secret = _register(client, sink)
    intent = client.v1.payment_intents.create(
        {"amount": 2000, "currency": "usd"}, {"idempotency_key": "att_1"}
    )
    _await_quiet(sandbox)
    (arrival,) = sink.arrivals
    event = arrival.verified(secret)
    assert event.data.object["id"] == intent.id
    assert event.request is not None
    assert event.request.idempotency_key == "att_1"
    assert event.api_version == "2023-10-16"
    with pytest.raises(stripe.SignatureVerificationError):
        arrival.verified("whsec_other")


@pytest.mark.parametrize(
    ("method", "step", "expected"),
    [
        ("pm_card_authenticationRequired", None, {"payment_intent.requires_action"}),
        ("pm_card_authenticationRequired", "fail_authentication", {"payment_intent.payment_failed"}),
        ("pm_usBankAccount_success", None, {"payment_intent.processing", "charge.pending"}),
        ("pm_usBankAccount_success", "settle", {"payment_intent.succeeded", "charge.succeeded"}),
        ("pm_usBankAccount_noAccount", "settle", {"payment_intent.payment_failed", "charge.failed"}),
        ("pm_card_createDispute", None, {"charge.dispute.created", "charge.dispute.funds_withdrawn"}),
    ],
)
def test_what_shoppers_and_banks_do_is_told_too(
    *,
    sandbox: RunningSandbox,
    client: stripe.StripeClient,
    sink: Sink,
    method: str,
    step: str | None,
    expected: set[str],
) -> None:
    secret = _register(client, sink)
    intent = confirmed(client, method)
    if step:
        sandbox.do(f"payments/{intent.id}/{step}")
    _await_quiet(sandbox)
    assert expected <= set(sink.types(secret))


def test_a_refund_that_changes_its_mind_is_told_under_both_names(
    sandbox: RunningSandbox, client: stripe.StripeClient, sink: Sink
) -> None:
    secret = _register(client, sink)
    intent = confirmed(client, "pm_card_refundFail")
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    sandbox.do(f"refunds/{refund.id}/settle")
    _await_quiet(sandbox)
    assert {"refund.updated", "charge.refund.updated"} <= set(sink.types(secret))


def test_a_decided_dispute_is_told(sandbox: RunningSandbox, client: stripe.StripeClient, sink: Sink) -> None:
    secret = _register(client, sink)
    confirmed(client, "pm_card_createDispute")
    (dispute,) = sandbox.control.get("/_control/state").json()["stripe"]["disputes"]
    sandbox.do(f"disputes/{dispute['id']}/lose")
    _await_quiet(sandbox)
    closed = [event for event in sink.events(secret) if event.type == "charge.dispute.closed"]
    assert [event.data.object["status"] for event in closed] == ["lost"]


def test_a_refused_delivery_is_repeated_until_it_is_taken(
    sandbox: RunningSandbox, client: stripe.StripeClient, sink: Sink
) -> None:
    _register(client, sink)
    sink.refuse = 2
    client.v1.payment_intents.create({"amount": 2000, "currency": "usd"})
    _await_quiet(sandbox)
    (delivery,) = sandbox.control.get("/_control/webhooks").json()
    assert (delivery["state"], delivery["attempts"], len(sink.arrivals)) == ("delivered", 3, 1)


def test_a_delivery_is_given_up_in_the_end(
    sandbox: RunningSandbox, client: stripe.StripeClient, sink: Sink
) -> None:
    _register(client, sink)
    sink.refuse = 100
    client.v1.payment_intents.create({"amount": 2000, "currency": "usd"})
    _await_quiet(sandbox)
    (delivery,) = sandbox.control.get("/_control/webhooks").json()
    assert (delivery["state"], delivery["attempts"], delivery["last_result"]) == ("given_up", 4, "503")


def test_copies_arrive_with_the_same_event_id(
    sandbox: RunningSandbox, client: stripe.StripeClient, sink: Sink
) -> None:
    secret = _register(client, sink)
    _mischief(sandbox, copies=3, shuffle_ms=30, delay_ms=5)
    client.v1.payment_intents.create({"amount": 2000, "currency": "usd"})
    _await_quiet(sandbox)
    assert len(sink.arrivals) == 3
    assert len({arrival.verified(secret).id for arrival in sink.arrivals}) == 1


def test_held_events_are_released_in_reverse(
    sandbox: RunningSandbox, client: stripe.StripeClient, sink: Sink
) -> None:
    secret = _register(client, sink)
    _mischief(sandbox, hold=True)
    confirmed(client, "pm_card_visa")
    _await_quiet(sandbox)
    assert sink.arrivals == []
    sandbox.control.post("/_control/webhooks/release", json={"reverse": True}).raise_for_status()
    _await_quiet(sandbox)
    assert sink.types(secret) == ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]


def test_a_dropped_event_can_still_be_read_and_sent_again(
    sandbox: RunningSandbox, client: stripe.StripeClient, sink: Sink
) -> None:
    secret = _register(client, sink)
    _mischief(sandbox, drop=True)
    client.v1.payment_intents.create({"amount": 2000, "currency": "usd"})
    _await_quiet(sandbox)
    assert sink.arrivals == []
    (event,) = client.v1.events.list({"type": "payment_intent.created"}).data
    _mischief(sandbox)
    sandbox.do(f"events/{event.id}/resend")
    _await_quiet(sandbox)
    assert [arrival.verified(secret).id for arrival in sink.arrivals] == [event.id]


def test_an_endpoint_gets_only_the_events_it_asked_for(
    sandbox: RunningSandbox, client: stripe.StripeClient, sink: Sink
) -> None:
    endpoint = client.v1.webhook_endpoints.create(
        {"url": sink.url, "enabled_events": ["payment_intent.succeeded"]}
    )
    confirmed(client, "pm_card_visa")
    _await_quiet(sandbox)
    assert sink.types(str(endpoint.secret)) == ["payment_intent.succeeded"]
