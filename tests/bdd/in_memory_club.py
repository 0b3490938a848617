"""The club in one process: use-cases called directly, the provider's desk at hand, its news heard at once."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, Final

from adapters.in_memory.subscriptions import InMemorySubscriptionLists
from application.register_customer import NewCustomer
from application.subscribe import SubscriptionDraft
from domain.identifiers import CustomerId, PlanId, SubscriptionId
from domain.journal import Account
from domain.money import Money
from domain.payment import Instrument
from domain.plan import BillingInterval, Plan
from domain.standing import CancellationTime
from domain.subscription import Subscription
from tests.bdd.club import Membership
from tests.bdd.in_memory_stories import Stories
from tests.bdd.people import EMAIL, NAME

_WORKS: Final = "pm_card_visa"
_FAILS: Final = "pm_card_chargeCustomerFail"


class InMemoryClub:
    """Implements `tests.bdd.club.Club`. A plan's id is its title. `run` is the shop's own."""

    def __init__(self, stories: Stories, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self._stories = stories
        self._run = run
        self._customer_id = CustomerId("")
        self._subscription_id = SubscriptionId("")
        self._currency = "EUR"

    def sell_plan(self, title: str, price: Money) -> None:
        plan = Plan(id=PlanId(title), title=title, prices=(price,), interval=BillingInterval.MONTH)
        self._currency = price.currency.code
        self._run(self._stories.put_plans([plan]))

    def register(self) -> None:
        customer = self._run(self._stories.register_customer(NewCustomer(email=EMAIL, name=NAME)))
        self._customer_id = customer.id

    def subscribe(self, title: str, *, card_works: bool) -> None:
        draft = SubscriptionDraft(
            customer_id=self._customer_id,
            plan_id=PlanId(title),
            currency=self._currency,
            instrument=Instrument(token=_WORKS if card_works else _FAILS),
        )
        self._subscription_id = self._run(self._stories.subscribe(draft)).id
        self._hear()

    def go_over(self, title: str) -> None:
        self._run(self._stories.change_plan(self._subscription_id, PlanId(title)))
        self._hear()

    def cancel(self, when: str) -> None:
        self._run(self._stories.cancel_subscription(self._subscription_id, CancellationTime(when)))
        self._hear()

    def break_card(self) -> None:
        self._stories.billing.use_method(self._reference, _FAILS)

    def pay_with_another_card(self) -> None:
        self._stories.billing.pay_open(self._reference)
        self._hear()

    def end_month(self) -> None:
        self._stories.billing.bill_next_period(self._reference)
        self._hear()

    def end_at_provider(self) -> None:
        self._stories.billing.give_up(self._reference)
        self._hear()

    def let_grace_run_out(self) -> None:
        self._stories.clock.advance(self._stories.rules.dunning_grace)
        self._hear()

    def membership(self) -> Membership:
        known = self._known()
        return Membership(plan=known.terms.title, state=known.state.value, grants=known.entitlement.value)

    def collected(self) -> Money:
        lists = InMemorySubscriptionLists(self._stories.storage)
        balances = self._run(lists.balances(self._subscription_id))
        held = sum(each.minor for each in balances if each.account is Account.PROVIDER)
        return Money.of(held, self._currency)

    def grants_nothing(self) -> bool:
        return self.membership().grants == "none"

    def letters(self, about: str) -> int:
        return sum(about in mail.subject for mail in self._stories.email.sent)

    def settles(self, holds: Membership) -> Membership:
        return self.membership()

    def settles_at(self, collected: Money) -> Money:
        return self.collected()

    @property
    def _reference(self) -> str:
        reference = self._known().reference
        assert reference is not None
        return reference

    def _known(self) -> Subscription:
        async def read() -> Subscription:
            async with self._stories.unit_of_work() as uow:
                found = await uow.subscriptions.get(self._subscription_id)
            assert found is not None
            return found

        found: Subscription = self._run(read())
        return found

    def _hear(self) -> None:
        """What the provider tells arrives, and everything that is due is done."""
        while self._stories.told_of_subscriptions:
            event = self._stories.told_of_subscriptions.pop(0)
            notice = {
                "provider": self._stories.billing.provider,
                "event_id": event.event_id,
                "event_type": event.event_type,
                "payment_reference": None,
                "about": event.about.value,
                "subscription_reference": event.subscription_reference,
            }
            self._run(self._stories.receive_webhook(json.dumps(notice).encode(), {}))
        while self._run(self._stories.sweep()).found:
            pass
