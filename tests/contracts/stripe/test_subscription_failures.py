"""What Stripe's failures mean for subscriptions: certainly nothing happened, or nobody knows; and what was
lost is found again.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.subscription_billing import StripeSubscriptionBilling
from domain.standing import CancellationTime, SubscriptionState
from ports.errors import OutcomeUnknown, PortError, Unavailable
from tests.contracts.payments.requests import key
from tests.contracts.subscriptions.conftest import Provider, SandboxDesk
from tests.contracts.subscriptions.test_subscription_billing import asking, subscribed
from tests.sandbox.server import RunningSandbox

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def at_stripe(stripe_gateway: StripePaymentGateway, vendors: RunningSandbox) -> Provider:
    return Provider(billing=StripeSubscriptionBilling(stripe_gateway.api), desk=SandboxDesk(vendors))


Write = Callable[[Provider, str], Awaitable[object]]


async def subscribe(provider: Provider, reference: str) -> object:
    return await provider.billing.subscribe(asking(provider, provider.plan("gold", 1900)), key())


async def change_plan(provider: Provider, reference: str) -> object:
    await provider.billing.change_plan(reference, provider.plan("silver", 900), key())
    return None


async def cancel_later(provider: Provider, reference: str) -> object:
    await provider.billing.cancel(reference, CancellationTime.PERIOD_END, key())
    return None


async def cancel(provider: Provider, reference: str) -> object:
    await provider.billing.cancel(reference, CancellationTime.NOW, key())
    return None


WRITES: Final[dict[str, tuple[str, Write]]] = {
    "subscribe": ("subscriptions.create", subscribe),
    "change_plan": ("subscriptions.update", change_plan),
    "cancel at the end": ("subscriptions.update", cancel_later),
    "cancel now": ("subscriptions.cancel", cancel),
}


@pytest.mark.parametrize(
    ("kind", "meaning"),
    [
        ("429", Unavailable),
        ("500", OutcomeUnknown),
        ("500_after", OutcomeUnknown),
        ("invalid", OutcomeUnknown),
    ],
)
@pytest.mark.parametrize("name", WRITES)
async def test_a_write_that_fails_says_whether_it_may_have_happened(
    at_stripe: Provider, vendors: RunningSandbox, name: str, kind: str, meaning: type[PortError]
) -> None:
    operation, write = WRITES[name]
    reference = await subscribed(at_stripe)
    vendors.fault(operation, kind, times=None)
    with pytest.raises(meaning):
        await write(at_stripe, reference)


@pytest.mark.parametrize("operation", ["subscriptions.retrieve", "invoices.list", "subscriptions.list"])
@pytest.mark.parametrize("kind", ["429", "500", "lost", "invalid"])
async def test_a_reading_that_fails_has_changed_nothing(
    at_stripe: Provider, vendors: RunningSandbox, operation: str, kind: str
) -> None:
    reference, request = await subscribed(at_stripe), asking(at_stripe, at_stripe.plan("gold", 1900))
    vendors.fault(operation, kind, times=None)
    reading: dict[str, Callable[[], Awaitable[object]]] = {
        "subscriptions.retrieve": lambda: at_stripe.billing.retrieve(reference),
        "invoices.list": lambda: at_stripe.billing.invoices(reference),
        "subscriptions.list": lambda: at_stripe.billing.find(
            request.subscription_id, request.customer_reference
        ),
    }
    with pytest.raises(Unavailable):
        await reading[operation]()


async def test_an_answer_that_is_lost_is_told_again_under_the_same_key(
    at_stripe: Provider, vendors: RunningSandbox
) -> None:
    request = asking(at_stripe, at_stripe.plan("gold", 1900))
    vendors.fault("subscriptions.create", "lost", times=1)
    made = await at_stripe.billing.subscribe(request, key())
    assert await at_stripe.billing.find(request.subscription_id, request.customer_reference) == made


async def test_a_subscription_that_was_made_in_spite_of_an_error_is_found(
    at_stripe: Provider, vendors: RunningSandbox
) -> None:
    request = asking(at_stripe, at_stripe.plan("gold", 1900))
    vendors.fault("subscriptions.create", "500_after", times=1)
    with pytest.raises(OutcomeUnknown):
        await at_stripe.billing.subscribe(request, key())
    found = await at_stripe.billing.find(request.subscription_id, request.customer_reference)
    assert found is not None
    assert (await at_stripe.billing.retrieve(found)).state is SubscriptionState.ACTIVE
    assert len(await at_stripe.billing.invoices(found)) == 1


async def test_a_cancellation_whose_answer_is_lost_is_repeated_without_harm(
    at_stripe: Provider, vendors: RunningSandbox
) -> None:
    reference = await subscribed(at_stripe)
    vendors.fault("subscriptions.cancel", "lost", times=1)
    await at_stripe.billing.cancel(reference, CancellationTime.NOW, key())
    assert (await at_stripe.billing.retrieve(reference)).state is SubscriptionState.ENDED


async def test_a_failure_that_stripe_keeps_under_the_key_says_that_the_key_is_spent(
    at_stripe: Provider, vendors: RunningSandbox
) -> None:
    vendors.fault("subscriptions.create", "500", times=1)
    request, under = asking(at_stripe, at_stripe.plan("gold", 1900)), key()
    with pytest.raises(OutcomeUnknown) as failed:
        await at_stripe.billing.subscribe(request, under)
    assert failed.value.key_is_spent
    assert await at_stripe.billing.find(request.subscription_id, request.customer_reference) is None
    assert await at_stripe.billing.subscribe(request, key())
