"""What a shopper's browser does at Stripe: confirm with the publishable key, and answer the bank's page."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import stripe

from tests.sandbox.server import RunningSandbox

_SHOP = "https://shop.example/return?order=ord_1"


def _confirm(sandbox: RunningSandbox, intent: stripe.PaymentIntent, **form: str) -> httpx.Response:
    return sandbox.control.post(
        f"/stripe/v1/payment_intents/{intent.id}/confirm",
        data={"client_secret": str(intent.client_secret), **form},
        headers={"Authorization": "Bearer pk_test_sandbox", "Origin": "https://shop.example"},
    )


@pytest.fixture
def intent(client: stripe.StripeClient) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create(
        {"amount": 2000, "currency": "usd", "metadata": {"order": "ord_1"}, "capture_method": "manual"}
    )


def test_a_browser_confirms_with_the_client_secret_and_sees_no_metadata(
    sandbox: RunningSandbox, intent: stripe.PaymentIntent
) -> None:
    answer = _confirm(sandbox, intent, payment_method="pm_card_visa", return_url=_SHOP)
    assert (answer.status_code, answer.json()["status"]) == (200, "requires_capture")
    assert not {"metadata", "customer", "latest_charge"} & answer.json().keys()
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_browser_types_a_test_card_number(sandbox: RunningSandbox, intent: stripe.PaymentIntent) -> None:
    card = {"payment_method_data[type]": "card", "payment_method_data[card][exp_year]": "34"}
    number = "payment_method_data[card][number]"
    wrong = _confirm(sandbox, intent, **card, **{number: "4242 4242 4242 4241"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "incorrect_number")
    declined = _confirm(sandbox, intent, **card, **{number: "4000 0000 0000 0002"})
    assert (declined.status_code, declined.json()["error"]["code"]) == (402, "card_declined")
    assert (
        _confirm(sandbox, intent, **card, **{number: "4242424242424242"}).json()["status"]
        == "requires_capture"
    )


def test_a_browser_reaches_only_the_payment_whose_secret_it_holds(
    sandbox: RunningSandbox, client: stripe.StripeClient, intent: stripe.PaymentIntent
) -> None:
    browser = {"Authorization": "Bearer pk_test_sandbox"}
    path = f"/stripe/v1/payment_intents/{intent.id}"
    assert sandbox.control.get(path, headers=browser).status_code == 401
    assert sandbox.control.get(path, params={"client_secret": "wrong"}, headers=browser).status_code == 400
    assert sandbox.control.get("/stripe/v1/payment_intents", headers=browser).status_code == 401
    seen = sandbox.control.get(path, params={"client_secret": str(intent.client_secret)}, headers=browser)
    assert seen.json()["id"] == intent.id


@pytest.mark.parametrize(
    ("outcome", "redirect_status", "status"),
    [("complete", "succeeded", "requires_capture"), ("fail", "failed", "requires_payment_method")],
)
def test_the_banks_page_sends_the_shopper_back_to_the_shop(
    *,
    sandbox: RunningSandbox,
    client: stripe.StripeClient,
    intent: stripe.PaymentIntent,
    outcome: str,
    redirect_status: str,
    status: str,
) -> None:
    answer = _confirm(sandbox, intent, payment_method="pm_card_authenticationRequired", return_url=_SHOP)
    redirect = answer.json()["next_action"]["redirect_to_url"]
    assert redirect["return_url"] == _SHOP
    page = sandbox.control.get(redirect["url"])
    assert "20.00 usd" in page.text
    assert 'value="complete"' in page.text
    back = sandbox.control.post(redirect["url"], data={"outcome": outcome})
    assert back.status_code == 303
    told = parse_qs(urlsplit(back.headers["location"]).query)
    assert (told["order"], told["payment_intent"]) == (["ord_1"], [intent.id])
    assert told["redirect_status"] == [redirect_status]
    assert client.v1.payment_intents.retrieve(intent.id).status == status
    assert sandbox.control.post(redirect["url"], data={"outcome": outcome}).status_code == 404
