"""What is sent to Stripe about subscriptions is valid by its own specification, and says what is meant."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Final

import httpx
import pytest

from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.subscription_billing import StripeSubscriptionBilling
from domain.standing import CancellationTime
from ports.subscription_billing import SubscriptionBilling
from tests.contracts.payments.requests import key
from tests.contracts.stripe.conftest import Sent
from tests.contracts.stripe.specification import Specification, needed
from tests.contracts.subscriptions.conftest import Provider, SandboxDesk
from tests.contracts.subscriptions.test_subscription_billing import asking, subscribed
from tests.sandbox.server import RunningSandbox

pytestmark = [needed, pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")]


async def subscribe(provider: Provider) -> None:
    await subscribed(provider)
    await subscribed(provider, token=None)


async def change_plan(provider: Provider) -> None:
    reference = await subscribed(provider)
    await provider.billing.change_plan(reference, provider.plan("silver", 900), key())


async def cancel(provider: Provider) -> None:
    for when in CancellationTime:
        await provider.billing.cancel(await subscribed(provider), when, key())


async def retrieve(provider: Provider) -> None:
    await provider.billing.retrieve(await subscribed(provider))


async def find(provider: Provider) -> None:
    request = asking(provider, provider.plan("gold", 1900))
    assert await provider.billing.find(request.subscription_id, request.customer_reference) is None


async def invoices(provider: Provider) -> None:
    await provider.billing.invoices(await subscribed(provider))


STORIES: Final[dict[str, Callable[[Provider], Awaitable[None]]]] = {
    "subscribe": subscribe,
    "change_plan": change_plan,
    "cancel": cancel,
    "retrieve": retrieve,
    "find": find,
    "invoices": invoices,
}


@pytest.fixture
def at_stripe(stripe_gateway: StripePaymentGateway, vendors: RunningSandbox) -> Provider:
    return Provider(billing=StripeSubscriptionBilling(stripe_gateway.api), desk=SandboxDesk(vendors))


def test_every_question_that_the_port_knows_has_its_story() -> None:
    asked = {name for name, _ in inspect.getmembers(SubscriptionBilling, inspect.iscoroutinefunction)}
    assert asked == set(STORIES)


@pytest.mark.parametrize("name", STORIES)
async def test_every_request_is_valid(at_stripe: Provider, sent: list[Sent], name: str) -> None:
    await STORIES[name](at_stripe)
    assert sent
    for request in sent:
        assert request.headers["Stripe-Version"] == "2023-10-16"
        assert ("Idempotency-Key" in request.headers) == (request.method == "POST")
        if not _is_unspecified(request):
            problems = Specification().problems(request.method, request.path, request.text)
            assert problems == [], f"{request.method} {request.path} {request.text}"


async def test_a_request_says_what_is_wanted_in_stripes_words(at_stripe: Provider, sent: list[Sent]) -> None:
    request = asking(at_stripe, at_stripe.plan("gold", 1900))
    under = key()
    await at_stripe.billing.subscribe(request, under)
    assert request.instrument is not None
    assert sent[0].headers["Idempotency-Key"] == under
    assert dict(httpx.QueryParams(sent[0].text)) == {
        "customer": request.customer_reference,
        "items[0][price]": request.terms.price_reference,
        "metadata[subscription_id]": request.subscription_id,
        "payment_behavior": "allow_incomplete",
        "default_payment_method": request.instrument.token,
    }


async def test_a_change_of_plan_replaces_the_one_item(at_stripe: Provider, sent: list[Sent]) -> None:
    silver = at_stripe.plan("silver", 900)
    await at_stripe.billing.change_plan(await subscribed(at_stripe), silver, key())
    form = dict(httpx.QueryParams(sent[-1].text))
    assert form.pop("items[0][id]").startswith("si_")
    assert form == {"items[0][price]": silver.price_reference}


def _is_unspecified(request: Sent) -> bool:
    """The saved part of the specification leaves these out: lists, and the change of a subscription."""
    if request.method == "GET":
        return request.path in ("/v1/subscriptions", "/v1/invoices")
    return request.method == "POST" and request.path.startswith("/v1/subscriptions/")
