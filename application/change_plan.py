"""Story: a subscriber goes over to another plan; the provider prorates what was paid ahead."""

from application.advance_subscription import MOST_COLLISIONS, AdvanceSubscription, Planned
from application.subscribe import terms_of
from domain.errors import AlreadySubscribed, UnknownSubscription
from domain.identifiers import PlanId, SubscriptionId
from domain.subscription import Subscription
from ports.clock import Clock
from ports.errors import ConcurrentChange
from ports.unit_of_work import UnitOfWorkFactory


class ChangePlan:
    """Asking again for the same plan changes nothing."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, advance: AdvanceSubscription, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._advance = advance
        self._clock = clock

    async def __call__(
        self, subscription_id: SubscriptionId, plan_id: PlanId, version: int | None = None
    ) -> Subscription:
        """The currency stays. `version`: the one that the caller has read, if that matters to them.

        Raises UnknownSubscription, UnknownPlan, PlanNotSoldIn, SubscriptionOver, SubscriptionBusy,
        AlreadySubscribed, StaleVersion.
        """
        for _ in range(MOST_COLLISIONS):
            try:
                planned = await self._asked(subscription_id, plan_id, version)
            except ConcurrentChange:
                continue
            return await self._advance.go_on(planned)
        raise ConcurrentChange

    async def _asked(self, subscription_id: SubscriptionId, plan_id: PlanId, version: int | None) -> Planned:
        async with self._unit_of_work() as uow:
            before = await uow.subscriptions.get(subscription_id)
            if before is None:
                raise UnknownSubscription(subscription_id=subscription_id)
            before.require_version(version)
            currency = before.terms.price.currency.code
            terms = await terms_of(plan_id, currency, before.provider, uow)
            asked = before.plan_change_asked(terms, self._clock.now())
            claims = uow.subscriptions.claim_plan(before.customer_id, plan_id, but_for=before.id)
            if not await claims:
                raise AlreadySubscribed(customer_id=before.customer_id, plan_id=plan_id)
            planned = await self._advance.change(before, asked, uow)
            await uow.commit()
        return planned
