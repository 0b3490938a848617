"""Story: a registered customer subscribes to a plan."""

from application.advance_subscription import AdvanceSubscription, Planned
from application.look_after_customer import LookAfterCustomer
from domain.customer import AccountState, Customer, CustomerState
from domain.errors import AlreadySubscribed, PlanNotSoldIn, UnknownCustomer, UnknownPlan
from domain.identifiers import CustomerId, PlanId, SubscriptionId
from domain.money import Currency
from domain.payment import Instrument
from domain.plan import PlanTerms
from domain.subscription import Subscription
from domain.values import value
from ports.clock import Clock
from ports.errors import ConcurrentChange, Unavailable
from ports.unit_of_work import UnitOfWork, UnitOfWorkFactory


@value
class SubscriptionDraft:
    """`id` is the same for a repeat of the same request. `instrument` is one that the customer saved."""

    customer_id: CustomerId
    plan_id: PlanId
    currency: str
    instrument: Instrument | None = None
    id: SubscriptionId | None = None


class Subscribe:
    """The subscription is ours before the provider hears of it; a repeat with the same id makes no other."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        advance: AdvanceSubscription,
        look_after_customer: LookAfterCustomer,
        provider: str,
        clock: Clock,
    ) -> None:
        """`provider`: where new subscriptions begin."""
        self._unit_of_work = unit_of_work
        self._advance = advance
        self._look_after_customer = look_after_customer
        self._provider = provider
        self._clock = clock

    async def __call__(self, draft: SubscriptionDraft) -> Subscription:
        """Raises UnknownCustomer, UnknownPlan, UnknownCurrency, PlanNotSoldIn, AlreadySubscribed; Unavailable
        while the provider does not know the customer yet.
        """
        if draft.id is not None and await self._exists(draft.id):
            return await self._advance(draft.id)
        reference = await self._reference_of(draft.customer_id)
        try:
            planned = await self._begun(draft, reference)
        except ConcurrentChange:
            if draft.id is None or not await self._exists(draft.id):
                raise
            return await self._advance(draft.id)
        return await self._advance.go_on(planned)

    async def _begun(self, draft: SubscriptionDraft, reference: str) -> Planned:
        now = self._clock.now()
        async with self._unit_of_work() as uow:
            terms = await terms_of(draft.plan_id, draft.currency, self._provider, uow)
            if not await uow.subscriptions.claim_plan(draft.customer_id, draft.plan_id):
                raise AlreadySubscribed(customer_id=draft.customer_id, plan_id=draft.plan_id)
            # Whoever holds the claim is seen by a deletion; one that came before is seen here.
            _require_active(await uow.customers.get(draft.customer_id), draft.customer_id)
            new = Subscription(
                id=draft.id or SubscriptionId(self._clock.new_id("sub")),
                customer_id=draft.customer_id,
                provider=self._provider,
                customer_reference=reference,
                terms=terms,
                created_at=now,
                instrument=draft.instrument,
            )
            planned = await self._advance.begin(new.requested(now), uow)
            await uow.commit()
        return planned

    async def _exists(self, subscription_id: SubscriptionId) -> bool:
        async with self._unit_of_work() as uow:
            return await uow.subscriptions.get(subscription_id) is not None

    async def _reference_of(self, customer_id: CustomerId) -> str:
        """The provider's id of the customer, who may have been registered while the provider was away."""
        async with self._unit_of_work() as uow:
            customer = await uow.customers.get(customer_id)
        customer = _require_active(customer, customer_id)
        known = self._known_as(customer) or self._known_as(await self._look_after_customer(customer_id))
        if known is None:
            raise Unavailable("customer_not_registered")
        return known

    def _known_as(self, customer: Customer) -> str | None:
        account = customer.account_at(self._provider)
        if account is None or account.state is not AccountState.REGISTERED:
            return None
        return account.reference


def _require_active(customer: Customer | None, customer_id: CustomerId) -> Customer:
    if customer is None or customer.state is not CustomerState.ACTIVE:
        raise UnknownCustomer(customer_id=customer_id)
    return customer


async def terms_of(plan_id: PlanId, currency: str, provider: str, uow: UnitOfWork) -> PlanTerms:
    """What a plan on sale costs now. Raises UnknownPlan, UnknownCurrency, PlanNotSoldIn."""
    plan = await uow.plans.get(plan_id)
    if plan is None or not plan.active:
        raise UnknownPlan(plan_id=plan_id, path="/plan_id")
    try:
        return plan.terms(Currency.of(currency).code, provider)
    except PlanNotSoldIn as refused:
        raise PlanNotSoldIn(plan_id=plan_id, currency=refused.currency, path="/plan_id") from None
