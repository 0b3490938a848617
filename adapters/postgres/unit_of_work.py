"""One transaction over all repositories. Leaving it without `commit` undoes everything."""

from types import TracebackType
from typing import Self

from adapters.postgres.catalog import PostgresCatalog
from adapters.postgres.checkouts import PostgresCheckouts
from adapters.postgres.connections import Connections
from adapters.postgres.inbox import PostgresInbox
from adapters.postgres.orders import PostgresOrders
from adapters.postgres.outbox import PostgresOutbox
from adapters.postgres.session import Session
from adapters.postgres.stock import PostgresStock


class PostgresUnitOfWork:
    """Implements `ports.unit_of_work.UnitOfWork`; it is open within `async with`."""

    def __init__(self, connections: Connections) -> None:
        self._session = Session(connections)
        self.checkouts = PostgresCheckouts(self._session)
        self.orders = PostgresOrders(self._session)
        self.stock = PostgresStock(self._session)
        self.catalog = PostgresCatalog(self._session)
        self.inbox = PostgresInbox(self._session)
        self.outbox = PostgresOutbox(self._session)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def commit(self) -> None:
        await self._session.commit()
