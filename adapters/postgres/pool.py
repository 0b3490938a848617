"""The pool of connections: opened once on its loop, with settings that suit statements by key."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from adapters.postgres.connections import Connections
from adapters.postgres.errors import translating
from adapters.postgres.statement import Connection
from adapters.postgres.watched_connection import WatchedConnection, break_off_silent

_SERVER_SETTINGS: Final = {
    "timezone": "UTC",
    "application_name": "fastcart",
    # Every statement finds its rows by key. Plans made while a table is still empty must not scan it when it
    # is full.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "jit": "off",
    "lock_timeout": "5s",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "30s",
}
# The server ends a statement after 15 s and says so. One that says nothing for longer is not there any more.
_SILENT_SECONDS: Final = 20
_CONNECT_SECONDS: Final = 10
# Writing an order is composed of parts, so there are more statements than stories.
_CACHED_STATEMENTS: Final = 500


@asynccontextmanager
async def open_pool(
    url: str,
    max_size: int,
    *,
    silent_seconds: float = _SILENT_SECONDS,
    on_statement: Callable[[str], None] | None = None,
) -> AsyncIterator[Connections]:
    """Connections as they are needed, closed at the end.

    None is made yet: a process may start before its database, and says Unavailable until that is there.

    A connection whose server says nothing for `silent_seconds` to a statement is broken off.

    `on_statement` is told each SQL text that runs, for measuring.
    """

    async def open_one() -> Connection:
        connection = await asyncpg.connect(
            url,
            connection_class=WatchedConnection,
            timeout=_CONNECT_SECONDS,
            statement_cache_size=_CACHED_STATEMENTS,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
            server_settings=_SERVER_SETTINGS,
        )
        if on_statement is not None:
            connection.add_query_logger(lambda query: on_statement(query.query))
        return connection

    connections = Connections(open_one, max_size)
    watch = asyncio.create_task(break_off_silent(connections.lent_out, silent_seconds))
    try:
        yield connections
    finally:
        await connections.close()
        watch.cancel()


async def ready(connections: Connections) -> None:
    """Asks the server for a sign of life. Raises Unavailable."""
    with translating():
        async with connections.lent() as connection:
            await connection.fetchval("SELECT 1", timeout=2)
