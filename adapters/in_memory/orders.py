"""Orders with all their facts, and when each of them is due."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from adapters.in_memory.storage import OrderRecord, WorkRecord
from adapters.in_memory.transaction import Transaction
from domain.identifiers import CheckoutId, CustomerId, OrderId
from domain.news import News
from domain.order import ClosingReason, Order
from domain.order_facts import OrderFacts
from domain.values import replace
from ports.errors import CheckoutHasOrder, ConcurrentChange
from ports.unit_of_work import DueOrder


class InMemoryOrders:
    """Implements `ports.unit_of_work.Orders`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, order_id: OrderId) -> OrderFacts | None:
        record = self._transaction.orders.get(order_id)
        return record.facts if record else None

    async def get_all(self, order_ids: Collection[OrderId]) -> Mapping[OrderId, OrderFacts]:
        found = {order_id: await self.get(order_id) for order_id in order_ids}
        return {order_id: facts for order_id, facts in found.items() if facts is not None}

    async def add(self, facts: OrderFacts, due_at: datetime | None) -> None:
        await self._transaction.turn_to_write()
        order = facts.order
        if self._order_of(order.checkout_id) is not None:
            self._transaction.refuse(CheckoutHasOrder())
            return
        self._transaction.order_of_checkout.put(order.checkout_id, order.id)
        record = OrderRecord(facts=facts, due_at=due_at, events=(), entries=())
        self._put(record, facts, order.version, due_at)

    async def save(
        self, before: OrderFacts, after: OrderFacts, due_at: datetime | None, *, is_last: bool = False
    ) -> None:
        """Writes nothing if `before` is what is stored, and neither it nor its time has changed."""
        order_id = after.order.id
        record = self._transaction.orders.get(order_id)
        if record is not None and record.facts == before == after and record.due_at == due_at:
            return
        await self._transaction.turn_to_write()
        record = self._transaction.orders.get(order_id)
        if record is None or record.facts.order.version != before.order.version:
            self._transaction.refuse(ConcurrentChange())
            return
        self._put(record, after, before.order.version + 1, due_at)

    async def id_of_checkout(self, checkout_id: CheckoutId) -> OrderId | None:
        return self._order_of(checkout_id)

    async def id_of_payment(self, provider: str, reference: str) -> OrderId | None:
        return self._transaction.order_of_payment.get((provider, reference))

    async def of_customer(
        self, customer_id: CustomerId, after: OrderId | None, limit: int
    ) -> Sequence[OrderId]:
        theirs = (
            order_id
            for order_id, record in self._transaction.orders.items()
            if (payer := record.facts.order.payer) is not None and payer.customer_id == customer_id
        )
        return sorted(order_id for order_id in theirs if after is None or order_id > after)[:limit]

    async def forget_person(self, order: Order) -> None:
        await self._transaction.turn_to_write()
        record = self._transaction.orders.get(order.id)
        if record is None or record.facts.order.version != order.version - 1:
            self._transaction.refuse(ConcurrentChange())
            return
        left = replace(record, facts=replace(record.facts, order=order))
        self._transaction.orders.put(order.id, left)

    async def due(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[DueOrder]:
        await self._transaction.turn_to_write()
        orders = self._transaction.orders
        due = sorted(
            (record.due_at, order_id)
            for order_id, record in orders.items()
            if record.due_at and record.due_at <= now
        )
        taken = [order_id for _, order_id in due[:limit]]
        for order_id in taken:
            orders.put(order_id, replace(orders.require(order_id), due_at=lease_until))
        return [DueOrder(id=order_id, failures=orders.require(order_id).failures) for order_id in taken]

    async def failed(self, order_id: OrderId) -> int:
        await self._transaction.turn_to_write()
        record = self._transaction.orders.get(order_id)
        if record is None:
            return 0
        self._transaction.orders.put(order_id, replace(record, failures=record.failures + 1))
        return record.failures + 1

    async def recovered(self, order_id: OrderId) -> None:
        await self._transaction.turn_to_write()
        if (record := self._transaction.orders.get(order_id)) is not None:
            self._transaction.orders.put(order_id, replace(record, failures=0))

    async def put_off(self, order_id: OrderId, until: datetime) -> None:
        await self._transaction.turn_to_write()
        if (record := self._transaction.orders.get(order_id)) is not None:
            self._transaction.orders.put(order_id, replace(record, due_at=until))

    def _put(self, record: OrderRecord, facts: OrderFacts, version: int, due_at: datetime | None) -> None:
        order_id = facts.order.id
        self._index_payments(facts)
        events, entries = (*record.events, *facts.news.events), (*record.entries, *facts.news.entries)
        facts_as_stored = _as_loaded(facts, version)
        stored = replace(record, facts=facts_as_stored, due_at=due_at, events=events, entries=entries)
        self._transaction.orders.put(order_id, stored)
        self._send(facts.news, facts)

    def _order_of(self, checkout_id: CheckoutId) -> OrderId | None:
        """One that ended for want of goods leaves room for another."""
        order_id = self._transaction.order_of_checkout.get(checkout_id)
        if order_id is None:
            return None
        order = self._transaction.orders.require(order_id).facts.order
        return None if order.closing_reason is ClosingReason.OUT_OF_STOCK else order_id

    def _index_payments(self, facts: OrderFacts) -> None:
        """A provider's reference belongs to one order."""
        for payment in facts.payments:
            if payment.reference is None:
                continue
            key = (payment.provider, payment.reference)
            if self._transaction.order_of_payment.get(key) not in (None, facts.order.id):
                self._transaction.refuse(ConcurrentChange())
            self._transaction.order_of_payment.put(key, facts.order.id)

    def _send(self, news: News, facts: OrderFacts) -> None:
        """Messages are due with the last event."""
        due_at = news.events[-1].at if news.events else facts.order.placed_at
        for message in news.messages:
            self._transaction.outbox.put(message.id, WorkRecord(content=message, due_at=due_at))


def _as_loaded(facts: OrderFacts, version: int) -> OrderFacts:
    """Attempts in the order in which they were started."""
    stored = facts.as_stored(version)
    return replace(stored, attempts=tuple(sorted(stored.attempts, key=lambda a: (a.started_at, a.id))))
