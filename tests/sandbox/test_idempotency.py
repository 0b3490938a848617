"""Idempotency keys do what Stripe documents: one effect a key, its first result for 24 hours."""

from concurrent.futures import ThreadPoolExecutor

import stripe

from tests.sandbox.payments import authorized
from tests.sandbox.server import RunningSandbox

_FORM = {"amount": "2000", "currency": "usd"}


def _payments(sandbox: RunningSandbox) -> int:
    return len(sandbox.control.get("/_control/state").json()["stripe"]["payments"])


def test_the_same_request_under_one_key_has_one_effect_and_one_answer(sandbox: RunningSandbox) -> None:
    first, second = (sandbox.post("/payment_intents", _FORM, key="att_1") for _ in range(2))
    assert first.content == second.content
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Original-Request"] == first.headers["Request-Id"]
    assert _payments(sandbox) == 1


def test_other_parameters_under_one_key_are_an_error(sandbox: RunningSandbox) -> None:
    sandbox.post("/payment_intents", _FORM, key="att_1")
    answer = sandbox.post("/payment_intents", _FORM | {"amount": "2001"}, key="att_1")
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "idempotency_error")
    answer = sandbox.post("/refunds", _FORM, key="att_1")
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "idempotency_error")


def test_two_requests_at_once_under_one_key_conflict(sandbox: RunningSandbox) -> None:
    sandbox.fault("payment_intents.create", "delay", delay_ms=300)
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(sandbox.post, "/payment_intents", _FORM, "att_1") for _ in range(2)]
        answers = sorted((future.result() for future in futures), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["error"]["code"] == "idempotency_key_in_use"
    assert answers[1].headers["Stripe-Should-Retry"] == "true"
    assert _payments(sandbox) == 1


def test_a_refused_parameter_does_not_use_the_key_up(sandbox: RunningSandbox) -> None:
    assert sandbox.post("/payment_intents", {"amount": "2000"}, key="att_1").status_code == 400
    assert sandbox.post("/payment_intents", _FORM, key="att_1").status_code == 200


def test_a_decline_is_replayed(sandbox: RunningSandbox) -> None:
    form = _FORM | {
        "payment_method": "pm_card_visa_chargeDeclined",
        "payment_method_types[]": "card",
        "confirm": "true",
    }
    first, second = (sandbox.post("/payment_intents", form, key="att_1") for _ in range(2))
    assert (first.status_code, second.status_code) == (402, 402)
    assert first.content == second.content
    assert _payments(sandbox) == 1


def test_an_internal_error_is_replayed_although_nothing_happened(sandbox: RunningSandbox) -> None:
    sandbox.fault("payment_intents.create", "500")
    answers = [sandbox.post("/payment_intents", _FORM, key="att_1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [500, 500]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert _payments(sandbox) == 0
    assert sandbox.post("/payment_intents", _FORM, key="att_2").status_code == 200


def test_a_lost_answer_is_found_again_under_its_key(
    sandbox: RunningSandbox, client: stripe.StripeClient
) -> None:
    intent = authorized(client)
    sandbox.fault("payment_intents.capture", "lost")
    try:
        client.v1.payment_intents.capture(intent.id, options={"idempotency_key": "att_1"})
        raise AssertionError("the answer should have been lost")
    except stripe.APIConnectionError:
        pass
    found = client.v1.payment_intents.capture(intent.id, options={"idempotency_key": "att_1"})
    assert (found.status, found.amount_received) == ("succeeded", 2000)


def test_a_request_that_was_never_carried_out_leaves_its_key_free(sandbox: RunningSandbox) -> None:
    sandbox.fault("payment_intents.create", "429")
    assert sandbox.post("/payment_intents", _FORM, key="att_1").status_code == 429
    assert sandbox.post("/payment_intents", _FORM, key="att_1").status_code == 200


def test_a_key_is_forgotten_after_a_day(sandbox: RunningSandbox) -> None:
    first = sandbox.post("/payment_intents", _FORM, key="att_1").json()["id"]
    sandbox.control.post("/_control/clock/advance", json={"seconds": 23 * 3600}).raise_for_status()
    assert sandbox.post("/payment_intents", _FORM, key="att_1").json()["id"] == first
    sandbox.control.post("/_control/clock/advance", json={"seconds": 2 * 3600}).raise_for_status()
    assert sandbox.post("/payment_intents", _FORM, key="att_1").json()["id"] != first
