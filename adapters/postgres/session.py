"""One connection for one unit of work: taken at first use, in a transaction from the first write on.

Reads before the first write run on their own, each on the newest committed state. Nothing relies on two reads agreeing:
an order is read in one statement, and every write is conditional on the version, or the stock, that is there by then.
"""

import asyncio
from typing import Any, Final

from asyncpg.pool import PoolConnectionProxy

from adapters.postgres.errors import translated, translated_at_commit, translating
from adapters.postgres.statement import Pool, Row, Statement

_WAIT_FOR_CONNECTION_SECONDS: Final = 10


class Session:
    """Raises only errors of the ports, and defects as they are."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._connection: PoolConnectionProxy[Row] | None = None
        self._in_transaction = False

    async def read(self, statement: Statement, **parameters: Any) -> list[Row]:
        with translating():
            return await statement.fetch(await self._connected(), **parameters)

    async def read_one(self, statement: Statement, **parameters: Any) -> Row | None:
        rows = await self.read(statement, **parameters)
        return rows[0] if rows else None

    async def write(self, statement: Statement, **parameters: Any) -> list[Row]:
        """Begins the transaction if this is its first write."""
        with translating():
            connection = await self._connected()
            if not self._in_transaction:
                await connection.execute("BEGIN")
                self._in_transaction = True
            return await statement.fetch(connection, **parameters)

    async def commit(self) -> None:
        """Raises OutcomeUnknown if the connection broke with COMMIT under way."""
        if not self._in_transaction or self._connection is None:
            return
        with translating(translated_at_commit):
            await self._connection.execute("COMMIT")
        self._in_transaction = False

    async def close(self) -> None:
        """Undoes what was not committed, and gives the connection back; a broken one undoes it by itself."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if connection.is_in_transaction() and not connection.is_closed():
                await connection.execute("ROLLBACK")
        except (Exception, asyncio.CancelledError):
            connection.terminate()
            raise
        finally:
            await self._pool.release(connection)

    async def _connected(self) -> "PoolConnectionProxy[Row]":
        if self._connection is None:
            self._connection = await self._pool.acquire(timeout=_WAIT_FOR_CONNECTION_SECONDS)
        return self._connection


async def run_alone(pool: Pool, statement: Statement, *, writes: bool = False, **parameters: Any) -> list[Row]:
    """One statement in a transaction of its own. A write whose answer is lost raises OutcomeUnknown."""
    with translating():
        connection = await pool.acquire(timeout=_WAIT_FOR_CONNECTION_SECONDS)
    try:
        with translating(translated_at_commit if writes else translated):
            return await statement.fetch(connection, **parameters)
    finally:
        await pool.release(connection)
