"""Requests that Stripe would not take are refused with its codes, before anything happened."""

import pytest

from tests.sandbox.server import RunningSandbox

_REFUSED = [
    ({"currency": "usd"}, "parameter_missing", "amount"),
    ({"amount": "2000"}, "parameter_missing", "currency"),
    ({"amount": "20.00", "currency": "usd"}, "parameter_invalid_integer", "amount"),
    ({"amount": "-5", "currency": "usd"}, "parameter_invalid_integer", "amount"),
    ({"amount": "49", "currency": "usd"}, "amount_too_small", "amount"),
    ({"amount": "29", "currency": "gbp"}, "amount_too_small", "amount"),
    ({"amount": "299", "currency": "nok"}, "amount_too_small", "amount"),
    ({"amount": "49", "currency": "jpy"}, "amount_too_small", "amount"),
    ({"amount": "100000000", "currency": "usd"}, "amount_too_large", "amount"),
    ({"amount": "1005", "currency": "kwd"}, None, "amount"),
    ({"amount": "2000", "currency": "xxx"}, None, "currency"),
    ({"amount": "2000", "currency": "usd", "idempotency_key": "k"}, "parameter_unknown", "idempotency_key"),
    ({"amount": "2000", "currency": "usd", "capture_method": "later"}, None, "capture_method"),
    ({"amount": "2000", "currency": "usd", "description": ""}, "parameter_invalid_empty", "description"),
    ({"amount": "2000", "currency": "usd", "return_url": "https://shop.example"}, None, "return_url"),
    ({"amount": "2000", "currency": "usd", "expand[]": "latest_charg"}, None, "expand"),
    ({"amount": "2000", "currency": "usd", "metadata[note]": "x" * 501}, None, "metadata[note]"),
    (
        {
            "amount": "2000",
            "currency": "usd",
            "payment_method_types[]": "card",
            "automatic_payment_methods[enabled]": "true",
        },
        None,
        "automatic_payment_methods",
    ),
    (
        {"amount": "2000", "currency": "usd", "automatic_payment_methods[enable]": "true"},
        "parameter_unknown",
        "automatic_payment_methods[enable]",
    ),
]


@pytest.mark.parametrize(("form", "code", "param"), _REFUSED)
def test_a_wrong_parameter_is_refused_by_name(
    sandbox: RunningSandbox, form: dict[str, str], code: str | None, param: str
) -> None:
    answer = sandbox.post("/payment_intents", form)
    error = answer.json()["error"]
    assert (answer.status_code, error.get("code"), error["param"]) == (400, code, param)
    assert sandbox.control.get("/_control/state").json()["stripe"]["payments"] == []


@pytest.mark.parametrize(("amount", "currency"), [("50", "jpy"), ("1000", "kwd"), ("1000", "KWD")])
def test_minor_units_are_the_currencys_own(sandbox: RunningSandbox, amount: str, currency: str) -> None:
    answer = sandbox.post("/payment_intents", {"amount": amount, "currency": currency})
    assert (answer.status_code, answer.json()["amount"]) == (200, int(amount))


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer sk_live_x", "Basic c2tfdGVzdA=="])
def test_without_a_test_key_nothing_is_answered(sandbox: RunningSandbox, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    answer = sandbox.control.get("/stripe/v1/payment_intents", headers=headers)
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")


def test_a_redirecting_payment_needs_a_return_url(sandbox: RunningSandbox) -> None:
    form = {"amount": "2000", "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true"}
    answer = sandbox.post("/payment_intents", form)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "return_url")
    assert sandbox.control.get("/_control/state").json()["stripe"]["payments"] == []
    assert (
        sandbox.post("/payment_intents", form | {"return_url": "https://shop.example/back"}).status_code
        == 200
    )


@pytest.mark.parametrize("path", ["payment_intents/pi_0", "refunds/re_0", "charges/ch_0", "customers/cus_0"])
def test_what_does_not_exist_is_missing(sandbox: RunningSandbox, path: str) -> None:
    answer = sandbox.control.get(f"/stripe/v1/{path}", headers={"Authorization": "Bearer sk_test_x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "resource_missing")
