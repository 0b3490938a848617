"""What Stripe's failures mean: it said no, certainly nothing happened, or nobody knows."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from adapters.resilience.policies import STRIPE
from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.settings import StripeSettings
from adapters.system_clock import SystemClock
from domain.identifiers import RefundId
from domain.money import Money
from domain.payment import Instrument, PaymentState
from domain.period import Period
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from tests.contracts.payments.requests import asking, key
from tests.contracts.scripted_vendor import Reply, Silence, Step, scripted
from tests.contracts.vendor_calls import Told, stripe_with
from tests.sandbox.server import RunningSandbox

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
EVER = Period(since=datetime(2025, 1, 1, tzinfo=UTC), until=datetime(2100, 1, 1, tzinfo=UTC))
MARKED: Final = "marked"
EUR_5: Final = Money.of(500, "EUR")
CARD: Final = Instrument(token="pm_marked")
BACK: Final = "https://shop.example/marked"
NOWHERE: Final = "http://127.0.0.1:1"

Call = Callable[[StripePaymentGateway], Awaitable[object]]
WRITES: Final[dict[str, Call]] = {
    "create": lambda gateway: gateway.create(asking(CARD.token), key()),
    "confirm": lambda gateway: gateway.confirm("pi_1", CARD, BACK, key()),
    "capture": lambda gateway: gateway.capture("pi_1", EUR_5, key()),
    "void": lambda gateway: gateway.void("pi_1", key()),
    "refund": lambda gateway: gateway.refund("pi_1", RefundId("ref_1"), EUR_5, key()),
}
READS: Final[dict[str, Call]] = {
    "retrieve": lambda gateway: gateway.retrieve("pi_1"),
    "find": lambda gateway: gateway.find(asking().payment_id, EVER),
    "find_refund": lambda gateway: gateway.find_refund("pi_1", RefundId("ref_1")),
    "refunds": lambda gateway: gateway.refunds("pi_1"),
    "disputes": lambda gateway: gateway.disputes("pi_1"),
    "payments_created": lambda gateway: anext(gateway.payments_created(EVER)),
    "refunds_created": lambda gateway: anext(gateway.refunds_created(EVER)),
    "disputes_created": lambda gateway: anext(gateway.disputes_created(EVER)),
}


class LongWaits(SystemClock):
    """Draws nearly the longest wait each time."""

    def random_fraction(self) -> float:
        return 0.9


def said(status: int, type_: str = "invalid_request_error", **more: object) -> Reply:
    """An error in Stripe's words, with something in it that nobody else may see."""
    error = {"type": type_, "message": f"sk_test_{MARKED} {MARKED}@example.com", "param": MARKED, **more}
    return Reply(status=status, body=json.dumps({"error": error}).encode())


