"""At which payment providers a shop's customers are known."""

from collections.abc import Mapping

from adapters.in_memory.customer_vault import InMemoryCustomerVault
from adapters.stripe.customer_vault import StripeCustomerVault
from entrypoints.resources import Resources
from entrypoints.settings import PaymentVendor, Settings
from ports.customers import CustomerVault


def customer_vaults(
    settings: Settings, resources: Resources, simulated: InMemoryCustomerVault
) -> Mapping[str, CustomerVault]:
    """Where customers are to be known, by the provider's name."""
    vault = (
        StripeCustomerVault(resources.stripe.api)
        if settings.payments is PaymentVendor.STRIPE and resources.stripe is not None
        else simulated
    )
    return {vault.provider: vault}
