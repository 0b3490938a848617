"""The pool of connections: opened once on its loop, with settings that suit statements by key."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import asyncpg

from adapters.postgres.connections import Connections
from adapters.postgres.errors import translating

_SERVER_SETTINGS: Final = {
    "timezone": "UTC",
    "application_name": "fastcart",
    # Every statement finds its rows by key. Plans made while a table is still empty must not scan it when it
    # is full.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "jit": "off",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
}
_STATEMENT_SECONDS: Final = 15
_CONNECT_SECONDS: Final = 10
_CLOSE_SECONDS: Final = 5
# Writing an order is composed of parts, so there are more statements than stories.
_CACHED_STATEMENTS: Final = 500


@asynccontextmanager
async def open_pool(
    url: str, max_size: int, *, on_statement: Callable[[str], None] | None = None
) -> AsyncIterator[Connections]:
    """Connections as they are needed, closed at the end.

    None is made yet: a process may start before its database, and says Unavailable until that is there.

    `on_statement` is told each SQL text that runs, for measuring.
    """

    async def tell(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        if on_statement is not None:
            connection.add_query_logger(lambda query: on_statement(query.query))

    with translating():
        pool = await asyncpg.create_pool(
            url,
            min_size=0,
            max_size=max_size,
            init=tell,
            reset=_nothing,
            max_queries=1_000_000,
            timeout=_CONNECT_SECONDS,
            command_timeout=_STATEMENT_SECONDS,
            statement_cache_size=_CACHED_STATEMENTS,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
            server_settings=_SERVER_SETTINGS,
        )
    connections = Connections(pool)
    try:
        yield connections
    finally:
        await connections.close()
        # One that is never given back would be waited for; giving up ends it.
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await pool.close()


async def ready(connections: Connections) -> None:
    """Asks the server for a sign of life. Raises Unavailable."""
    with translating():
        async with connections.lent() as connection:
            await connection.fetchval("SELECT 1", timeout=2)


async def _nothing(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """A unit of work leaves no settings behind and ends its own transaction, so there is no query to reset
    anything.
    """
