"""Each fault does to the caller what it says, and to the books what it says."""

import httpx
import pytest
import stripe

from entrypoints.sandbox.faults import FaultKind, Switchboard
from tests.sandbox.payments import confirmed
from tests.sandbox.server import RunningSandbox


def _refunded(sandbox: RunningSandbox) -> int:
    (payment,) = sandbox.control.get("/_control/state").json()["stripe"]["payments"]
    refunded: int = payment["refunded"]
    return refunded


@pytest.mark.parametrize(
    ("kind", "error", "refunded"),
    [
        ("refuse", stripe.APIConnectionError, 0),
        ("lost", stripe.APIConnectionError, 2000),
        ("429", stripe.RateLimitError, 0),
        ("500", stripe.APIError, 0),
        ("500_after", stripe.APIError, 2000),
        ("invalid", stripe.APIError, 2000),
    ],
)
def test_a_fault_fails_the_call_and_only_some_have_had_their_effect(
    sandbox: RunningSandbox,
    client: stripe.StripeClient,
    kind: str,
    error: type[stripe.StripeError],
    refunded: int,
) -> None:
    intent = confirmed(client, "pm_card_visa")
    sandbox.fault("refunds.create", kind)
    with pytest.raises(error):
        client.v1.refunds.create({"payment_intent": intent.id})
    assert _refunded(sandbox) == refunded
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


@pytest.mark.parametrize("kind", ["refuse", "lost"])
def test_a_dropped_connection_brings_not_one_byte(sandbox: RunningSandbox, kind: str) -> None:
    sandbox.fault("payment_intents.create", kind)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        sandbox.post("/payment_intents", {"amount": "2000", "currency": "usd"})


def test_a_delay_that_is_longer_than_the_callers_patience_still_has_its_effect(
    sandbox: RunningSandbox,
) -> None:
    sandbox.fault("payment_intents.create", "delay", delay_ms=400)
    headers = {"Authorization": "Bearer sk_test_x"}
    with pytest.raises(httpx.ReadTimeout):
        sandbox.control.post(
            "/stripe/v1/payment_intents",
            data={"amount": "2000", "currency": "usd"},
            headers=headers,
            timeout=0.1,
        )
    # The sandbox answers in order of arrival in one loop: a second delayed call ends after the first.
    sandbox.fault("payment_intents.list", "delay", delay_ms=400)
    listed = sandbox.control.get("/stripe/v1/payment_intents", headers=headers).json()
    assert len(listed["data"]) == 1


def test_faults_are_counted_and_end(sandbox: RunningSandbox) -> None:
    sandbox.fault("*", "429", vendor="*", times=2)
    form = {"amount": "2000", "currency": "usd"}
    assert [sandbox.post("/payment_intents", form).status_code for _ in range(3)] == [429, 429, 200]
    (rule,) = sandbox.control.get("/_control/faults").json()
    assert rule["fired"] == 2
    sandbox.control.delete("/_control/faults").raise_for_status()
    assert sandbox.control.get("/_control/faults").json() == []


def test_a_fault_concerns_its_operation_only(sandbox: RunningSandbox, client: stripe.StripeClient) -> None:
    sandbox.fault("payment_intents.capture", "500")
    assert confirmed(client, "pm_card_visa").status == "succeeded"


def test_an_unknown_kind_of_fault_is_refused(sandbox: RunningSandbox) -> None:
    assert sandbox.control.post("/_control/faults", json={"kind": "explode"}).status_code == 400


def test_the_same_seed_strikes_the_same_calls() -> None:
    def strikes(seed: int) -> list[bool]:
        board = Switchboard()
        board.add("stripe", "*", FaultKind.ERROR, times=None, probability=0.3, seed=seed)
        return [board.draw("stripe", "refunds.create").kind is FaultKind.ERROR for _ in range(200)]

    assert strikes(7) == strikes(7) != strikes(8)
    assert 30 < sum(strikes(7)) < 90


def test_a_delay_adds_to_another_fault() -> None:
    board = Switchboard()
    board.add("stripe", "*", FaultKind.DELAY, delay_ms=50)
    board.add("*", "refunds.create", FaultKind.LOST, delay_ms=20)
    drawn = board.draw("stripe", "refunds.create")
    assert (drawn.kind, round(drawn.delay_seconds, 3)) == (FaultKind.LOST, 0.07)
