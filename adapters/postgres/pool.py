"""The pool of connections: opened once on its loop, with settings that suit statements by key."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from adapters.postgres.connections import Connections
from adapters.postgres.errors import translating
from adapters.postgres.statement import Connection

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

    async def open_one() -> Connection:
        connection = await asyncpg.connect(
            url,
            timeout=_CONNECT_SECONDS,
            command_timeout=_STATEMENT_SECONDS,
            statement_cache_size=_CACHED_STATEMENTS,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
            server_settings=_SERVER_SETTINGS,
        )
        if on_statement is not None:
            connection.add_query_logger(lambda query: on_statement(query.query))
        return connection

    connections = Connections(open_one, max_size)
    try:
        yield connections
    finally:
        await connections.close()


async def ready(connections: Connections) -> None:
    """Asks the server for a sign of life. Raises Unavailable."""
    with translating():
        async with connections.lent() as connection:
            await connection.fetchval("SELECT 1", timeout=2)
