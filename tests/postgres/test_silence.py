"""A server that says nothing any more: a network that swallows everything, a machine that hangs."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from adapters.postgres.idempotency import PostgresIdempotencyStore
from adapters.postgres.pool import open_pool, ready
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from ports.errors import OutcomeUnknown, Unavailable
from tests.builders import NOW, new_id, placed_facts

SOON = 0.5


class Line:
    """A connection to the server that can fall silent without being closed."""

    def __init__(self) -> None:
        self.speaks = asyncio.Event()
        self.speaks.set()

    async def carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                await self.speaks.wait()
                target.write(data)
        finally:
            target.transport.abort()


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[tuple[Line, str]]:
    """The line, and the URL at its near end."""
    server_at, line, carried = urlsplit(url), Line(), set[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(server_at.hostname, server_at.port)
        carried.update(
            asyncio.create_task(way)
            for way in (line.carry(reader, far_writer), line.carry(far_reader, writer))
        )

    near = await asyncio.start_server(connected, "127.0.0.1")
    port = near.sockets[0].getsockname()[1]
    try:
        yield line, url.replace(f":{server_at.port}", f":{port}")
    finally:
        near.close()
        for each in carried:
            each.cancel()
        await asyncio.gather(*carried, return_exceptions=True)


async def test_a_read_that_is_not_answered_ends_as_unavailable(database_url: str) -> None:
    async with line_to(database_url) as (line, url), open_pool(url, 1, silent_seconds=SOON) as pool:
        await ready(pool)
        line.speaks.clear()
        began = time.monotonic()
        with pytest.raises(Unavailable):
            async with PostgresUnitOfWork(pool) as uow:
                await uow.orders.get(placed_facts().order.id)
        assert time.monotonic() - began >= SOON


async def test_a_commit_that_is_not_answered_is_unknown(database_url: str) -> None:
    facts = placed_facts()
    async with (
        line_to(database_url) as (line, url),
        open_pool(url, 1, silent_seconds=SOON) as pool,
        PostgresUnitOfWork(pool) as uow,
    ):
        await uow.orders.add(facts, NOW)
        assert await uow.orders.get(facts.order.id) is not None
        line.speaks.clear()
        with pytest.raises(OutcomeUnknown):
            await uow.commit()


async def test_a_claim_that_is_not_answered_is_nobodys(database_url: str) -> None:
    async with line_to(database_url) as (line, url), open_pool(url, 1, silent_seconds=SOON) as pool:
        await ready(pool)
        line.speaks.clear()
        with PostgresIdempotencyStore(pool).claiming("scope", new_id("key"), b"same", NOW) as claim:
            with pytest.raises(Unavailable):
                async with PostgresUnitOfWork(pool) as uow:
                    await uow.orders.get(placed_facts().order.id)
            await claim.settle()
            assert not claim.is_ours


async def test_a_connection_that_waits_for_nobody_is_left_alone(database_url: str) -> None:
    async with (
        line_to(database_url) as (line, url),
        open_pool(url, 1, silent_seconds=SOON) as pool,
        PostgresUnitOfWork(pool) as uow,
    ):
        await uow.orders.get(placed_facts().order.id)
        line.speaks.clear()
        await asyncio.sleep(2 * SOON)
        line.speaks.set()
        assert await uow.orders.get(placed_facts().order.id) is None


async def test_a_server_that_takes_too_long_says_so_itself(database_url: str) -> None:
    async with open_pool(database_url, 1) as pool, pool.lent() as connection:
        assert await connection.fetchval("SHOW statement_timeout") == "15s"
