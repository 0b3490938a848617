"""Every refusal of PostgreSQL has a meaning: no constraint, SQLSTATE class or lost connection escapes
unnamed.
"""

import asyncio
import inspect
import os

import asyncpg
import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from adapters.postgres.connections import Connections
from adapters.postgres.errors import CONSTRAINTS, DEFECTS, translated, translated_at_commit
from adapters.postgres.pool import open_pool, ready
from adapters.postgres.tables import metadata
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from entrypoints.embedded.postgres import embedded_postgres
from ports.errors import ConcurrentChange, OutcomeUnknown, PortError, Unavailable
from tests.builders import NOW, a_checkout, placed_facts

NAMED = (PrimaryKeyConstraint, UniqueConstraint, ForeignKeyConstraint, CheckConstraint)

# What each class of SQLSTATE means before COMMIT was sent; None is a defect of ours.
MEANINGS: dict[str, type[PortError] | None] = {
    "08": Unavailable,
    "28": Unavailable,
    "40": ConcurrentChange,
    "53": Unavailable,
    "57": Unavailable,
    "58": Unavailable,
}
SINGLE_STATES: dict[str, type[PortError]] = {
    "25006": Unavailable,
    "25P03": Unavailable,
    "25P04": Unavailable,
    "3D000": Unavailable,
    "55P03": Unavailable,
}
DEFECT_CLASSES = {
    "00",
    "01",
    "02",
    "03",
    "09",
    "0A",
    "0B",
    "0F",
    "0L",
    "0P",
    "0Z",
    "10",
    "20",
    "21",
    "22",
    "23",
    "24",
    "25",
    "26",
} | {
    "27",
    "2B",
    "2D",
    "2F",
    "34",
    "38",
    "39",
    "3B",
    "3D",
    "3F",
    "42",
    "44",
    "54",
    "55",
    "72",
    "F0",
    "HV",
    "P0",
    "XX",
}


def all_errors() -> list[type[asyncpg.PostgresError]]:
    classes = [cls for _, cls in inspect.getmembers(asyncpg.exceptions, inspect.isclass)]
    return [
        cls for cls in classes if issubclass(cls, asyncpg.PostgresError) and getattr(cls, "sqlstate", None)
    ]


def test_each_constraint_is_mapped_or_listed_as_a_defect() -> None:
    names = {
        constraint.name
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, NAMED)
    }
    names |= {index.name for table in metadata.tables.values() for index in table.indexes if index.unique}
    assert None not in names
    assert names == set(CONSTRAINTS) | DEFECTS
    assert not set(CONSTRAINTS) & DEFECTS


def test_every_error_of_the_server_has_a_meaning() -> None:
    assert len(all_errors()) > 200
    for kind in all_errors():
        state = kind.sqlstate or ""
        meaning = translated(kind("a message"))
        expected = SINGLE_STATES.get(state, MEANINGS.get(state[:2]))
        assert state[:2] in MEANINGS or state[:2] in DEFECT_CLASSES, f"{kind.__name__} {state} is new"
        assert type(meaning) is (expected or type(None)), f"{kind.__name__} {state}"


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(),
        ConnectionRefusedError(),
        TimeoutError(),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_lost_connection_is_unavailable_before_the_commit_and_unknown_during_it(error: Exception) -> None:
    assert isinstance(translated(error), Unavailable)
    assert isinstance(translated_at_commit(error), OutcomeUnknown)


def test_a_defect_stays_what_it_is_even_during_a_commit() -> None:
    assert translated_at_commit(asyncpg.UndefinedTableError("no such table")) is None
    assert translated(ValueError("ours")) is None


async def test_nobody_answers_where_no_server_is() -> None:
    async with open_pool("postgresql://nobody@127.0.0.1:1/nothing", 1) as pool:
        with pytest.raises(Unavailable):
            await ready(pool)


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="kills its server")
async def test_a_pool_that_was_opened_before_its_server_serves_as_soon_as_that_is_there() -> None:
    with embedded_postgres(None, durable=False) as server:
        server.kill()
        async with open_pool(server.url, 1) as pool:
            with pytest.raises(Unavailable):
                await ready(pool)
            server.start()
            await ready(pool)


async def test_a_server_that_answers_is_ready(pool: Connections) -> None:
    await ready(pool)


async def terminate_others(pool: Connections) -> None:
    async with pool.lent() as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_a_connection_that_dies_before_the_commit_means_nothing_happened(
    pool: Connections, database_url: str
) -> None:
    facts = placed_facts()

    async def write() -> None:
        async with open_pool(database_url, 1) as other, PostgresUnitOfWork(other) as uow:
            await uow.orders.add(facts, NOW)
            assert await uow.orders.get(facts.order.id) is not None
            await terminate_others(pool)
            await uow.orders.get(facts.order.id)

    with pytest.raises(Unavailable):
        await write()
    async with PostgresUnitOfWork(pool) as uow:
        assert await uow.orders.get(facts.order.id) is None


async def test_a_connection_that_dies_under_the_commit_leaves_it_unknown(
    pool: Connections, database_url: str
) -> None:
    facts = placed_facts()

    async def write() -> None:
        async with open_pool(database_url, 1) as other, PostgresUnitOfWork(other) as uow:
            await uow.orders.add(facts, NOW)
            assert await uow.orders.get(facts.order.id) is not None
            await terminate_others(pool)
            await uow.commit()

    with pytest.raises(OutcomeUnknown):
        await write()


async def test_a_write_without_a_transaction_of_its_own_is_unknown_too(
    pool: Connections, database_url: str
) -> None:
    checkout = a_checkout()

    async def write() -> None:
        async with open_pool(database_url, 1) as other, PostgresUnitOfWork(other) as uow:
            assert await uow.checkouts.get(checkout.id) is None
            await uow.checkouts.add(checkout)
            await terminate_others(pool)
            await uow.commit()

    with pytest.raises(OutcomeUnknown):
        await write()


async def test_a_pool_recovers_from_broken_connections(pool: Connections, database_url: str) -> None:
    async with open_pool(database_url, 2) as other:
        async with PostgresUnitOfWork(other) as uow:
            await uow.orders.id_of_checkout(placed_facts().order.checkout_id)
        await terminate_others(pool)
        for _ in range(3):
            try:
                await ready(other)
            except Unavailable:
                continue
        await ready(other)


async def test_a_unit_of_work_that_is_cancelled_leaves_nothing(pool: Connections) -> None:
    facts = placed_facts()
    started = asyncio.Event()

    async def write() -> None:
        async with PostgresUnitOfWork(pool) as uow:
            await uow.orders.add(facts, NOW)
            assert await uow.orders.get(facts.order.id) is not None
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with PostgresUnitOfWork(pool) as uow:
        assert await uow.orders.get(facts.order.id) is None
