"""The simulated vendors, and Stripe's adapter on them: as new before each test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.settings import StripeSettings
from tests.contracts.vendor_calls import stripe_with
from tests.sandbox.server import RunningSandbox, running_sandbox


@pytest.fixture(scope="session")
def _vendors() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def vendors(_vendors: RunningSandbox) -> RunningSandbox:
    _vendors.control.post("/_control/reset").raise_for_status()
    return _vendors


@pytest.fixture
async def stripe_gateway(vendors: RunningSandbox) -> AsyncIterator[StripePaymentGateway]:
    gateway = stripe_with(
        StripeSettings(
            secret_key="sk_test_sandbox",
            webhook_secret="whsec_sandbox",
            base_url=f"{vendors.url}/stripe",
        )
    )
    yield gateway
    await gateway.close()
