"""One transaction over all repositories. Leaving it without `commit` undoes everything."""

from types import TracebackType
from typing import Self

from adapters.postgres.catalog import PostgresCatalog
from adapters.postgres.checkouts import PostgresCheckouts
from adapters.postgres.connections import Connections
from adapters.postgres.customers import PostgresCustomers
from adapters.postgres.inbox import PostgresInbox
from adapters.postgres.orders import PostgresOrders
from adapters.postgres.outbox import PostgresOutbox
from adapters.postgres.plans import PostgresPlans
from adapters.postgres.session import Session
from adapters.postgres.stock import PostgresStock
from adapters.postgres.subscriptions import PostgresSubscriptions


class PostgresUnitOfWork:
    """Implements `ports.unit_of_work.UnitOfWork`; it is open within `async with`.

    Most stories ask for one or two of the repositories. Only that of the orders keeps something: what it has
    loaded, so that nothing is written where nothing has changed.
    """

    def __init__(self, connections: Connections) -> None:
        self._session = Session(connections)
        self.orders = PostgresOrders(self._session)

    @property
    def checkouts(self) -> PostgresCheckouts:
        return PostgresCheckouts(self._session)

    @property
    def stock(self) -> PostgresStock:
        return PostgresStock(self._session)

    @property
    def catalog(self) -> PostgresCatalog:
        return PostgresCatalog(self._session)

    @property
    def inbox(self) -> PostgresInbox:
        return PostgresInbox(self._session)

    @property
    def outbox(self) -> PostgresOutbox:
        return PostgresOutbox(self._session)

    @property
    def customers(self) -> PostgresCustomers:
        return PostgresCustomers(self._session)

    @property
    def plans(self) -> PostgresPlans:
        return PostgresPlans(self._session)

    @property
    def subscriptions(self) -> PostgresSubscriptions:
        return PostgresSubscriptions(self._session)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def commit(self) -> None:
        await self._session.commit()
