"""At which payment providers a shop's customers are known."""

from collections.abc import Mapping

from adapters.in_memory.customer_vault import InMemoryCustomerVault
from adapters.stripe.customer_vault import StripeCustomerVault
from entrypoints.payment_settings import PaymentVendor
from entrypoints.resources import Resources
from entrypoints.settings import Settings
from ports.customers import CustomerVault


def customer_vaults(
    settings: Settings, resources: Resources, simulated: InMemoryCustomerVault
) -> Mapping[str, CustomerVault]:
    """Where customers are to be known, by the provider's name."""
    if settings.payments is PaymentVendor.SIMULATED:
        return {simulated.provider: simulated}
    if resources.stripe is None:
        # Adyen knows whoever comes by our own id, and nobody before that.
        return {}
    vault = StripeCustomerVault(resources.stripe.api)
    return {vault.provider: vault}
