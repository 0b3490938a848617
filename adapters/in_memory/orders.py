"""Orders in memory: facts saved against their version, with their timeline and journal beside them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.in_memory.storage import OrderRecord, Transaction, WorkRecord
from domain.identifiers import CheckoutId, OrderId
from domain.order_facts import OrderFacts
from ports.errors import CheckoutHasOrder, ConcurrentChange


class InMemoryOrders:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._storage = transaction.storage

    async def get(self, order_id: OrderId) -> OrderFacts | None:
        record = self._storage.orders.get(order_id)
        return record.facts if record else None

    async def add(self, facts: OrderFacts, due_at: datetime | None) -> None:
        await self._transaction.begin()
        order = facts.order
        if order.checkout_id in self._storage.order_of_checkout:
            raise CheckoutHasOrder
        self._transaction.put(self._storage.order_of_checkout, order.checkout_id, order.id)
        empty = OrderRecord(facts=facts, due_at=due_at, events=(), entries=())
        self._write(empty, facts, facts.order.version, due_at)

    async def save(self, before: OrderFacts, after: OrderFacts, due_at: datetime | None) -> None:
        await self._transaction.begin()
        record = self._storage.orders[after.order.id]
        if record.facts.order.version != before.order.version:
            raise ConcurrentChange
        self._write(record, after, before.order.version + 1, due_at)

    async def id_of_checkout(self, checkout_id: CheckoutId) -> OrderId | None:
        return self._storage.order_of_checkout.get(checkout_id)

    async def id_of_payment(self, provider: str, reference: str) -> OrderId | None:
        for order_id, record in self._storage.orders.items():
            if any(p.provider == provider and p.reference == reference for p in record.facts.payments):
                return order_id
        return None

    async def due(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[OrderId]:
        await self._transaction.begin()
        waiting = [
            (record.due_at, order_id)
            for order_id, record in self._storage.orders.items()
            if record.due_at is not None and record.due_at <= now
        ]
        taken = [order_id for _, order_id in sorted(waiting)[:limit]]
        for order_id in taken:
            set_aside = replace(self._storage.orders[order_id], due_at=lease_until)
            self._transaction.put(self._storage.orders, order_id, set_aside)
        return taken

    def _write(self, record: OrderRecord, facts: OrderFacts, version: int, due_at: datetime | None) -> None:
        news = facts.news
        written = OrderRecord(
            facts=facts.as_stored(version),
            due_at=due_at,
            events=(*record.events, *news.events),
            entries=(*record.entries, *news.entries),
        )
        self._transaction.put(self._storage.orders, facts.order.id, written)
        for message in news.messages:
            due = news.events[-1].at if news.events else facts.order.placed_at
            self._transaction.put(self._storage.outbox, message.id, WorkRecord(content=message, due_at=due))
