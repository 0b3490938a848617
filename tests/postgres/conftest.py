"""A pool on a database that all tests of a module's worker share, each with records of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from adapters.postgres.connections import Connections
from adapters.postgres.pool import open_pool
from adapters.postgres.unit_of_work import PostgresUnitOfWork

UnitOfWork = Callable[[], AbstractAsyncContextManager[PostgresUnitOfWork]]


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Connections]:
    async with open_pool(database_url, 20) as opened:
        yield opened


@pytest.fixture
def unit_of_work(pool: Connections) -> UnitOfWork:
    return lambda: PostgresUnitOfWork(pool)
