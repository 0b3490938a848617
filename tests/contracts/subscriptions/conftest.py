"""The providers under contract, each with somebody who plays time, the customer and the provider's desk."""

from dataclasses import dataclass
from typing import Protocol

import pytest

from adapters.in_memory.clock import ManualClock
from adapters.in_memory.subscription_billing import InMemorySubscriptionBilling
from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.subscription_billing import StripeSubscriptionBilling
from domain.identifiers import PlanId
from domain.money import Money
from domain.plan import BillingInterval, Plan, PlanTerms, ProviderPrice
from ports.subscription_billing import SubscriptionBilling
from tests.sandbox.server import RunningSandbox


class Desk(Protocol):
    """What only the customer, time and the provider's own people can do."""

    def price(self, amount: Money, interval: BillingInterval) -> str:
        """The provider's id of a new price."""

    def customer(self) -> str:
        """The provider's id of a new customer."""

    def card_of(self, customer: str, token: str) -> str:
        """The customer saves a card; the token that it is paid with from then on."""

    def period_ends(self, reference: str) -> None: ...

    def tries_again(self, reference: str) -> None: ...

    def card_changes(self, reference: str, token: str) -> None: ...

    def ends(self, reference: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    billing: SubscriptionBilling
    desk: Desk

    def plan(self, name: str, minor: int, currency: str = "EUR", interval: str = "month") -> PlanTerms:
        """A plan that the provider has a price for."""
        price, rhythm = Money.of(minor, currency), BillingInterval(interval)
        reference = self.desk.price(price, rhythm)
        at_provider = ProviderPrice(provider=self.billing.provider, currency=currency, reference=reference)
        plan = Plan(
            id=PlanId(name), title=name, prices=(price,), interval=rhythm, provider_prices=(at_provider,)
        )
        return plan.terms(currency, self.billing.provider)


class FakeDesk:
    def __init__(self) -> None:
        self.prices: set[str] = set()
        self._customers: set[str] = set()
        self.billing = InMemorySubscriptionBilling(
            ManualClock(), knows_customer=self._customers.__contains__, knows_price=self.prices.__contains__
        )

    def price(self, amount: Money, interval: BillingInterval) -> str:
        self.prices.add(f"price_{len(self.prices) + 1}")
        return f"price_{len(self.prices)}"

    def customer(self) -> str:
        self._customers.add(f"cus_{len(self._customers) + 1}")
        return f"cus_{len(self._customers)}"

    def card_of(self, customer: str, token: str) -> str:
        return token

    def period_ends(self, reference: str) -> None:
        self.billing.bill_next_period(reference)

    def tries_again(self, reference: str) -> None:
        self.billing.retry(reference)

    def card_changes(self, reference: str, token: str) -> None:
        self.billing.use_method(reference, token)

    def ends(self, reference: str) -> None:
        self.billing.give_up(reference)


class SandboxDesk:
    def __init__(self, sandbox: RunningSandbox) -> None:
        self._sandbox = sandbox

    def price(self, amount: Money, interval: BillingInterval) -> str:
        form = {
            "unit_amount": str(amount.minor),
            "currency": amount.currency.code.lower(),
            "recurring[interval]": interval.value,
            "product_data[name]": "A plan",
        }
        return self._made("/prices", form)

    def customer(self) -> str:
        return self._made("/customers", {"email": "ada@example.com"})

    def card_of(self, customer: str, token: str) -> str:
        return self._made(f"/payment_methods/{token}/attach", {"customer": customer})

    def period_ends(self, reference: str) -> None:
        self._sandbox.do(f"subscriptions/{reference}/bill")

    def tries_again(self, reference: str) -> None:
        self._sandbox.do(f"subscriptions/{reference}/retry")

    def card_changes(self, reference: str, token: str) -> None:
        path = f"/_control/stripe/subscriptions/{reference}/payment_method"
        self._sandbox.control.post(path, json={"method": token}).raise_for_status()

    def ends(self, reference: str) -> None:
        self._sandbox.do(f"subscriptions/{reference}/end")

    def _made(self, path: str, form: dict[str, str]) -> str:
        return str(self._sandbox.post(path, form).raise_for_status().json()["id"])


@pytest.fixture(params=["fake", "stripe"])
def provider(
    request: pytest.FixtureRequest, stripe_gateway: StripePaymentGateway, vendors: RunningSandbox
) -> Provider:
    if request.param == "stripe":
        return Provider(billing=StripeSubscriptionBilling(stripe_gateway.api), desk=SandboxDesk(vendors))
    desk = FakeDesk()
    return Provider(billing=desk.billing, desk=desk)
