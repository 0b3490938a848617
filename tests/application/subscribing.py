"""A shop that sells plans, for the application's tests: one customer, one card, and what is known of them."""

from collections import Counter
from datetime import timedelta
from typing import Final

from adapters.in_memory.subscriptions import InMemorySubscriptionLists
from application.register_customer import NewCustomer
from application.subscribe import SubscriptionDraft
from domain.identifiers import CustomerId, PlanId, SubscriptionId
from domain.invoice import InvoiceState
from domain.journal import Account
from domain.payment import Instrument
from domain.plan import BillingInterval, Plan
from domain.subscription import Subscription
from ports.errors import PortError
from tests.application.shop import Shop
from tests.subscribers import a_plan

WORKS, FAILS = "pm_card_visa", "pm_card_chargeCustomerFail"
GOLD, SILVER, YEARLY = PlanId("gold"), PlanId("silver"), PlanId("yearly")
HOUR: Final = timedelta(hours=1)


class Died(PortError):
    """The process is gone: nobody is left to record anything."""


class Subscriber:
    """One customer of the shop, and what the shop and the provider know of their subscriptions."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.customer_id = CustomerId("")
        self.lists = InMemorySubscriptionLists(shop.storage)

    async def registered(self) -> "Subscriber":
        customer = await self.shop.register_customer(NewCustomer(email="ada@example.com", name="Ada"))
        self.customer_id = customer.id
        yearly = a_plan("yearly", 19_000, interval=BillingInterval.YEAR)
        await self.sells(a_plan("gold", 1900), a_plan("silver", 900), yearly)
        return self

    async def sells(self, *plans: Plan) -> None:
        async with self.shop.unit_of_work() as uow:
            await uow.plans.put(plans)
            await uow.commit()

    def draft(self, plan: PlanId = GOLD, token: str | None = WORKS, **changes: str) -> SubscriptionDraft:
        return SubscriptionDraft(
            customer_id=self.customer_id,
            plan_id=plan,
            currency=changes.get("currency", "EUR"),
            instrument=Instrument(token=token) if token else None,
            id=SubscriptionId(changes["id"]) if "id" in changes else None,
        )

    async def subscribes(self, plan: PlanId = GOLD, token: str | None = WORKS) -> Subscription:
        return await self.shop.subscribe(self.draft(plan, token))

    async def owing(self) -> Subscription:
        """The card fails for the second period."""
        subscription = await self.subscribes()
        self.shop.billing.use_method(reference_of(subscription), FAILS)
        self.shop.billing.bill_next_period(reference_of(subscription))
        return await self.hears(subscription)

    async def hears(self, subscription: Subscription) -> Subscription:
        """The provider's webhook has come."""
        now = self.shop.clock.now()
        return await self.shop.advance_subscription.record(
            subscription.id, lambda known: known.heard_of("invoice.paid", now)
        )

    async def known(self, subscription_id: SubscriptionId) -> Subscription:
        async with self.shop.unit_of_work() as uow:
            found = await uow.subscriptions.get(subscription_id)
        assert found is not None
        return found

    async def only(self) -> Subscription:
        """The one subscription that the shop knows of."""
        (record,) = self.shop.storage.subscriptions.values()
        return record.subscription

    async def later(self, subscription: Subscription, wait: timedelta = HOUR) -> Subscription:
        """What the sweeper has made of it when this time has passed."""
        self.shop.clock.advance(wait)
        swept = await self.shop.sweep()
        assert not swept.failures
        return await self.known(subscription.id)

    async def balances(self, subscription: Subscription) -> dict[str, int]:
        return {row.account.value: row.minor for row in await self.lists.balances(subscription.id)}

    async def agrees(self, subscription: Subscription) -> None:
        """Shop and provider agree: one subscription, its state, and every cent, each told of once."""
        (held,) = self.shop.billing.everything()
        known = await self.known(subscription.id)
        assert (known.reference, known.state) == (held.reference, held.state)
        assert known.terms.price_reference == held.terms.price_reference
        assert known.ends_at_period_end == held.ends_at_period_end
        assert known.wish is None
        paid = sum(invoice.paid.minor for invoice in held.invoices if invoice.state is InvoiceState.PAID)
        assert (await self.balances(known)).get(Account.PROVIDER.value, 0) == paid
        sent = Counter(mail.message_id for mail in self.shop.mail.sent)
        assert set(sent.values()) <= {1}


def reference_of(subscription: Subscription) -> str:
    assert subscription.reference is not None
    return subscription.reference
