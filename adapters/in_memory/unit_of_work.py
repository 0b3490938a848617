"""A unit of work on the in-memory storage, with the semantics of PostgreSQL's: simulations and tests run on
it.
"""

from types import TracebackType
from typing import Self

from adapters.in_memory.catalog import InMemoryCatalog
from adapters.in_memory.checkouts import InMemoryCheckouts
from adapters.in_memory.customers import InMemoryCustomers
from adapters.in_memory.idempotency import claim_first
from adapters.in_memory.inbox import InMemoryInbox
from adapters.in_memory.orders import InMemoryOrders
from adapters.in_memory.outbox import InMemoryOutbox
from adapters.in_memory.stock import InMemoryStock
from adapters.in_memory.storage import Storage
from adapters.in_memory.subscriptions import InMemoryPlans, InMemorySubscriptions
from adapters.in_memory.transaction import Transaction


class InMemoryUnitOfWork:
    """Implements `ports.unit_of_work.UnitOfWork` over storage that several of them share."""

    def __init__(self, storage: Storage) -> None:
        self._transaction = Transaction(storage)

    @property
    def checkouts(self) -> InMemoryCheckouts:
        return InMemoryCheckouts(self._transaction)

    @property
    def orders(self) -> InMemoryOrders:
        return InMemoryOrders(self._transaction)

    @property
    def stock(self) -> InMemoryStock:
        return InMemoryStock(self._transaction)

    @property
    def catalog(self) -> InMemoryCatalog:
        return InMemoryCatalog(self._transaction)

    @property
    def inbox(self) -> InMemoryInbox:
        return InMemoryInbox(self._transaction)

    @property
    def outbox(self) -> InMemoryOutbox:
        return InMemoryOutbox(self._transaction)

    @property
    def customers(self) -> InMemoryCustomers:
        return InMemoryCustomers(self._transaction)

    @property
    def plans(self) -> InMemoryPlans:
        return InMemoryPlans(self._transaction)

    @property
    def subscriptions(self) -> InMemorySubscriptions:
        return InMemorySubscriptions(self._transaction)

    async def __aenter__(self) -> Self:
        claim_first()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transaction.end()

    async def commit(self) -> None:
        self._transaction.commit()
