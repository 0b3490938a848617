"""Stripe under its policy: how often it is tried, what opens its breaker, and what each endpoint may be
asked.
"""

import json
from dataclasses import replace
from typing import Final

import pytest

from adapters.in_memory.clock import ManualClock
from adapters.resilience.policies import STRIPE, Policy
from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.settings import StripeSettings
from domain.money import Money
from domain.payment import Instrument, PaymentState
from ports.errors import OutcomeUnknown, PortError, Unavailable
from tests.contracts.payments.requests import asking, key
from tests.contracts.scripted_vendor import Reply, ScriptedVendor, Silence, Step, scripted
from tests.contracts.vendor_calls import Told, stripe_with

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
EUR_5: Final = Money.of(500, "EUR")
INTENT: Final = {"id": "pi_1", "object": "payment_intent", "amount": 500, "currency": "eur"}
PAID: Final = Reply(body=json.dumps({**INTENT, "status": "succeeded"}).encode())
GATEWAYS_PAGE: Final = Reply(status=503, body=b"<html></html>")


def said(status: int, type_: str = "api_error", should_retry: str = "", **more: object) -> Reply:
    headers = {"Stripe-Should-Retry": should_retry} if should_retry else {}
    return Reply(status=status, body=json.dumps({"error": {"type": type_, **more}}).encode(), headers=headers)


DECLINED: Final = said(402, "card_error", code="card_declined")


def gateway_at(
    vendor: ScriptedVendor,
    told: Told | None = None,
    clock: ManualClock | None = None,
    policy: Policy = STRIPE,
) -> StripePaymentGateway:
    settings = StripeSettings(secret_key="sk_test_x", webhook_secret="whsec_x", base_url=vendor.url)
    return stripe_with(settings, policy=policy, clock=clock, told=told)


async def tries_of_a_capture(*steps: Step) -> int:
    async with scripted(*steps) as vendor:
        # Silence is noticed soon, and a busy machine still has time to connect.
        soon = replace(STRIPE, timeout_seconds=0.5)
        gateway = gateway_at(vendor, policy=soon if Silence.HANGS in steps else STRIPE)
        try:
            await gateway.capture("pi_1", EUR_5, key())
        except PortError:
            pass
        finally:
            await gateway.close()
        assert len({request.headers["idempotency-key"] for request in vendor.received}) == 1
        assert len({request.body for request in vendor.received}) == 1
        return len(vendor.received)


@pytest.mark.parametrize(
    ("steps", "tries"),
    [
        ((GATEWAYS_PAGE,), 4),
        ((Silence.DROPS,), 4),
        ((Silence.HANGS,), 4),
        ((said(409, "idempotency_error", code="idempotency_key_in_use"),), 4),
        ((said(429, code="rate_limit"),), 4),
        ((said(429, code="lock_timeout"),), 4),
        ((GATEWAYS_PAGE, Silence.DROPS, PAID), 3),
        # What Stripe says itself, it keeps under the key: a repeat is told the same.
        ((said(500),), 1),
        ((said(500, should_retry="true"), PAID), 2),
        ((replace(GATEWAYS_PAGE, headers={"Stripe-Should-Retry": "false"}),), 1),
        ((DECLINED,), 1),
        ((said(400, "invalid_request_error"),), 1),
        ((said(401, "invalid_request_error"),), 1),
        ((PAID,), 1),
    ],
    ids=str,
)
async def test_only_what_may_pass_is_tried_again_three_times_under_one_key(
    steps: tuple[Step, ...], tries: int
) -> None:
    assert await tries_of_a_capture(*steps) == tries


async def test_a_read_is_tried_again_whoever_reports_the_failure() -> None:
    async with scripted(said(500), PAID) as vendor:
        gateway = gateway_at(vendor)
        assert (await gateway.retrieve("pi_1")).state is PaymentState.CAPTURED
        await gateway.close()


async def test_declines_never_open_the_breaker() -> None:
    async with scripted(DECLINED) as vendor:
        gateway = gateway_at(vendor)
        for _ in range(20):
            with pytest.raises(PortError):
                await gateway.confirm("pi_1", Instrument(token="pm_1"), None, key())
        await gateway.close()
    assert len(vendor.received) == 20


@pytest.mark.parametrize(
    "reply", [said(409, "idempotency_error"), said(429, code="lock_timeout")], ids=["in use", "locked"]
)
async def test_a_payment_that_is_in_other_hands_says_nothing_against_stripe(reply: Reply) -> None:
    async with scripted(reply) as vendor:
        gateway = gateway_at(vendor)
        for _ in range(3):
            with pytest.raises(PortError):
                await gateway.capture("pi_1", EUR_5, key())
        await gateway.close()
    assert len(vendor.received) == 12


async def test_after_five_failures_in_a_row_stripe_is_left_alone_for_30_seconds() -> None:
    clock, told = ManualClock(), Told()
    async with scripted(*[said(500)] * 5, PAID) as vendor:
        gateway = gateway_at(vendor, told, clock)
        for _ in range(5):
            with pytest.raises(OutcomeUnknown):
                await gateway.create(asking("pm_card_visa"), key())
        with pytest.raises(Unavailable) as away:
            await gateway.create(asking("pm_card_visa"), key())
        assert (away.value.reason, away.value.retry_after_seconds) == ("breaker_open", 30)
        assert len(vendor.received) == 5
        await clock.sleep(30)
        assert (await gateway.retrieve("pi_1")).state is PaymentState.CAPTURED
        await gateway.close()
    assert told.reasons == ["http_500"] * 5 + ["breaker_open", "http_200"]


async def test_an_endpoint_is_asked_25_times_a_second_and_all_of_them_100_times() -> None:
    clock = ManualClock()
    began = clock.now()
    async with scripted(PAID) as vendor:
        gateway = gateway_at(vendor, clock=clock)
        for _ in range(25):
            await gateway.retrieve("pi_1")
            await gateway.capture("pi_1", EUR_5, key())
            await gateway.void("pi_1", key())
            await gateway.confirm("pi_1", Instrument(token="pm_1"), None, key())
        assert clock.now() == began
        await gateway.create(asking("pm_card_visa"), key())
        await gateway.close()
    assert 1 <= (clock.now() - began).total_seconds() < 2


async def test_every_call_is_told_by_its_endpoint() -> None:
    told = Told()
    async with scripted(PAID) as vendor:
        gateway = gateway_at(vendor, told)
        await gateway.create(asking("pm_card_visa"), key())
        await gateway.confirm("pi_1", Instrument(token="pm_1"), None, key())
        await gateway.capture("pi_1", EUR_5, key())
        await gateway.void("pi_1", key())
        await gateway.retrieve("pi_1")
        await gateway.close()
    verbs = ("create", "confirm", "capture", "cancel", "retrieve")
    assert [record.operation for record in told.records] == [f"payment_intents.{verb}" for verb in verbs]
