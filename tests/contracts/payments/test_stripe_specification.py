"""Everything that the Stripe adapter sends is valid by Stripe's specification, and what Stripe was recorded
to say is understood.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.settings import StripeSettings
from adapters.stripe.webhooks import StripePaymentWebhooks
from adapters.stripe.wire import payment_snapshot, refund_snapshot
from domain.identifiers import RefundId
from domain.money import Money
from domain.payment import Instrument, PaymentState
from domain.refund import RefundState
from domain.shop import CaptureMethod
from ports.errors import SignatureInvalid
from tests.contracts.payments.requests import asking, key
from tests.contracts.payments.stripe_specification import Specification, needed, read
from tests.sandbox.server import RunningSandbox

# stripe's HTTPXClient posts its form with httpx's old name.
pytestmark = [needed, pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    method: str
    path: str
    text: str
    headers: httpx.Headers


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    """Every request that goes over the wire."""
    recorded: list[Sent] = []
    send = httpx.AsyncClient.send

    async def record(client: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
        is_write = request.method == "POST"
        text = request.content.decode() if is_write else request.url.query.decode()
        path = request.url.path.removeprefix("/stripe")
        recorded.append(Sent(method=request.method, path=path, text=text, headers=request.headers))
        return await send(client, request, **options)

    monkeypatch.setattr(httpx.AsyncClient, "send", record)
    return recorded


Story = Callable[[StripePaymentGateway], Coroutine[Any, Any, None]]


async def paid_in_steps(gateway: StripePaymentGateway) -> None:
    request = asking()
    created = await gateway.create(request, key())
    visa = Instrument(token="pm_card_visa")
    await gateway.confirm(created.reference, visa, "https://shop.example/back", key())
    await gateway.capture(created.reference, request.amount, key())
    refund_id = RefundId("ref_1")
    await gateway.refund(created.reference, refund_id, Money.of(500, "EUR"), key())
    assert await gateway.find_refund(created.reference, refund_id) is not None
    assert await gateway.find(request.payment_id, datetime.now(UTC) - timedelta(minutes=5)) is not None


async def paid_at_once(gateway: StripePaymentGateway) -> None:
    await gateway.create(asking("pm_card_visa", capture_method=CaptureMethod.AUTOMATIC), key())
    await gateway.create(asking("pm_card_visa", Money.of(500_00, "ISK")), key())


async def given_up(gateway: StripePaymentGateway) -> None:
    created = await gateway.create(asking(), key())
    await gateway.void(created.reference, key())
    await gateway.retrieve(created.reference)


@pytest.mark.parametrize("cards_only", [True, False], ids=["cards only", "automatic methods"])
@pytest.mark.parametrize("story", [paid_in_steps, paid_at_once, given_up], ids=lambda story: story.__name__)
async def test_every_request_is_valid(
    stripe_sandbox: RunningSandbox, sent: list[Sent], story: Story, *, cards_only: bool
) -> None:
    stripe_sandbox.control.post("/_control/reset").raise_for_status()
    settings = StripeSettings(
        secret_key="sk_test_sandbox",
        webhook_secret="whsec_sandbox",
        base_url=f"{stripe_sandbox.url}/stripe",
        cards_only=cards_only,
    )
    gateway = StripePaymentGateway(settings)
    try:
        await story(gateway)
    finally:
        await gateway.close()
    specification = Specification()
    assert sent
    for request in sent:
        problems = specification.problems(request.method, request.path, request.text)
        assert problems == [], f"{request.method} {request.path} {request.text}"
        assert request.headers["Stripe-Version"] == "2023-10-16"
        assert ("Idempotency-Key" in request.headers) == (request.method == "POST")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("amount=10.50&currency=eur", "10.50"),
        ("amount=1050&currency=eur&idempotency_key=abc", "idempotency_key"),
        ("amount=1050&currency=eur&capture_method=later", "later"),
        ("currency=eur", "amount"),
    ],
)
def test_an_invalid_request_would_be_seen(text: str, problem: str) -> None:
    assert problem in " ".join(Specification().problems("POST", "/v1/payment_intents", text))


STATES = {
    "payment_intent.create.requires_payment_method": PaymentState.AWAITING_METHOD,
    "payment_intent.create.requires_capture": PaymentState.AUTHORIZED,
    "payment_intent.confirm.requires_action.3ds2": PaymentState.AWAITING_ACTION,
    "payment_intent.requires_confirmation": PaymentState.AWAITING_CONFIRMATION,
    "payment_intent.capture.succeeded": PaymentState.CAPTURED,
    "payment_intent.cancel.canceled": PaymentState.VOIDED,
}


@pytest.mark.parametrize("name", STATES)
def test_recorded_payments_are_understood(name: str) -> None:
    body = read("recorded-bodies.activemerchant.json")["bodies"][name]["body"]
    snapshot = payment_snapshot(body)
    assert snapshot.state is STATES[name]
    assert snapshot.reference == body["id"]
    assert snapshot.amount.minor == body["amount"]
    captured = body["amount"] if snapshot.state is PaymentState.CAPTURED else 0
    assert snapshot.received.minor == captured


def test_every_recorded_payment_has_a_row_above() -> None:
    recorded = read("recorded-bodies.activemerchant.json")["bodies"]
    assert {name for name in recorded if name.startswith("payment_intent.")} == set(STATES)


def test_stripes_own_examples_are_understood() -> None:
    examples = read("fixtures-2023-10-16.json")["resources"]
    assert payment_snapshot(examples["payment_intent"]).reference == examples["payment_intent"]["id"]
    assert refund_snapshot(examples["refund"]).state is RefundState.SUCCEEDED


def test_a_status_that_nobody_knows_is_pending() -> None:
    payment = read("fixtures-2023-10-16.json")["resources"]["payment_intent"]
    assert payment_snapshot(payment | {"status": "brand_new"}).state is PaymentState.PROCESSING
    refund = read("fixtures-2023-10-16.json")["resources"]["refund"]
    assert refund_snapshot(refund | {"status": "brand_new"}).state is RefundState.PENDING


def _webhooks(vector: dict[str, Any]) -> StripePaymentWebhooks:
    return StripePaymentWebhooks(StripeSettings(secret_key="sk", webhook_secret=vector["secret"]))


def _read(vector: dict[str, Any]) -> None:
    now = datetime.fromtimestamp(vector["now"], UTC)
    headers = {"stripe-signature": vector["header"]}
    _webhooks(vector)._verify(vector["body"].encode(), headers["stripe-signature"], now)


def test_signatures_are_told_apart_as_stripe_does() -> None:
    vectors = read("webhook-signature-vector.json")
    assert len(vectors["valid"]) >= 3
    for vector in vectors["valid"]:
        _read(vector)
    assert len(vectors["invalid"]) >= 5
    for vector in vectors["invalid"]:
        with pytest.raises(SignatureInvalid):
            _read(vector)
