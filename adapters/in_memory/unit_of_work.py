"""The in-memory unit of work: the same promises as PostgreSQL's, for tests, simulation and trying out."""

from types import TracebackType
from typing import Self

from adapters.in_memory.catalog import InMemoryCatalog
from adapters.in_memory.checkouts import InMemoryCheckouts
from adapters.in_memory.inbox import InMemoryInbox
from adapters.in_memory.orders import InMemoryOrders
from adapters.in_memory.outbox import InMemoryOutbox
from adapters.in_memory.stock import InMemoryStock
from adapters.in_memory.storage import Storage, Transaction


class InMemoryUnitOfWork:
    """Implements `ports.unit_of_work.UnitOfWork` over a storage that several of them share."""

    def __init__(self, storage: Storage) -> None:
        transaction = Transaction(storage)
        self._transaction = transaction
        self.checkouts = InMemoryCheckouts(transaction)
        self.orders = InMemoryOrders(transaction)
        self.catalog = InMemoryCatalog(transaction)
        self.stock = InMemoryStock(transaction)
        self.inbox = InMemoryInbox(transaction)
        self.outbox = InMemoryOutbox(transaction)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._transaction.roll_back()

    async def commit(self) -> None:
        self._transaction.commit()
