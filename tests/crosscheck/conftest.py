"""The provider of the contract, at the fake: the Stripe adapter, and a bank that can do little there."""

import os
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, Final

import httpx
import pytest

from adapters.in_memory.clock import ManualClock
from adapters.in_memory.error_reports import InMemoryErrorReports
from adapters.resilience.policies import STRIPE
from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.settings import StripeSettings
from domain.dispute import DisputeState
from domain.identifiers import AttemptId, RefundId
from domain.money import Money
from domain.payment import Instrument, PaymentSnapshot
from ports.payments import PaymentRequest
from tests.contracts.payments.conftest import Provider
from tests.contracts.vendor_calls import calls_under
from tests.crosscheck.localstripe import HEADERS, REFUSED, SECRET_KEY, URL, methods_at

_ID: Final = re.compile(r"/(pi|re|cus|pm|dp)_\w+")


class GatewayAtLocalstripe(StripePaymentGateway):
    """Names payment methods as the fake does; one that it doesn't have keeps our name. It knows no way back
    either, and turns away whoever names one: that much of each request is left out.
    """

    def __init__(self, url: str, methods: dict[str, str]) -> None:
        settings = StripeSettings(secret_key=SECRET_KEY, webhook_secret="whsec_crosscheck", base_url=url)
        super().__init__(settings, calls_under(STRIPE), ManualClock(), InMemoryErrorReports())
        self._methods = methods

    async def create(self, request: PaymentRequest, key: AttemptId) -> PaymentSnapshot:
        known = self._known(request.instrument) if request.instrument is not None else None
        return await super().create(replace(request, instrument=known, return_url=None), key)

    async def confirm(
        self, reference: str, instrument: Instrument, return_url: str | None, key: AttemptId
    ) -> PaymentSnapshot:
        return await super().confirm(reference, self._known(instrument), None, key)

    def _known(self, instrument: Instrument) -> Instrument:
        return Instrument(token=self._methods.get(instrument.token, instrument.token))


class BankAtLocalstripe:
    """Shoppers can answer a challenge there, and somebody can refund by hand. Nothing happens by itself."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, headers=HEADERS)

    def close(self) -> None:
        self._client.close()

    async def agrees(self, reference: str) -> None:
        self._answer(reference, "true")

    async def refuses(self, reference: str) -> None:
        self._answer(reference, "false")

    async def agrees_too_late(self, reference: str) -> None:
        pytest.fail("the fake has no page that could be answered too late")

    async def pays(self, reference: str) -> None:
        pytest.fail("the fake settles debits when it likes")

    async def bounces(self, reference: str) -> None:
        pytest.fail("the fake settles debits when it likes")

    async def takes_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None:
        pytest.fail("the fake has no refunds that take time")

    async def returns_refund(self, reference: str, refund_id: RefundId, refund_reference: str) -> None:
        pytest.fail("the fake has no refunds that come back")

    async def disputes(self, reference: str, state: DisputeState) -> None:
        pytest.fail("the fake has no disputes")

    async def refunds_by_hand(self, reference: str, amount: Money) -> str:
        form = {"payment_intent": reference, "amount": str(amount.minor)}
        return str(self._post("/v1/refunds", form)["id"])

    async def charges_for_another(self, amount: Money) -> None:
        form = {"amount": str(amount.minor), "currency": amount.currency.code.lower()}
        self._post("/v1/payment_intents", {**form, "metadata[cart]": "7"})

    def _answer(self, reference: str, success: str) -> None:
        secret = self._client.get(f"/v1/payment_intents/{reference}").json()["client_secret"]
        form = {"client_secret": secret, "success": success}
        self._post(f"/v1/payment_intents/{reference}/_authenticate", form)

    def _post(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.post(path, data=form).raise_for_status().json()
        return answer


@pytest.fixture
def methods() -> dict[str, str]:
    """All that is there when a case begins: what it can pay with."""
    httpx.delete(f"{os.environ[URL]}/_config/data").raise_for_status()
    return methods_at(os.environ[URL])


@pytest.fixture
async def provider(methods: dict[str, str]) -> AsyncIterator[Provider]:
    url = os.environ[URL]
    gateway = GatewayAtLocalstripe(url, methods)
    bank = BankAtLocalstripe(url)
    yield Provider(gateway=gateway, bank=bank)
    bank.close()
    await gateway.close()


@pytest.fixture(autouse=True)
def refused_calls(monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]) -> None:
    """Notes each call that the fake turned away, and in which words."""
    send = httpx.AsyncClient.send

    async def noted(client: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
        response = await send(client, request, **options)
        if response.is_error:
            await response.aread()
            path = _ID.sub("/{id}", request.url.path)
            record_property(REFUSED, f"{request.method} {path}: {response.status_code} {_words(response)}")
        return response

    monkeypatch.setattr(httpx.AsyncClient, "send", noted)


def _words(response: httpx.Response) -> str:
    try:
        return str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase
