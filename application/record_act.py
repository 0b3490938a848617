"""Story: what a person does about an order is written by itself, and the order goes on afterwards.

So it stands even where going on fails, and whoever only reaches the database can do it too: workers ask the
vendors.
"""

from collections.abc import Callable
from typing import Final

from domain.errors import UnknownOrder
from domain.identifiers import OrderId
from domain.order_facts import OrderFacts
from ports.clock import Clock
from ports.errors import ConcurrentChange
from ports.nudges import Nudges
from ports.unit_of_work import UnitOfWork, UnitOfWorkFactory

# Runners of an order step aside for each other within milliseconds.
_MOST_COLLISIONS: Final = 20


class RecordAct:
    """The order is due at once, and its failures are counted anew: somebody has seen to it."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock, nudges: Nudges) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._nudges = nudges

    async def __call__(self, order_id: OrderId, fact: Callable[[OrderFacts], OrderFacts]) -> OrderFacts:
        """Raises UnknownOrder, and whatever refusal the fact itself raises."""
        for _ in range(_MOST_COLLISIONS):
            try:
                async with self._unit_of_work() as uow:
                    facts = await self.within(uow, order_id, fact)
                    await uow.commit()
            except ConcurrentChange:
                continue
            await self._nudges.order_is_due(order_id)
            return facts
        raise ConcurrentChange

    async def within(
        self, uow: UnitOfWork, order_id: OrderId, fact: Callable[[OrderFacts], OrderFacts]
    ) -> OrderFacts:
        """As a part of an open unit of work."""
        before = await uow.orders.get(order_id)
        if before is None:
            raise UnknownOrder(order_id=order_id)
        after = fact(before)
        if after is before:
            return before
        await uow.orders.recovered(order_id)
        await uow.orders.save(before, after, self._clock.now())
        return after.as_stored(before.order.version + 1)
