"""What every provider promises of payments that a customer makes: saved once paid, used by nobody else."""

from dataclasses import dataclass, replace
from typing import Final

import pytest

from adapters.in_memory.clock import ManualClock
from adapters.in_memory.customer_vault import InMemoryCustomerVault
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.stripe.customer_vault import StripeCustomerVault
from adapters.stripe.payment_gateway import StripePaymentGateway
from domain.customer import Payer, SavedMethod
from domain.identifiers import CustomerId
from domain.payment import Instrument, PaymentSnapshot, PaymentState
from ports.customers import CustomerVault
from ports.errors import Rejected
from ports.payments import PaymentGateway
from tests.contracts.customers.test_customer_vault import somebody
from tests.contracts.payments.requests import asking, key
from tests.sandbox.server import RunningSandbox

# stripe's HTTPXClient posts its form with httpx's old name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
WORKS: Final = "pm_card_visa"
DECLINED: Final = "pm_card_visa_chargeDeclined"
ASKS_BANK: Final = "pm_card_threeDSecure2Required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    gateway: PaymentGateway
    vault: CustomerVault
    agrees: object

    async def payer(self, *, saves_method: bool = False) -> Payer:
        """Somebody whom the provider knows."""
        who = somebody(f"{key()}@example.com")
        reference = await self.vault.register(who, key())
        return Payer(
            customer_id=who.customer_id, user_id="user-7", reference=reference, saves_method=saves_method
        )

    async def pays(self, payer: Payer | None, token: str) -> PaymentSnapshot:
        return await self.gateway.create(replace(asking(token), payer=payer), key())

    async def saved(self, payer: Payer) -> list[SavedMethod]:
        return list(await self.vault.methods(payer.reference or ""))


@pytest.fixture(params=["fake", "stripe"])
def provider(
    request: pytest.FixtureRequest, stripe_gateway: StripePaymentGateway, vendors: RunningSandbox
) -> Provider:
    if request.param == "stripe":

        def agrees(reference: str) -> None:
            vendors.do(f"payments/{reference}/complete_authentication")

        return Provider(gateway=stripe_gateway, vault=StripeCustomerVault(stripe_gateway.api), agrees=agrees)
    vault = InMemoryCustomerVault(ManualClock())
    fake = InMemoryPaymentGateway(ManualClock(), customers=vault)
    return Provider(gateway=fake, vault=vault, agrees=fake.complete_authentication)


async def test_what_is_to_be_saved_is_saved_once_it_has_paid_and_pays_again(provider: Provider) -> None:
    payer = await provider.payer(saves_method=True)
    first = await provider.pays(payer, WORKS)
    assert first.state is PaymentState.AUTHORIZED
    (method,) = await provider.saved(payer)
    again = await provider.pays(payer, method.token)
    assert again.state is PaymentState.AUTHORIZED
    assert await provider.saved(payer) == [method]


async def test_nothing_is_saved_that_nobody_asked_for(provider: Provider) -> None:
    payer = await provider.payer()
    await provider.pays(payer, WORKS)
    assert await provider.saved(payer) == []


async def test_a_declined_card_is_not_saved_and_the_next_one_is(provider: Provider) -> None:
    payer = await provider.payer(saves_method=True)
    declined = await provider.pays(payer, DECLINED)
    assert declined.state is PaymentState.AWAITING_METHOD
    assert await provider.saved(payer) == []
    back = "https://shop.example/thanks"
    await provider.gateway.confirm(declined.reference, Instrument(token=WORKS), back, key())
    assert [method.ending for method in await provider.saved(payer)] == ["4242"]


async def test_a_card_whose_bank_asks_is_saved_when_the_shopper_has_agreed(provider: Provider) -> None:
    payer = await provider.payer(saves_method=True)
    asked = await provider.pays(payer, ASKS_BANK)
    assert asked.state is PaymentState.AWAITING_ACTION
    assert await provider.saved(payer) == []
    assert callable(provider.agrees)
    provider.agrees(asked.reference)
    assert len(await provider.saved(payer)) == 1


@pytest.mark.parametrize("who", ["somebody else", "a guest"])
async def test_what_one_customer_saved_pays_for_no_other(provider: Provider, who: str) -> None:
    owner = await provider.payer(saves_method=True)
    await provider.pays(owner, WORKS)
    (method,) = await provider.saved(owner)
    other = await provider.payer() if who == "somebody else" else None
    with pytest.raises(Rejected):
        await provider.pays(other, method.token)


async def test_a_detached_method_pays_no_more(provider: Provider) -> None:
    payer = await provider.payer(saves_method=True)
    await provider.pays(payer, WORKS)
    (method,) = await provider.saved(payer)
    await provider.vault.detach(payer.reference or "", method.token, key())
    with pytest.raises(Rejected):
        await provider.pays(payer, method.token)


async def test_a_payer_whom_the_provider_does_not_know_is_refused(provider: Provider) -> None:
    stranger = Payer(customer_id=CustomerId("cus_1"), reference="cus_nobody")
    with pytest.raises(Rejected):
        await provider.pays(stranger, WORKS)


async def test_a_customer_whom_the_provider_does_not_know_yet_pays_like_a_guest(provider: Provider) -> None:
    payer = Payer(customer_id=CustomerId("cus_1"), user_id="user-7")
    assert (await provider.pays(payer, WORKS)).state is PaymentState.AUTHORIZED
