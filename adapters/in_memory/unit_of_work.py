"""A unit of work on the in-memory storage, with the semantics of PostgreSQL's: simulations and tests run on
it.
"""

from types import TracebackType
from typing import Self

from adapters.in_memory.catalog import InMemoryCatalog
from adapters.in_memory.checkouts import InMemoryCheckouts
from adapters.in_memory.inbox import InMemoryInbox
from adapters.in_memory.orders import InMemoryOrders
from adapters.in_memory.outbox import InMemoryOutbox
from adapters.in_memory.stock import InMemoryStock
from adapters.in_memory.storage import Storage
from adapters.in_memory.transaction import Transaction


class InMemoryUnitOfWork:
    """Implements `ports.unit_of_work.UnitOfWork` over storage that several of them share."""

    def __init__(self, storage: Storage) -> None:
        self._transaction = Transaction(storage)
        self.checkouts = InMemoryCheckouts(self._transaction)
        self.orders = InMemoryOrders(self._transaction)
        self.stock = InMemoryStock(self._transaction)
        self.catalog = InMemoryCatalog(self._transaction)
        self.inbox = InMemoryInbox(self._transaction)
        self.outbox = InMemoryOutbox(self._transaction)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transaction.end()

    async def commit(self) -> None:
        self._transaction.commit()
