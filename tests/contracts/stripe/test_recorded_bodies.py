"""What Stripe was recorded to say, and what it publishes as examples, in neutral words."""

import json
from typing import Any, Final

import pytest

from adapters.stripe.errors import decline_reason
from adapters.stripe.settings import StripeSettings
from adapters.stripe.wire import (
    DISPUTE_STATES,
    REFUND_STATES,
    STATES,
    AnswerUnreadable,
    dispute_snapshot,
    listed_payment,
    listed_refund,
    page_of,
    payment_snapshot,
    refund_snapshot,
)
from domain.dispute import DisputeState
from domain.money import Money
from domain.payment import Decline, DeclineReason, NextAction, NextActionKind, PaymentState
from domain.refund import RefundState
from ports.errors import OutcomeUnknown, PortError, Rejected
from tests.contracts.payments.requests import asking, key
from tests.contracts.scripted_vendor import Reply, scripted
from tests.contracts.stripe.specification import Specification, needed
from tests.contracts.vendor_calls import stripe_with
from tests.contracts.vendor_papers import read

# stripe's HTTPXClient posts its form with httpx's old name.
pytestmark = [needed, pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")]

RECORDED: Final = "recorded-bodies.activemerchant.json"
PAYMENTS: Final = {
    "payment_intent.create.requires_payment_method": PaymentState.AWAITING_METHOD,
    "payment_intent.create.requires_capture": PaymentState.AUTHORIZED,
    "payment_intent.confirm.requires_action.3ds2": PaymentState.AWAITING_ACTION,
    "payment_intent.requires_confirmation": PaymentState.AWAITING_CONFIRMATION,
    "payment_intent.capture.succeeded": PaymentState.CAPTURED,
    "payment_intent.cancel.canceled": PaymentState.VOIDED,
}
# The error that a call ends with, or the decline of the payment that it answers with.
ERRORS: Final[dict[str, Decline | PortError]] = {
    "error.card_declined": Decline(reason=DeclineReason.NOT_ACCEPTED, code="generic_decline"),
    "error.incorrect_cvc": Rejected("incorrect_cvc"),
    "error.payment_intent_unexpected_state": Rejected("payment_intent_unexpected_state"),
    "error.api_error": OutcomeUnknown("APIError", key_is_spent=True),
    "error.authentication_required_off_session": Rejected("CardError"),
}
NOT_OURS: Final = {"customer.create"}


def recorded(name: str) -> Any:
    return read("stripe", RECORDED)["bodies"][name]["body"]


def example(name: str) -> Any:
    return read("stripe", "fixtures-2023-10-16.json")["resources"][name]


def test_every_recorded_body_has_its_row() -> None:
    assert set(read("stripe", RECORDED)["bodies"]) == {*PAYMENTS, *ERRORS, *NOT_OURS}


@pytest.mark.parametrize("name", PAYMENTS)
def test_a_recorded_payment_is_understood(name: str) -> None:
    body = recorded(name)
    snapshot = payment_snapshot(body)
    is_captured = snapshot.state is PaymentState.CAPTURED
    assert (snapshot.reference, snapshot.state) == (body["id"], PAYMENTS[name])
    assert snapshot.amount == Money.of(body["amount"], body["currency"])
    assert snapshot.received.minor == (body["amount"] if is_captured else 0)
    assert snapshot.client_secret == body["client_secret"]
    assert snapshot.decline is None


def test_a_bank_that_asks_is_a_redirect_to_its_page() -> None:
    body = recorded("payment_intent.confirm.requires_action.3ds2")
    url = body["next_action"]["redirect_to_url"]["url"]
    assert payment_snapshot(body).next_action == NextAction(kind=NextActionKind.REDIRECT, url=url)


@pytest.mark.parametrize("name", ERRORS)
async def test_a_recorded_error_is_understood(name: str) -> None:
    row = read("stripe", RECORDED)["bodies"][name]
    reply = Reply(status=row["status_by_convention"], body=json.dumps(row["body"]).encode())
    async with scripted(reply) as stripe:
        gateway = stripe_with(
            StripeSettings(secret_key="sk_test_x", webhook_secret="whsec_x", base_url=stripe.url)
        )
        try:
            told: Any = (await gateway.create(asking("pm_card_visa"), key())).decline
        except PortError as error:
            told = error
        finally:
            await gateway.close()
    expected = ERRORS[name]
    assert type(told) is type(expected)
    assert repr(told) == repr(expected)


async def test_a_void_that_stripe_refuses_reads_what_became_of_the_payment() -> None:
    refusal = Reply(status=400, body=json.dumps(recorded("error.payment_intent_unexpected_state")).encode())
    present = Reply(body=json.dumps(recorded("payment_intent.capture.succeeded")).encode())
    async with scripted(refusal, present) as stripe:
        gateway = stripe_with(
            StripeSettings(secret_key="sk_test_x", webhook_secret="whsec_x", base_url=stripe.url)
        )
        assert (await gateway.void("pi_1", key())).state is PaymentState.CAPTURED
        await gateway.close()
    assert [request.method for request in stripe.received] == ["POST", "GET"]


def test_stripes_own_examples_are_understood() -> None:
    payment, refund, dispute = example("payment_intent"), example("refund"), example("dispute")
    assert payment_snapshot(payment).reference == payment["id"]
    assert refund_snapshot(refund).state is RefundState.SUCCEEDED
    assert dispute_snapshot(dispute).state is DisputeState.INQUIRY
    assert dispute_snapshot(dispute).amount.minor == dispute["amount"]


def test_every_status_that_stripe_specifies_has_a_neutral_word() -> None:
    schemas = Specification().schemas
    assert set(schemas["payment_intent"]["properties"]["status"]["enum"]) == set(STATES)
    assert set(schemas["dispute"]["properties"]["status"]["enum"]) == set(DISPUTE_STATES)
    # Of a refund's status the specification says text only: these five are in its description.
    assert set(REFUND_STATES) == {"pending", "requires_action", "succeeded", "failed", "canceled"}


@pytest.mark.parametrize("status", ["brand_new", "Succeeded", ""])
def test_a_status_that_nobody_knows_is_pending_and_never_failed(status: str) -> None:
    payment = payment_snapshot(example("payment_intent") | {"status": status})
    assert payment.state is PaymentState.PROCESSING
    assert payment.next_action == NextAction(kind=NextActionKind.WAIT)
    assert refund_snapshot(example("refund") | {"status": status}).state is RefundState.PENDING
    assert dispute_snapshot(example("dispute") | {"status": status}).state is DisputeState.OPEN


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("insufficient_funds", DeclineReason.INSUFFICIENT_FUNDS),
        ("expired_card", DeclineReason.INSTRUMENT_EXPIRED),
        ("incorrect_cvc", DeclineReason.DETAILS_INCORRECT),
        ("incorrect_number", DeclineReason.DETAILS_INCORRECT),
        ("authentication_required", DeclineReason.AUTHENTICATION_FAILED),
        ("payment_intent_authentication_failure", DeclineReason.AUTHENTICATION_FAILED),
        ("processing_error", DeclineReason.TRY_AGAIN),
        ("generic_decline", DeclineReason.NOT_ACCEPTED),
        ("fraudulent", DeclineReason.NOT_ACCEPTED),
        ("lost_card", DeclineReason.NOT_ACCEPTED),
        ("stolen_card", DeclineReason.NOT_ACCEPTED),
        ("a_code_that_is_new", DeclineReason.NOT_ACCEPTED),
    ],
)
def test_a_decline_belongs_to_a_family(code: str, reason: DeclineReason) -> None:
    error = {"code": "card_declined", "decline_code": code, "type": "card_error"}
    declined = payment_snapshot(example("payment_intent") | {"last_payment_error": error})
    assert declined.decline == Decline(reason=reason, code=code)


