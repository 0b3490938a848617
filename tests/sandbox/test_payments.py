"""A payment's life at the simulated Stripe, told with Stripe's own SDK."""

import pytest
import stripe

from tests.sandbox.payments import authorized, confirmed
from tests.sandbox.server import RunningSandbox


def test_a_payment_without_a_method_waits_for_one(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 1099, "currency": "EUR"})
    assert (intent.status, intent.currency, intent.latest_charge) == ("requires_payment_method", "eur", None)
    assert intent.payment_method_types == ["card", "sepa_debit", "bancontact", "ideal", "klarna"]
    assert intent.client_secret
    assert intent.client_secret.startswith(f"{intent.id}_secret_")


def test_an_automatic_payment_is_captured_at_once(client: stripe.StripeClient) -> None:
    intent = confirmed(client, "pm_card_visa")
    assert (intent.status, intent.amount_received, intent.amount_capturable) == ("succeeded", 2000, 0)
    charge = client.v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.paid, charge.captured, charge.amount_captured) == (True, True, 2000)


def test_a_manual_payment_is_authorized_and_then_captured(client: stripe.StripeClient) -> None:
    intent = authorized(client)
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 2000, 0)
    intent = client.v1.payment_intents.capture(intent.id)
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("succeeded", 0, 2000)


def test_a_part_of_an_authorization_can_be_captured(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.capture(authorized(client).id, {"amount_to_capture": 1500})
    assert (intent.status, intent.amount, intent.amount_received) == ("succeeded", 2000, 1500)


def test_more_than_was_authorized_cannot_be_captured(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payment_intents.capture(authorized(client).id, {"amount_to_capture": 2001})
    assert refusal.value.code == "amount_too_large"


def test_a_payment_cannot_be_captured_twice(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.capture(authorized(client).id)
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded") as refusal:
        client.v1.payment_intents.capture(intent.id)
    assert refusal.value.code == "payment_intent_unexpected_state"


def test_cancelling_releases_the_authorization(client: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    intent = client.v1.payment_intents.cancel(authorized(client).id, {"cancellation_reason": "abandoned"})
    assert (intent.status, intent.amount_capturable, intent.cancellation_reason) == (
        "canceled",
        0,
        "abandoned",
    )
    held = sandbox.control.get("/_control/state").json()["stripe"]["payments"]
    assert [(payment["amount_received"], payment["refunded"]) for payment in held] == [(0, 0)]


def test_a_captured_payment_cannot_be_cancelled(client: stripe.StripeClient) -> None:
    intent = confirmed(client, "pm_card_visa")
    with pytest.raises(stripe.InvalidRequestError, match="You cannot cancel this PaymentIntent") as refusal:
        client.v1.payment_intents.cancel(intent.id)
    assert refusal.value.code == "payment_intent_unexpected_state"
    assert refusal.value.error is not None
    assert refusal.value.error.payment_intent["status"] == "succeeded"  # type: ignore[index]


def test_an_authorization_that_nobody_captures_expires(
    client: stripe.StripeClient, sandbox: RunningSandbox
) -> None:
    intent = authorized(client)
    sandbox.do(f"payments/{intent.id}/expire_authorization")
    intent = client.v1.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.cancellation_reason) == ("canceled", "automatic")


def test_an_update_changes_what_it_names_and_keeps_the_rest(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create(
        {
            "amount": 1099,
            "currency": "usd",
            "metadata": {"order": "1", "draft": "yes"},
            "description": "A hat",
        }
    )
    intent = client.v1.payment_intents.update(intent.id, {"amount": 1299, "metadata": {"draft": ""}})
    assert (intent.amount, intent.description, intent.metadata.to_dict()) == (1299, "A hat", {"order": "1"})


def test_lists_are_newest_first_and_paged_by_cursor(client: stripe.StripeClient) -> None:
    made = [confirmed(client, "pm_card_visa", amount=1000 + n).id for n in range(5)]
    first = client.v1.payment_intents.list({"limit": 2, "created": {"gte": 1}})
    assert ([intent.id for intent in first.data], first.has_more) == ([made[4], made[3]], True)
    rest = client.v1.payment_intents.list({"limit": 3, "starting_after": made[3]})
    assert ([intent.id for intent in rest.data], rest.has_more) == ([made[2], made[1], made[0]], False)
    assert [intent.id for intent in first.auto_paging_iter()] == made[::-1]
    assert client.v1.payment_intents.list({"created": {"gte": 4_000_000_000}}).data == []


def test_payments_are_listed_by_customer(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"email": "ada@example.com", "name": "Ada"})
    confirmed(client, "pm_card_visa")
    hers = client.v1.payment_intents.create({"amount": 900, "currency": "usd", "customer": customer.id})
    assert [intent.id for intent in client.v1.payment_intents.list({"customer": customer.id}).data] == [
        hers.id
    ]
    assert [one.id for one in client.v1.customers.list({"email": "ada@example.com"}).data] == [customer.id]
    assert client.v1.customers.delete(customer.id).deleted is True


def test_ids_are_expanded_on_request(client: stripe.StripeClient) -> None:
    intent = confirmed(client, "pm_card_mastercard")
    told = client.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge", "payment_method"]})
    assert isinstance(told.latest_charge, stripe.Charge)
    assert told.latest_charge.captured
    assert isinstance(told.payment_method, stripe.PaymentMethod)
    assert told.payment_method.card
    assert told.payment_method.card.brand == "mastercard"
