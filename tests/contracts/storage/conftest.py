"""The two storages under test, each empty."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import pytest

from adapters.in_memory.api_keys import InMemoryApiKeys
from adapters.in_memory.books import InMemoryBooks
from adapters.in_memory.idempotency import InMemoryIdempotencyStore
from adapters.in_memory.queries import InMemoryQueries
from adapters.in_memory.reconciliations import InMemoryReconciliations
from adapters.in_memory.slots import InMemorySlots
from adapters.in_memory.storage import Storage as Memory
from adapters.in_memory.subscriptions import InMemorySubscriptionLists
from adapters.in_memory.unit_of_work import InMemoryUnitOfWork
from adapters.postgres.api_keys import PostgresApiKeys
from adapters.postgres.books import PostgresBooks
from adapters.postgres.idempotency import PostgresIdempotencyStore
from adapters.postgres.pool import open_pool
from adapters.postgres.queries import PostgresQueries
from adapters.postgres.reconciliations import PostgresReconciliations
from adapters.postgres.slots import PostgresSlots
from adapters.postgres.subscriptions import PostgresSubscriptionLists
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from domain.identifiers import OrderId
from domain.order_facts import OrderFacts
from ports.api_keys import ApiKeys
from ports.books import Books
from ports.idempotency import IdempotencyStore
from ports.queries import Queries
from ports.reconciliations import Reconciliations
from ports.slots import Slots
from ports.subscriptions import SubscriptionLists
from ports.unit_of_work import UnitOfWorkFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Every storage port of one adapter."""

    unit_of_work: UnitOfWorkFactory
    idempotency: IdempotencyStore
    api_keys: ApiKeys
    queries: Queries
    books: Books
    reconciliations: Reconciliations
    slots: Slots
    subscription_lists: SubscriptionLists

    async def keep(self, facts: OrderFacts, due_at: datetime | None = None) -> OrderFacts:
        """Adds an order and reads it back."""
        async with self.unit_of_work() as uow:
            await uow.orders.add(facts, due_at)
            await uow.commit()
        return await self.load(facts.order.id)

    async def load(self, order_id: OrderId) -> OrderFacts:
        async with self.unit_of_work() as uow:
            facts = await uow.orders.get(order_id)
        assert facts is not None
        return facts


@pytest.fixture(params=["memory", "postgres"])
async def storage(request: pytest.FixtureRequest) -> AsyncIterator[Storage]:
    if request.param == "memory":
        memory = Memory()
        yield Storage(
            unit_of_work=lambda: InMemoryUnitOfWork(memory),
            idempotency=InMemoryIdempotencyStore(),
            api_keys=InMemoryApiKeys(),
            queries=InMemoryQueries(memory),
            books=InMemoryBooks(memory),
            reconciliations=InMemoryReconciliations(memory),
            slots=InMemorySlots(memory),
            subscription_lists=InMemorySubscriptionLists(memory),
        )
        return
    url = request.getfixturevalue("new_database_url")()
    async with open_pool(url, 10) as pool:
        yield Storage(
            unit_of_work=lambda: PostgresUnitOfWork(pool),
            idempotency=PostgresIdempotencyStore(pool),
            api_keys=PostgresApiKeys(pool),
            queries=PostgresQueries(pool),
            books=PostgresBooks(pool),
            reconciliations=PostgresReconciliations(pool),
            slots=PostgresSlots(pool),
            subscription_lists=PostgresSubscriptionLists(pool),
        )