def test_no_code_that_would_warn_a_thief_has_a_family_of_its_own() -> None:
    telling = {
        "lost_card",
        "stolen_card",
        "fraudulent",
        "pickup_card",
        "merchant_blacklist",
        "restricted_card",
    }
    assert {decline_reason(code) for code in telling} == {DeclineReason.NOT_ACCEPTED}


@pytest.mark.parametrize(
    ("code", "at_stripe", "minor"), [("isk", 50000, 500), ("ugx", 100, 1), ("jpy", 500, 500)]
)
def test_stripes_own_decimals_are_taken_back(code: str, at_stripe: int, minor: int) -> None:
    payment = payment_snapshot(example("payment_intent") | {"amount": at_stripe, "currency": code})
    assert payment.amount == Money.of(minor, code)


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"amount": "2000"},
        {"amount": 20.5},
        {"currency": "zzz"},
        {"status": 1},
        {"next_action": "x"},
    ],
    ids=str,
)
def test_a_payment_that_is_none_is_told_by_name(change: dict[str, Any]) -> None:
    with pytest.raises(AnswerUnreadable):
        payment_snapshot(example("payment_intent") | change)


@pytest.mark.parametrize(
    "body", [None, {}, [], {"data": [], "has_more": True}, {"data": [{}], "has_more": True}]
)
def test_a_page_without_a_way_on_is_none(body: object) -> None:
    with pytest.raises(AnswerUnreadable):
        page_of(body)


def test_somebody_elses_payment_need_not_be_understood() -> None:
    assert listed_payment(example("payment_intent") | {"currency": "zzz", "metadata": {"cart": "7"}}) is None
    ours = {"payment_id": "pay_1", "order_id": "ord_1"}
    listed = listed_payment(example("payment_intent") | {"metadata": ours})
    assert listed is not None
    assert (listed.payment_id, listed.order_id) == ("pay_1", "ord_1")


@pytest.mark.parametrize("change", [{"currency": "zzz"}, {"payment_intent": None}], ids=str)
def test_a_refund_that_cannot_be_ours_need_not_be_understood(change: dict[str, Any]) -> None:
    assert listed_refund(example("refund") | {"payment_intent": "pi_1"} | change) is None


def test_a_refund_that_somebody_made_by_hand_is_listed_without_our_id() -> None:
    listed = listed_refund(example("refund") | {"payment_intent": "pi_1", "metadata": None})
    assert listed is not None
    assert (listed.refund_id, listed.payment_reference) == (None, "pi_1")
