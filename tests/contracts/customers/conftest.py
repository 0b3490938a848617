"""The vaults under contract, each with a customer's own hand at the provider."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from adapters.in_memory.clock import ManualClock
from adapters.in_memory.customer_vault import InMemoryCustomerVault
from adapters.stripe.customer_vault import StripeCustomerVault
from adapters.stripe.payment_gateway import StripePaymentGateway
from ports.customers import CustomerVault
from ports.errors import OutcomeUnknown
from tests.sandbox.server import RunningSandbox


class LostAnswers:
    """The fake's next answer is lost on its way."""

    def __init__(self) -> None:
        self.loses = False

    def __call__(self, operation: str, moment: str) -> None:
        if self.loses and moment == "after":
            self.loses = False
            raise OutcomeUnknown("lost")

    def lose(self) -> None:
        self.loses = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """`save`: a customer saves a card, without us. `lose_answer`: the next registration happens, and nobody
    hears of it.
    """

    vault: CustomerVault
    save: Callable[[str], Awaitable[None]]
    lose_answer: Callable[[], None]


@pytest.fixture(params=["fake", "stripe"])
def provider(
    request: pytest.FixtureRequest, stripe_gateway: StripePaymentGateway, vendors: RunningSandbox
) -> Provider:
    if request.param == "fake":
        lost = LostAnswers()
        fake = InMemoryCustomerVault(ManualClock(), lost)

        async def save(reference: str) -> None:
            fake.save(reference, "pm_card_visa")

        return Provider(vault=fake, save=save, lose_answer=lost.lose)

    async def attach(reference: str) -> None:
        form = {"customer": reference}
        vendors.post("/payment_methods/pm_card_visa/attach", form).raise_for_status()

    def lose() -> None:
        vendors.fault("customers.create", "500_after")

    return Provider(vault=StripeCustomerVault(stripe_gateway.api), save=attach, lose_answer=lose)
