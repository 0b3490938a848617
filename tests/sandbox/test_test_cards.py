"""Every published test method does what Stripe's table says."""

import pytest
import stripe

from tests.sandbox.payments import confirmed
from tests.sandbox.server import RunningSandbox

_SUCCEED = ["pm_card_visa", "pm_card_mastercard", "pm_card_amex", "pm_card_visa_debit"]
_DECLINES = [
    ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
    ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
    ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
]
_DEBITS = [("pm_usBankAccount_success", "usd"), ("pm_sepaDebit_success_de", "eur")]


@pytest.mark.parametrize("method", _SUCCEED)
def test_a_good_card_pays(client: stripe.StripeClient, method: str) -> None:
    assert confirmed(client, method).status == "succeeded"


@pytest.mark.parametrize(("method", "code", "decline_code"), _DECLINES)
def test_a_declined_card_leaves_the_payment_open_for_another(
    client: stripe.StripeClient, method: str, code: str, decline_code: str | None
) -> None:
    with pytest.raises(stripe.CardError) as decline:
        confirmed(client, method)
    assert (decline.value.http_status, decline.value.code) == (402, code)
    assert decline.value.error is not None
    assert decline.value.error.decline_code == decline_code
    intent = client.v1.payment_intents.list().data[0]
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.code == code
    assert client.v1.charges.retrieve(str(intent.latest_charge)).status == "failed"
    assert (
        client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status == "succeeded"
    )


@pytest.mark.parametrize("method", ["pm_card_threeDSecure2Required", "pm_card_authenticationRequired"])
def test_a_card_that_wants_authentication_pays_after_it(
    client: stripe.StripeClient, sandbox: RunningSandbox, method: str
) -> None:
    intent = confirmed(client, method)
    assert intent.status == "requires_action"
    assert intent.next_action is not None
    assert intent.next_action.type == "use_stripe_sdk"
    assert sandbox.do(f"payments/{intent.id}/complete_authentication")["status"] == "succeeded"


def test_a_failed_authentication_leaves_the_payment_open(
    client: stripe.StripeClient, sandbox: RunningSandbox
) -> None:
    intent = confirmed(client, "pm_card_authenticationRequired")
    sandbox.do(f"payments/{intent.id}/fail_authentication")
    intent = client.v1.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.next_action) == ("requires_payment_method", None)
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"


def test_a_card_can_be_declined_after_its_authentication(
    client: stripe.StripeClient, sandbox: RunningSandbox
) -> None:
    intent = confirmed(client, "pm_card_threeDSecureRequiredChargeDeclined")
    assert sandbox.do(f"payments/{intent.id}/complete_authentication")["status"] == "requires_payment_method"


def test_off_session_a_card_that_wants_authentication_is_declined(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as decline:
        client.v1.payment_intents.create(
            {
                "amount": 2000,
                "currency": "usd",
                "payment_method": "pm_card_authenticationRequired",
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                "confirm": True,
                "off_session": True,
            }
        )
    assert decline.value.code == "authentication_required"


@pytest.mark.parametrize(("method", "currency"), _DEBITS)
def test_a_bank_debit_is_processed_until_the_bank_answers(
    client: stripe.StripeClient, sandbox: RunningSandbox, method: str, currency: str
) -> None:
    intent = confirmed(client, method, currency=currency)
    assert (intent.status, intent.amount_received) == ("processing", 0)
    assert sandbox.do(f"payments/{intent.id}/settle")["amount_received"] == 2000


def test_a_bank_can_refuse_a_debit(client: stripe.StripeClient, sandbox: RunningSandbox) -> None:
    intent = confirmed(client, "pm_usBankAccount_insufficientFunds")
    sandbox.do(f"payments/{intent.id}/settle")
    intent = client.v1.payment_intents.retrieve(intent.id)
    assert intent.last_payment_error is not None
    assert (intent.status, intent.last_payment_error.code) == (
        "requires_payment_method",
        "insufficient_funds",
    )
    other = confirmed(client, "pm_usBankAccount_success")
    assert sandbox.do(f"payments/{other.id}/fail_processing")["status"] == "requires_payment_method"


def test_an_unknown_method_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such PaymentMethod") as refusal:
        confirmed(client, "pm_card_imagined")
    assert (refusal.value.code, refusal.value.param) == ("resource_missing", "payment_method")


def test_a_method_of_a_type_that_was_not_offered_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        confirmed(client, "pm_sepaDebit_success_de", currency="usd")
    assert refusal.value.code == "payment_intent_incompatible_payment_method"


@pytest.mark.parametrize(
    ("method", "status", "reason"),
    [
        ("pm_card_createDispute", "needs_response", "fraudulent"),
        ("pm_card_createDisputeProductNotReceived", "needs_response", "product_not_received"),
        ("pm_card_createDisputeInquiry", "warning_needs_response", "fraudulent"),
    ],
)
def test_a_disputing_card_pays_and_disputes_at_once(
    client: stripe.StripeClient, sandbox: RunningSandbox, method: str, status: str, reason: str
) -> None:
    intent = confirmed(client, method)
    assert intent.status == "succeeded"
    (dispute,) = sandbox.control.get("/_control/state").json()["stripe"]["disputes"]
    told = client.v1.disputes.retrieve(dispute["id"])
    assert (told.status, told.reason, told.payment_intent) == (status, reason, intent.id)
    assert client.v1.charges.retrieve(str(intent.latest_charge)).disputed
