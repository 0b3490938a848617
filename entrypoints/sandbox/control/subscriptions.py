"""What happens to subscriptions unasked: periods end, payments are tried again, cards change."""

import msgspec
from litestar import Router, post
from litestar.params import FromPath, JSONBody

from entrypoints.sandbox.dependency import TheWorld
from entrypoints.sandbox.stripe.subscription_models import Subscription, SubscriptionStatus
from entrypoints.sandbox.stripe.subscriptions import SubscriptionChange


class SubscriptionView(msgspec.Struct):
    id: str
    status: SubscriptionStatus
    latest_invoice: str | None
    current_period_end: int


class NewMethod(msgspec.Struct, forbid_unknown_fields=True):
    """A published test method, such as `pm_card_chargeCustomerFail`."""

    method: str


@post("/subscriptions/{subscription_id:str}/bill", status_code=200)
async def bill(subscription_id: FromPath[str], world: TheWorld) -> SubscriptionView:
    """The period ends now: the next one is billed and collected."""
    return _view(world.stripe.subscriptions.bill(subscription_id))


@post("/subscriptions/{subscription_id:str}/retry", status_code=200)
async def retry(subscription_id: FromPath[str], world: TheWorld) -> SubscriptionView:
    """Stripe tries once more to collect what is open."""
    return _view(world.stripe.subscriptions.retry(subscription_id))


@post("/subscriptions/{subscription_id:str}/payment_method", status_code=200)
async def use_method(
    subscription_id: FromPath[str], data: JSONBody[NewMethod], world: TheWorld
) -> SubscriptionView:
    """The customer has another card taken from now on."""
    account = world.stripe
    saved = account.customers.attach(data.method, account.subscriptions.retrieve(subscription_id).customer)
    change = SubscriptionChange(default_payment_method=saved.id)
    return _view(account.subscriptions.update(subscription_id, change))


@post("/subscriptions/{subscription_id:str}/end", status_code=200)
async def end(subscription_id: FromPath[str], world: TheWorld) -> SubscriptionView:
    """Somebody ends it at Stripe's own desk, or Stripe gives up on its payment."""
    return _view(world.stripe.subscriptions.cancel(subscription_id))


def _view(subscription: Subscription) -> SubscriptionView:
    return SubscriptionView(
        id=subscription.id,
        status=subscription.status,
        latest_invoice=subscription.latest_invoice,
        current_period_end=subscription.span.end,
    )


router = Router("/stripe", route_handlers=[bill, retry, use_method, end], tags=["Stripe"])
