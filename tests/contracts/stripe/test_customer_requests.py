"""What is sent to Stripe about customers is valid by its own specification, and says no more than it must."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import httpx
import pytest

from adapters.stripe.customer_vault import StripeCustomerVault
from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.settings import StripeSettings
from domain.customer import Payer
from ports.customers import CustomerVault
from tests.contracts.customers.test_customer_vault import EVER, key, somebody
from tests.contracts.payments.requests import asking
from tests.contracts.stripe.conftest import Sent
from tests.contracts.stripe.specification import Specification, needed
from tests.contracts.vendor_calls import stripe_with
from tests.sandbox.server import RunningSandbox

pytestmark = [needed, pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")]
# The saved part of the specification leaves these out.
UNSPECIFIED: Final = (("GET", "/v1/customers"), ("GET", "/payment_methods"), ("POST", "/detach"))

Story = Callable[[StripeCustomerVault, RunningSandbox], Awaitable[object]]


async def register(vault: StripeCustomerVault, vendors: RunningSandbox) -> str:
    return await vault.register(somebody(), key())


async def find(vault: StripeCustomerVault, vendors: RunningSandbox) -> None:
    assert await vault.find(somebody(), EVER) is None


async def remove(vault: StripeCustomerVault, vendors: RunningSandbox) -> None:
    await vault.remove(await register(vault, vendors))


async def methods(vault: StripeCustomerVault, vendors: RunningSandbox) -> None:
    await vault.methods(await register(vault, vendors))


async def detach(vault: StripeCustomerVault, vendors: RunningSandbox) -> None:
    reference = await register(vault, vendors)
    vendors.post("/payment_methods/pm_card_visa/attach", {"customer": reference}).raise_for_status()
    (method,) = await vault.methods(reference)
    await vault.detach(reference, method.token, key())


STORIES: Final[dict[str, Story]] = {
    "register": register,
    "find": find,
    "remove": remove,
    "methods": methods,
    "detach": detach,
}


def test_every_question_that_the_port_knows_has_its_story() -> None:
    assert {name for name, _ in inspect.getmembers(CustomerVault, inspect.iscoroutinefunction)} == set(
        STORIES
    )


@pytest.mark.parametrize("name", STORIES)
async def test_every_request_is_valid(
    stripe_gateway: StripePaymentGateway, vendors: RunningSandbox, sent: list[Sent], name: str
) -> None:
    await STORIES[name](StripeCustomerVault(stripe_gateway.api), vendors)
    assert sent
    for request in sent:
        assert request.headers["Stripe-Version"] == "2023-10-16"
        if not any((request.method, request.path[-len(end) :]) == (way, end) for way, end in UNSPECIFIED):
            assert Specification().problems(request.method, request.path, request.text) == []


async def test_a_registration_says_who_it_is_under_its_key(
    stripe_gateway: StripePaymentGateway, sent: list[Sent]
) -> None:
    ada, once = somebody(), key()
    await StripeCustomerVault(stripe_gateway.api).register(ada, once)
    assert dict(httpx.QueryParams(sent[0].text)) == {
        "email": "ada@example.com",
        "name": "Ada",
        "metadata[customer_id]": ada.customer_id,
        "metadata[user_id]": "user-7",
    }
    assert sent[0].headers["Idempotency-Key"] == once


async def test_what_is_not_known_is_not_sent(stripe_gateway: StripePaymentGateway, sent: list[Sent]) -> None:
    await StripeCustomerVault(stripe_gateway.api).register(somebody(None), key())
    assert "email" not in sent[0].text


@pytest.mark.parametrize("cards_only", [True, False], ids=["cards only", "automatic methods"])
async def test_a_payment_carries_who_pays_and_what_is_to_be_saved(
    vendors: RunningSandbox, sent: list[Sent], *, cards_only: bool
) -> None:
    gateway = stripe_with(
        StripeSettings(
            secret_key="sk_test_sandbox",
            webhook_secret="whsec_sandbox",
            base_url=f"{vendors.url}/stripe",
            cards_only=cards_only,
        )
    )
    ada = somebody()
    reference = await StripeCustomerVault(gateway.api).register(ada, key())
    payer = Payer(customer_id=ada.customer_id, user_id="user-7", reference=reference, saves_method=True)
    request = replace(asking("pm_card_visa"), payer=payer)
    await gateway.create(request, key())
    await gateway.close()
    assert Specification().problems("POST", sent[-1].path, sent[-1].text) == []
    form = dict(httpx.QueryParams(sent[-1].text))
    assert (form["customer"], form["setup_future_usage"]) == (reference, "off_session")
    assert {name: text for name, text in form.items() if name.startswith("metadata")} == {
        "metadata[payment_id]": request.payment_id,
        "metadata[order_id]": request.order_id,
        "metadata[customer_id]": ada.customer_id,
        "metadata[user_id]": "user-7",
    }
