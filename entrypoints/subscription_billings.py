"""At which payment providers a shop's subscriptions are billed."""

from collections.abc import Mapping

from adapters.in_memory.subscription_billing import InMemorySubscriptionBilling
from adapters.stripe.subscription_billing import StripeSubscriptionBilling
from entrypoints.payment_settings import PaymentVendor
from entrypoints.resources import Resources
from entrypoints.settings import Settings
from ports.clock import Clock
from ports.subscription_billing import SubscriptionBilling


def subscription_billings(
    settings: Settings, resources: Resources, clock: Clock
) -> Mapping[str, SubscriptionBilling]:
    """Those that subscriptions are looked after at, by the provider's name: Stripe's stay with Stripe even
    where new payments don't.
    """
    billings: dict[str, SubscriptionBilling] = {}
    if resources.stripe is not None:
        billings[StripeSubscriptionBilling.provider] = StripeSubscriptionBilling(resources.stripe.api)
    if settings.payments is PaymentVendor.SIMULATED:
        billings[InMemorySubscriptionBilling.provider] = InMemorySubscriptionBilling(clock)
    return billings


def new_subscriptions_at(settings: Settings) -> str:
    """The provider that new subscriptions begin with."""
    match settings.payments:
        # Adyen bills nobody by itself: also where orders are paid there, subscriptions are Stripe's.
        case PaymentVendor.STRIPE | PaymentVendor.ADYEN:
            return StripeSubscriptionBilling.provider
        case PaymentVendor.SIMULATED:
            return InMemorySubscriptionBilling.provider
