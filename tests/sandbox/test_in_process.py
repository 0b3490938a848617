"""The same sandbox without a socket: the bare account, and the application under an in-process transport."""

import asyncio
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest

from entrypoints.sandbox.app import create_app
from entrypoints.sandbox.clock import AdjustableClock
from entrypoints.sandbox.settings import SandboxSettings, SettingsInvalid, from_environment
from entrypoints.sandbox.stripe.account import StripeAccount
from entrypoints.sandbox.stripe.commands import Confirmation, NewPayment, NewRefund
from entrypoints.sandbox.stripe.errors import StripeError
from entrypoints.sandbox.stripe.models import AllowRedirects, CaptureMethod, IntentStatus

_MANUAL = NewPayment(
    amount=2000, currency="usd", capture_method=CaptureMethod.MANUAL, allow_redirects=AllowRedirects.NEVER
)


def test_the_account_works_without_any_http() -> None:
    account, types = StripeAccount(AdjustableClock(seed=1)), list[str]()
    account.listen(lambda event: types.append(event.type))
    intent = account.payments.create(_MANUAL)
    account.payments.confirm(intent.id, Confirmation(payment_method="pm_card_visa"))
    paid = account.payments.capture(intent.id)
    account.refunds.create(NewRefund(payment_intent=intent.id, amount=500))
    assert (paid.status, paid.amount_received, account.refunded(paid)) == (IntentStatus.SUCCEEDED, 2000, 500)
    assert types[0] == "payment_intent.created"
    assert types[-1] == "charge.refunded"


def test_an_event_keeps_the_payment_as_it_was() -> None:
    account = StripeAccount(AdjustableClock(seed=1))
    intent = account.payments.create(_MANUAL)
    account.payments.cancel(intent.id)
    first, last = account.records.events.values()
    assert (first.subject, last.subject) == (intent, account.payments.retrieve(intent.id))


def test_a_decline_carries_the_payment_that_stays_open() -> None:
    account = StripeAccount(AdjustableClock(seed=1))
    intent = account.payments.create(_MANUAL)
    with pytest.raises(StripeError) as decline:
        account.payments.confirm(intent.id, Confirmation(payment_method="pm_card_visa_chargeDeclined"))
    assert decline.value.payment_intent == account.payments.retrieve(intent.id)


def test_a_seed_repeats_secrets_and_ids_always_ascend() -> None:
    first, second = AdjustableClock(seed=3), AdjustableClock(seed=3)
    assert [first.new_secret() for _ in range(3)] == [second.new_secret() for _ in range(3)]
    ids = [first.new_id("pi") for _ in range(10_000)]
    assert ids == sorted(set(ids))
    before = first.now()
    first.advance(timedelta(days=1))
    assert first.now() - before >= timedelta(days=1)


def test_the_application_and_its_webhooks_run_in_process() -> None:
    arrived = list[httpx.Request]()

    def take(request: httpx.Request) -> httpx.Response:
        arrived.append(request)
        return httpx.Response(200)

    async def pay() -> tuple[Any, Any]:
        settings = SandboxSettings(
            stripe_webhook_url="http://shop.test/webhooks", stripe_webhook_secret="whsec_1"
        )
        app = create_app(settings, webhook_transport=httpx.MockTransport(take))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(cast(Any, app)), base_url="http://sandbox"
        ) as client:
            headers = {"Authorization": "Bearer sk_test_x"}
            form = {"amount": "2000", "currency": "usd"}
            answer = await client.post("/stripe/v1/payment_intents", data=form, headers=headers)
            quiet = await client.get("/_control/webhooks/quiet")
            await client.post("/_control/faults", json={"kind": "lost", "vendor": "stripe"})
            with pytest.raises(httpx.RemoteProtocolError):
                await client.post("/stripe/v1/payment_intents", data=form, headers=headers)
            return answer.json(), quiet.json()

    intent, quiet = asyncio.run(pay())
    assert intent["status"] == "requires_payment_method"
    assert quiet["quiet"]
    assert arrived[0].url == "http://shop.test/webhooks"
    assert "Stripe-Signature" in arrived[0].headers


def test_settings_name_every_mistake_at_once() -> None:
    assert from_environment(
        {"SANDBOX_LATENCY_MS": "5", "SANDBOX_WEBHOOK_RETRY_MS": "1, 2"}
    ) == SandboxSettings(latency_ms=5, webhook_retry_ms=(1, 2))
    with pytest.raises(SettingsInvalid, match=r"(?s)LATENCY_MS.*SEED|SEED.*LATENCY_MS"):
        from_environment({"SANDBOX_LATENCY_MS": "soon", "SANDBOX_SEED": "x"})


def test_the_sandbox_is_alive_and_has_a_state() -> None:
    async def ask() -> tuple[httpx.Response, httpx.Response]:
        transport = httpx.ASGITransport(cast(Any, create_app(SandboxSettings())))
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            return await client.get("/health/live"), await client.get("/_control/state")

    live, state = asyncio.run(ask())
    assert (live.status_code, state.json()["letters"]) == (200, 0)
