"""The gateways under contract, each with somebody who plays the shopper's bank."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Protocol

import pytest

from adapters.in_memory.clock import ManualClock
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.settings import StripeSettings
from ports.payments import PaymentGateway
from tests.sandbox.server import RunningSandbox, running_sandbox


class Bank(Protocol):
    """What only the shopper and the bank can do."""

    def agrees(self, reference: str) -> None: ...

    def refuses(self, reference: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    gateway: PaymentGateway
    bank: Bank


class FakeBank:
    def __init__(self, gateway: InMemoryPaymentGateway) -> None:
        self._gateway = gateway

    def agrees(self, reference: str) -> None:
        self._gateway.complete_authentication(reference)

    def refuses(self, reference: str) -> None:
        self._gateway.fail_authentication(reference)


class SandboxBank:
    def __init__(self, sandbox: RunningSandbox) -> None:
        self._sandbox = sandbox

    def agrees(self, reference: str) -> None:
        self._sandbox.do(f"payments/{reference}/complete_authentication")

    def refuses(self, reference: str) -> None:
        self._sandbox.do(f"payments/{reference}/fail_authentication")


@pytest.fixture(scope="session")
def stripe_sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
async def stripe_gateway(stripe_sandbox: RunningSandbox) -> AsyncIterator[StripePaymentGateway]:
    stripe_sandbox.control.post("/_control/reset").raise_for_status()
    gateway = StripePaymentGateway(
        StripeSettings(
            secret_key="sk_test_sandbox",
            webhook_secret="whsec_sandbox",
            base_url=f"{stripe_sandbox.url}/stripe",
        )
    )
    yield gateway
    await gateway.close()


@pytest.fixture(params=["fake", "stripe"])
def provider(
    request: pytest.FixtureRequest, stripe_gateway: StripePaymentGateway, stripe_sandbox: RunningSandbox
) -> Provider:
    if request.param == "stripe":
        return Provider(gateway=stripe_gateway, bank=SandboxBank(stripe_sandbox))
    fake = InMemoryPaymentGateway(ManualClock())
    return Provider(gateway=fake, bank=FakeBank(fake))
