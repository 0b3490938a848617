"""Refunds never exceed what was captured; the slow and failing ones do as Stripe's test cards promise."""

import pytest
import stripe

from tests.sandbox.payments import authorized, confirmed
from tests.sandbox.server import RunningSandbox


def _refunded(sandbox: RunningSandbox) -> int:
    (payment,) = sandbox.control.get("/_control/state").json()["stripe"]["payments"]
    refunded: int = payment["refunded"]
    return refunded


def test_parts_and_then_the_rest_are_refunded(client: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    intent = confirmed(client, "pm_card_visa")
    first = client.v1.refunds.create(
        {"payment_intent": intent.id, "amount": 500, "metadata": {"refund": "ref_1"}}
    )
    rest = client.v1.refunds.create({"payment_intent": intent.id, "reason": "requested_by_customer"})
    assert (first.status, first.amount, rest.amount) == ("succeeded", 500, 1500)
    assert client.v1.charges.retrieve(str(intent.latest_charge)).refunded
    assert _refunded(sandbox) == 2000


def test_more_than_is_left_is_refused(client: stripe.StripeClient) -> None:
    intent = confirmed(client, "pm_card_visa")
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 1500})
    with pytest.raises(stripe.InvalidRequestError, match=r"5\.01.*greater than unrefunded") as refusal:
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 501})
    assert (refusal.value.code, refusal.value.param) == ("amount_too_large", "amount")


def test_only_what_was_captured_can_be_refunded(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.capture(authorized(client).id, {"amount_to_capture": 700})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 701})
    assert refusal.value.code == "amount_too_large"
    assert client.v1.refunds.create({"payment_intent": intent.id}).amount == 700


def test_a_refunded_charge_is_not_refunded_again(client: stripe.StripeClient) -> None:
    intent = confirmed(client, "pm_card_visa")
    client.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"charge": str(intent.latest_charge), "amount": 1})
    assert refusal.value.code == "charge_already_refunded"


def test_an_authorization_is_not_refundable(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        client.v1.refunds.create({"payment_intent": authorized(client).id})


def test_a_pending_refund_reserves_its_amount_and_arrives_later(
    client: stripe.StripeClient, sandbox: RunningSandbox
) -> None:
    intent = confirmed(client, "pm_card_pendingRefund")
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 1500})
    assert (refund.status, _refunded(sandbox)) == ("pending", 1500)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 501})
    sandbox.do(f"refunds/{refund.id}/settle")
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"


def test_a_failed_refund_gives_its_amount_back(client: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    intent = confirmed(client, "pm_card_refundFail")
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    sandbox.do(f"refunds/{refund.id}/settle")
    refund = client.v1.refunds.retrieve(refund.id)
    assert (refund.status, refund.failure_reason) == ("failed", "expired_or_canceled_card")
    assert _refunded(sandbox) == 0
    assert client.v1.refunds.create({"payment_intent": intent.id}).amount == 2000


def test_refunds_of_a_payment_are_listed_over_all_pages(client: stripe.StripeClient) -> None:
    intent, other = confirmed(client, "pm_card_visa"), confirmed(client, "pm_card_visa")
    made = [client.v1.refunds.create({"payment_intent": intent.id, "amount": 100}).id for _ in range(12)]
    client.v1.refunds.create({"payment_intent": other.id})
    page = client.v1.refunds.list({"payment_intent": intent.id})
    assert (len(page.data), page.has_more) == (10, True)
    assert [refund.id for refund in page.auto_paging_iter()] == made[::-1]


def _dispute_of(client: stripe.StripeClient, intent: stripe.PaymentIntent) -> stripe.Dispute:
    (dispute,) = client.v1.disputes.list({"payment_intent": intent.id}).data
    return dispute


def _moved(dispute: stripe.Dispute) -> list[int]:
    return [transaction.amount for transaction in dispute.balance_transactions]


@pytest.mark.parametrize(("verdict", "moved"), [("win", [-2000, 2000]), ("lose", [-2000])])
def test_any_payment_can_be_disputed_and_its_money_is_seen_to_move(
    client: stripe.StripeClient, sandbox: RunningSandbox, verdict: str, moved: list[int]
) -> None:
    intent = confirmed(client, "pm_card_visa")
    confirmed(client, "pm_card_createDispute")
    sandbox.do(f"payments/{intent.id}/dispute")
    dispute = _dispute_of(client, intent)
    assert (dispute.status, _moved(dispute)) == ("needs_response", [-2000])
    sandbox.do(f"disputes/{dispute.id}/{verdict}")
    assert _moved(_dispute_of(client, intent)) == moved


def test_an_inquiry_moves_no_money(client: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    intent = confirmed(client, "pm_card_visa")
    sandbox.do(f"payments/{intent.id}/inquire")
    dispute = _dispute_of(client, intent)
    assert (dispute.status, _moved(dispute)) == ("warning_needs_response", [])


def test_a_payment_is_disputed_once_and_only_after_its_capture(
    client: stripe.StripeClient, sandbox: RunningSandbox
) -> None:
    waiting, paid = authorized(client), confirmed(client, "pm_card_visa")
    sandbox.do(f"payments/{paid.id}/dispute")
    for intent in (waiting, paid):
        answer = sandbox.control.post(f"/_control/stripe/payments/{intent.id}/dispute")
        assert answer.status_code == 400


def test_a_chargeback_blocks_refunds_until_it_is_won(
    client: stripe.StripeClient, sandbox: RunningSandbox
) -> None:
    intent = confirmed(client, "pm_card_createDispute")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert refusal.value.code == "charge_disputed"
    (dispute,) = sandbox.control.get("/_control/state").json()["stripe"]["disputes"]
    sandbox.do(f"disputes/{dispute['id']}/review")
    sandbox.do(f"disputes/{dispute['id']}/win")
    assert client.v1.refunds.create({"payment_intent": intent.id}).status == "succeeded"
