"""Payment providers as the settings have them: who is set up, who new orders begin with, whose webhooks are
read.
"""

from collections.abc import Iterator
from typing import assert_never

from adapters.adyen.payment_gateway import AdyenPaymentGateway
from adapters.adyen.settings import AdyenSettings
from adapters.adyen.webhooks import AdyenPaymentWebhooks
from adapters.flagged.payment_choice import FlaggedPaymentChoice
from adapters.in_memory.customer_vault import InMemoryCustomerVault
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.in_memory.webhooks import NoPaymentWebhooks
from adapters.postgres.provider_records import PostgresProviderRecords
from adapters.resilience.policies import ADYEN
from adapters.stripe.webhooks import StripePaymentWebhooks
from application.payment_providers import PaymentChoice, PaymentProviders, always
from entrypoints.payment_settings import AdyenAccess, PaymentVendor
from entrypoints.resources import Resources, stripe_settings
from entrypoints.settings import Settings, SettingsRefused
from ports.clock import Clock
from ports.flags import FeatureFlags
from ports.payment_ledger import PaymentProvider
from ports.payments import PaymentWebhooks


def payment_providers(
    settings: Settings, resources: Resources, clock: Clock, simulated: InMemoryCustomerVault
) -> PaymentProviders:
    """All that are set up: those that new payments don't begin with any more look after those of before.

    `simulated` are the customers of the simulated one.
    """
    return PaymentProviders(_set_up(settings, resources, clock, simulated))


def _set_up(
    settings: Settings, resources: Resources, clock: Clock, simulated: InMemoryCustomerVault
) -> Iterator[PaymentProvider]:
    # Simulated payments are chosen, never fallen back to: orders would be paid with nothing.
    if settings.payments is PaymentVendor.SIMULATED:
        yield InMemoryPaymentGateway(clock, customers=simulated)
        return
    if resources.stripe is not None:
        yield resources.stripe
    if settings.adyen is not None:
        yield AdyenPaymentGateway(
            resources.vendors.http(ADYEN, base_url=settings.adyen.base_url),
            adyen_settings(settings.adyen),
            PostgresProviderRecords(resources.pool),
            clock,
            resources.error_reports,
        )


def payment_choice(settings: Settings, flags: FeatureFlags, payments: PaymentProviders) -> PaymentChoice:
    """Raises SettingsRefused where the usual provider isn't set up."""
    set_up = {provider.provider for provider in payments.all()}
    match settings.payments:
        case PaymentVendor.SIMULATED:
            return always(InMemoryPaymentGateway.provider)
        case PaymentVendor.STRIPE | PaymentVendor.ADYEN:
            if settings.payments.value not in set_up:
                raise SettingsRefused(f"payments at {settings.payments.value} need its keys")
            return FlaggedPaymentChoice(flags, settings.payments.value, set_up)
        case _:
            assert_never(settings.payments)


def stripe_webhooks(settings: Settings) -> PaymentWebhooks:
    if settings.stripe is None:
        return NoPaymentWebhooks()
    return StripePaymentWebhooks(stripe_settings(settings.stripe))


def adyen_webhooks(settings: Settings) -> PaymentWebhooks:
    if settings.adyen is None:
        return NoPaymentWebhooks()
    return AdyenPaymentWebhooks(adyen_settings(settings.adyen))


def adyen_settings(access: AdyenAccess) -> AdyenSettings:
    return AdyenSettings(
        api_key=access.api_key,
        merchant_account=access.merchant_account,
        client_key=access.client_key,
        hmac_keys=access.hmac_keys,
        base_url=access.base_url,
    )