def page(status: int) -> Reply:
    """What a gateway in front of Stripe shows."""
    return Reply(status=status, body=f"<html>{MARKED}</html>".encode(), headers={"Content-Type": "text/html"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What a write makes of it, and a read; `spent`: the key will never do any more."""

    steps: tuple[Step, ...]
    write: type[PortError]
    read: type[PortError] = Unavailable
    spent: bool = False
    leaves: bool = False


FAILURES: Final[dict[str, Failure]] = {
    "500": Failure(steps=(said(500, "api_error"),), write=OutcomeUnknown, spent=True),
    "502": Failure(steps=(page(502),), write=OutcomeUnknown),
    "503": Failure(steps=(page(503),), write=OutcomeUnknown),
    "503 in Stripe's words": Failure(steps=(said(503, "api_error"),), write=OutcomeUnknown, spent=True),
    "504": Failure(steps=(page(504),), write=OutcomeUnknown),
    "a body that breaks off": Failure(steps=(Reply(body=b'{"id": "'),), write=OutcomeUnknown),
    "an empty object": Failure(steps=(Reply(body=b"{}"),), write=OutcomeUnknown),
    "a list": Failure(steps=(Reply(body=b"[]"),), write=OutcomeUnknown),
    "a text": Failure(steps=(Reply(body=b'"marked"'),), write=OutcomeUnknown),
    "nothing": Failure(steps=(Reply(body=b""),), write=OutcomeUnknown),
    "null": Failure(steps=(Reply(body=b"null"),), write=OutcomeUnknown),
    "a redirect": Failure(steps=(page(302),), write=OutcomeUnknown),
    "an error that is a text": Failure(
        steps=(Reply(status=400, body=b'{"error": "marked"}'),), write=OutcomeUnknown
    ),
    "an error that is nothing": Failure(
        steps=(Reply(status=400, body=b'{"error": null}'),), write=OutcomeUnknown
    ),
    "an error in numbers": Failure(
        steps=(Reply(status=402, body=b'{"error": {"code": 7}}'),), write=OutcomeUnknown
    ),
    "no answer in time": Failure(steps=(Silence.HANGS,), write=OutcomeUnknown),
    "a lost connection": Failure(steps=(Silence.DROPS,), write=OutcomeUnknown),
    "a lost connection, then nobody": Failure(steps=(Silence.DROPS,), leaves=True, write=OutcomeUnknown),
    "a 503, then nobody": Failure(steps=(page(503),), leaves=True, write=OutcomeUnknown),
    "a lost connection, then too many": Failure(steps=(Silence.DROPS, said(429)), write=OutcomeUnknown),
    "a lost connection, then a wrong key": Failure(steps=(Silence.DROPS, said(401)), write=OutcomeUnknown),
    "a key that is in use": Failure(steps=(said(409, code="idempotency_key_in_use"),), write=OutcomeUnknown),
    "a key of other arguments": Failure(steps=(said(400, "idempotency_error"),), write=OutcomeUnknown),
    "too many": Failure(steps=(said(429, code="rate_limit"),), write=Unavailable),
    "too many, as a page": Failure(steps=(page(429),), write=Unavailable),
    "a payment that is locked": Failure(steps=(said(429, code="lock_timeout"),), write=Unavailable),
    "a wrong key": Failure(steps=(said(401),), write=Unavailable),
    "a key that may not": Failure(steps=(said(403),), write=Unavailable),
    "a bad request": Failure(steps=(said(400, code="parameter_invalid"),), write=Rejected, read=Rejected),
    "not there": Failure(steps=(said(404, code="resource_missing"),), write=Rejected, read=Rejected),
    "a card that is refused": Failure(
        steps=(said(402, "card_error", code="card_declined"),), write=Rejected, read=Rejected
    ),
}


# Silence is noticed soon.
SOON: Final = replace(STRIPE, timeout_seconds=0.5)


@asynccontextmanager
async def gateway_at(url: str) -> AsyncIterator[StripePaymentGateway]:
    gateway = stripe_with(
        StripeSettings(secret_key=f"sk_test_{MARKED}", webhook_secret=f"whsec_{MARKED}", base_url=url),
        policy=SOON,
    )
    try:
        yield gateway
    finally:
        await gateway.close()


async def failure_of(call: Call, url: str) -> PortError:
    async with gateway_at(url) as gateway:
        with pytest.raises(PortError) as caught:
            await call(gateway)
    return caught.value


@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("operation", WRITES)
async def test_a_write_that_fails_is_told_by_what_it_may_have_done(
    name: str, operation: str, caplog: pytest.LogCaptureFixture
) -> None:
    failure = FAILURES[name]
    with caplog.at_level(logging.DEBUG):
        async with scripted(*failure.steps, leaves=failure.leaves) as vendor:
            error = await failure_of(WRITES[operation], vendor.url)
    assert type(error) is failure.write
    assert getattr(error, "key_is_spent", False) is failure.spent
    _tells_nothing(error, caplog)
    assert len({request.headers["idempotency-key"] for request in vendor.received}) == 1


@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("operation", READS)
async def test_a_read_that_fails_has_no_effect_to_doubt(
    name: str, operation: str, caplog: pytest.LogCaptureFixture
) -> None:
    failure = FAILURES[name]
    with caplog.at_level(logging.DEBUG):
        async with scripted(*failure.steps, leaves=failure.leaves) as vendor:
            error = await failure_of(READS[operation], vendor.url)
    assert type(error) is failure.read
    _tells_nothing(error, caplog)


@pytest.mark.parametrize("operation", [*WRITES, *READS])
async def test_nobody_at_home_means_that_nothing_happened(operation: str) -> None:
    error = await failure_of((WRITES | READS)[operation], NOWHERE)
    assert type(error) is Unavailable


async def test_a_lost_answer_is_asked_for_again_under_the_same_key() -> None:
    payment = {"id": "pi_1", "object": "payment_intent", "status": "requires_capture"}
    body = json.dumps({**payment, "amount": 500, "currency": "eur"}).encode()
    attempt = key()
    async with scripted(Silence.DROPS, Reply(body=body)) as vendor, gateway_at(vendor.url) as gateway:
        snapshot = await gateway.capture("pi_1", EUR_5, attempt)
    assert snapshot.state is PaymentState.AUTHORIZED
    assert [request.headers["idempotency-key"] for request in vendor.received] == [attempt, attempt]


async def test_a_card_that_is_refused_is_never_tried_again() -> None:
    async with scripted(said(402, "card_error", code="card_declined")) as vendor:
        await failure_of(WRITES["confirm"], vendor.url)
    assert len(vendor.received) == 1


async def test_the_wait_that_stripe_asks_for_is_told() -> None:
    reply = said(429)
    reply = Reply(status=429, body=reply.body, headers={"Retry-After": "7"})
    async with scripted(reply) as vendor:
        error = await failure_of(WRITES["create"], vendor.url)
    assert isinstance(error, Unavailable)
    assert error.retry_after_seconds == 7


async def test_one_call_in_doubt_leaves_the_next_one_clear() -> None:
    """Nothing of an earlier call is held against a later one on the same task."""
    async with scripted(Silence.DROPS, Silence.DROPS, said(429)) as vendor, gateway_at(vendor.url) as gateway:
        with pytest.raises(OutcomeUnknown):
            await WRITES["create"](gateway)
        with pytest.raises(Unavailable):
            await WRITES["create"](gateway)


@pytest.mark.parametrize(("kind", "expected"), [("429", Unavailable), ("500", OutcomeUnknown)])
async def test_a_failing_sandbox_is_told_apart(
    stripe_gateway: StripePaymentGateway, vendors: RunningSandbox, kind: str, expected: type[PortError]
) -> None:
    vendors.fault("payment_intents.create", kind, times=None)
    with pytest.raises(expected):
        await stripe_gateway.create(asking("pm_card_visa"), key())


async def test_a_lost_answer_leaves_one_payment(
    stripe_gateway: StripePaymentGateway, vendors: RunningSandbox
) -> None:
    request = asking("pm_card_visa")
    vendors.fault("payment_intents.create", "lost", times=1)
    created = await stripe_gateway.create(request, key())
    found = await stripe_gateway.find(request.payment_id, EVER)
    assert found is not None
    assert (found.reference, found.state) == (created.reference, PaymentState.AUTHORIZED)
    state = vendors.control.get("/_control/state").json()
    assert len(state["stripe"]["payments"]) == 1


async def test_who_comes_while_the_first_is_still_at_work_gets_its_payment(
    vendors: RunningSandbox,
) -> None:
    """The second one meets a 409, waits, and is answered as the first; Stripe is well all the time."""
    vendors.fault("payment_intents.create", "delay", delay_ms=150, times=1)
    request, once, told = asking("pm_card_visa"), key(), Told()
    settings = StripeSettings(secret_key="sk_test_x", webhook_secret="x", base_url=f"{vendors.url}/stripe")
    gateway = stripe_with(settings, clock=LongWaits(), told=told)
    first, second = await asyncio.gather(*(gateway.create(request, once) for _ in range(2)))
    await gateway.close()
    assert first == second
    assert "http_409" in told.reasons
    assert len(vendors.control.get("/_control/state").json()["stripe"]["payments"]) == 1


@pytest.mark.parametrize(("fault", "is_spent"), [("500", True), ("500_after", True), ("invalid", False)])
async def test_a_key_is_spent_when_stripe_itself_reports_a_failure(
    stripe_gateway: StripePaymentGateway, vendors: RunningSandbox, fault: str, is_spent: bool
) -> None:
    request, once = asking("pm_card_visa"), key()
    vendors.fault("payment_intents.create", fault, times=1 if is_spent else 2)
    with pytest.raises(OutcomeUnknown) as first:
        await stripe_gateway.create(request, once)
    assert first.value.key_is_spent is is_spent
    if is_spent:
        with pytest.raises(OutcomeUnknown):
            await stripe_gateway.create(request, once)


def _tells_nothing(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    told: list[Any] = [str(error), repr(error), error.args, getattr(error, "__notes__", ())]
    assert MARKED not in str(told)
    assert error.__cause__ is None
    assert error.__suppress_context__
    # httpx's own connection log is the transport's affair, and no server of ours runs it at DEBUG.
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("httpcore")]
    assert MARKED not in str(logged)
