"""Story: a person wants to be forgotten."""

from collections.abc import Callable, Sequence
from typing import Final

from application.look_after_customer import CustomerPlan, LookAfterCustomer
from domain.customer import Customer, CustomerState
from domain.errors import CustomerStillNeeded, UnknownCustomer
from domain.forgetting import needs_its_person
from domain.identifiers import CustomerId, OrderId
from domain.values import replace
from ports.clock import Clock
from ports.errors import ConcurrentChange
from ports.unit_of_work import UnitOfWork, UnitOfWorkFactory

_PAGE: Final = 100
_MOST_TOLD: Final = 10
_MOST_COLLISIONS: Final = 20


class DeleteCustomer:
    """Once it has begun it goes on by itself, whatever crashes; asking again does no harm."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, look_after: LookAfterCustomer, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._look_after = look_after
        self._clock = clock

    async def __call__(self, customer_id: CustomerId) -> Customer:
        """The customer as far as it got: LEAVING while a provider can't be reached or another run is at it,
        otherwise DELETED.

        Raises UnknownCustomer, and CustomerStillNeeded while orders or subscriptions are under way.
        """
        for _ in range(_MOST_COLLISIONS):
            try:
                # Under this run's lease from the first commit on: no worker comes between.
                plan = await self._leave(customer_id, self._look_after.plan)
            except ConcurrentChange:
                continue
            return await (self._look_after.go_on(plan) if plan is not None else self._look_after(customer_id))
        raise ConcurrentChange

    async def begin(self, customer_id: CustomerId) -> None:
        """From its commit on a worker takes it further. Raises as above, and ConcurrentChange."""
        await self._leave(customer_id, self._for_a_worker)

    def _for_a_worker(self, leaving: Customer) -> CustomerPlan:
        return CustomerPlan(customer=leaving, due_at=self._clock.now(), call=None)

    async def _leave(
        self, customer_id: CustomerId, plan_of: Callable[[Customer], CustomerPlan]
    ) -> CustomerPlan | None:
        """The departure as it was committed; nothing if it has begun before.

        The change of state comes first: whoever buys in their name holds the customer until they have bought,
        and is seen here, or finds them leaving.
        """
        async with self._unit_of_work() as uow:
            customer = await uow.customers.get(customer_id)
            if customer is None:
                raise UnknownCustomer(customer_id=customer_id)
            if customer.state is not CustomerState.ACTIVE:
                return None
            leaving = replace(customer, state=CustomerState.LEAVING, version=customer.version + 1)
            plan = plan_of(leaving)
            await uow.customers.save(plan.customer, plan.due_at)
            if waits_for := await self._what_waits(customer_id, uow):
                raise CustomerStillNeeded(customer_id=customer_id, waits_for=tuple(waits_for[:_MOST_TOLD]))
            await uow.commit()
        return plan

    async def _what_waits(self, customer_id: CustomerId, uow: UnitOfWork) -> Sequence[str]:
        found: list[str] = []
        for subscription_id in await uow.subscriptions.of_customer(customer_id):
            subscription = await uow.subscriptions.get(subscription_id)
            if subscription is not None and not subscription.is_over:
                found.append(subscription_id)
        after: OrderId | None = None
        while True:
            page = await uow.orders.of_customer(customer_id, after, _PAGE)
            orders = await uow.orders.get_all(page)
            now = self._clock.now()
            found += [order_id for order_id in page if needs_its_person(orders[order_id], now)]
            if len(page) < _PAGE:
                return found
            after = page[-1]
