"""Story: what FastCart holds of a person goes, order by order; what the books need stays."""

from collections.abc import AsyncIterator
from typing import Final

from domain.forgetting import forgotten_checkout, forgotten_order, forgotten_subscription
from domain.identifiers import CustomerId, OrderId, SubscriptionId
from domain.values import replace
from ports.errors import ConcurrentChange
from ports.unit_of_work import UnitOfWorkFactory

_PAGE: Final = 100
_MOST_COLLISIONS: Final = 20


class ForgetPerson:
    """Each order and subscription in a commit of its own: broken off and begun again, it goes on where
    something is left.
    """

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work

    async def __call__(self, customer_id: CustomerId) -> None:
        async with self._unit_of_work() as uow:
            checkouts = await uow.checkouts.of_customer(customer_id)
            for checkout in checkouts:
                if (left := forgotten_checkout(checkout)) is not checkout:
                    await uow.checkouts.save(left)
            await uow.commit()
        async for order_id in self._orders_of(customer_id):
            await self._forget_order(order_id)
        async with self._unit_of_work() as uow:
            subscriptions = await uow.subscriptions.of_customer(customer_id)
        for subscription_id in subscriptions:
            await self._forget_subscription(subscription_id)

    async def _orders_of(self, customer_id: CustomerId) -> AsyncIterator[OrderId]:
        after: OrderId | None = None
        while True:
            async with self._unit_of_work() as uow:
                page = await uow.orders.of_customer(customer_id, after, _PAGE)
            for order_id in page:
                yield order_id
            if len(page) < _PAGE:
                return
            after = page[-1]

    async def _forget_order(self, order_id: OrderId) -> None:
        """Over whatever somebody else has written meanwhile."""
        for _ in range(_MOST_COLLISIONS):
            try:
                async with self._unit_of_work() as uow:
                    facts = await uow.orders.get(order_id)
                    if facts is None or (left := forgotten_order(facts.order)) == facts.order:
                        return
                    await uow.orders.forget_person(replace(left, version=left.version + 1))
                    await uow.commit()
                return
            except ConcurrentChange:
                continue
        raise ConcurrentChange

    async def _forget_subscription(self, subscription_id: SubscriptionId) -> None:
        """Over whatever somebody else has written meanwhile; it is over, so it is due no more."""
        for _ in range(_MOST_COLLISIONS):
            try:
                async with self._unit_of_work() as uow:
                    before = await uow.subscriptions.get(subscription_id)
                    if before is None or (left := forgotten_subscription(before)) == before:
                        return
                    await uow.subscriptions.save(before, left, None)
                    await uow.commit()
                return
            except ConcurrentChange:
                continue
        raise ConcurrentChange
