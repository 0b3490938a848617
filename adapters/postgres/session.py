"""One connection for one unit of work, with as few round trips as can be.

It is taken at first use. Reads before the first write run on their own, each on the newest committed state:
nothing relies on two reads agreeing, since an order is read in one statement and every write is conditional
on the version, or the stock, that is there by then. The first write begins the transaction. A write whose
result nobody waits for is held back until the next statement, or the commit: a single one needs neither
BEGIN nor COMMIT.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from adapters.postgres.connections import Connections
from adapters.postgres.errors import translated, translated_at_commit, translating
from adapters.postgres.statement import Row, Statement
from ports.errors import PortError


@dataclass(frozen=True, slots=True)
class _HeldBack:
    """A write, and the refusal that it means when it finds no row."""

    statement: Statement
    parameters: dict[str, Any]
    refusal: Callable[[], PortError] | None

    def check(self, rows: list[Row]) -> None:
        if not rows and self.refusal is not None:
            raise self.refusal()


class Session:
    """Raises only errors of the ports, and defects as they are."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._connection: PoolConnectionProxy[Row] | None = None
        self._in_transaction = False
        self._held_back: _HeldBack | None = None
        # What a read of the catalog saw of the stock on the way; good until something is written.
        self.free_seen: dict[str, int | None] = {}

    async def read(self, statement: Statement, **parameters: Any) -> list[Row]:
        await self._catch_up()
        with translating():
            return await statement.fetch(await self._connected(), **parameters)

    async def read_one(self, statement: Statement, **parameters: Any) -> Row | None:
        rows = await self.read(statement, **parameters)
        return rows[0] if rows else None

    async def write(self, statement: Statement, **parameters: Any) -> list[Row]:
        await self._catch_up()
        return await self._write(statement, parameters)

    async def write_later(
        self, statement: Statement, *, refusal: Callable[[], PortError] | None = None, **parameters: Any
    ) -> None:
        """At the latest with the commit; that is also when it raises `refusal`, if it finds no row."""
        await self._catch_up()
        self._held_back = _HeldBack(statement, parameters, refusal)

    async def commit(self) -> None:
        """Raises OutcomeUnknown if the connection broke with the commit under way."""
        if self._held_back is not None and not self._in_transaction:
            await self._write_alone()
        else:
            await self._catch_up()
        if self._in_transaction and self._connection is not None:
            with translating(translated_at_commit):
                await self._connection.execute("COMMIT")
            self._in_transaction = False

    async def close(self) -> None:
        """Undoes what was not committed, and gives the connection back; a broken one undoes it by itself."""
        connection, self._connection = self._connection, None
        self._held_back = None
        if connection is None:
            return
        try:
            await _undo(connection)
        finally:
            await self._connections.give_back(connection)

    async def _catch_up(self) -> None:
        held_back, self._held_back = self._held_back, None
        if held_back is not None:
            held_back.check(await self._write(held_back.statement, held_back.parameters))

    async def _write(self, statement: Statement, parameters: dict[str, Any]) -> list[Row]:
        self.free_seen.clear()
        with translating():
            connection = await self._connected()
            if not self._in_transaction:
                await connection.execute("BEGIN")
                self._in_transaction = True
            return await statement.fetch(connection, **parameters)

    async def _write_alone(self) -> None:
        """The only write is a transaction by itself."""
        held_back, self._held_back = self._held_back, None
        if held_back is None:
            return
        with translating():
            connection = await self._connected()
        with translating(translated_at_commit):
            rows = await held_back.statement.fetch(connection, **held_back.parameters)
        held_back.check(rows)

    async def _connected(self) -> "PoolConnectionProxy[Row]":
        if self._connection is None:
            self._connection = await self._connections.take()
        return self._connection


async def _undo(connection: "PoolConnectionProxy[Row]") -> None:
    """Ends the transaction, if there is one. A connection that can't is dropped, and the server does it."""
    try:
        if connection.is_in_transaction():
            await connection.execute("ROLLBACK")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        _drop(connection)
    except asyncio.CancelledError:
        _drop(connection)
        raise


def _drop(connection: "PoolConnectionProxy[Row]") -> None:
    # One that broke has left the pool by itself, and answers to nothing any more.
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


async def run_alone(
    connections: Connections, statement: Statement, *, writes: bool = False, **parameters: Any
) -> list[Row]:
    """One statement in a transaction of its own. A write whose answer is lost raises OutcomeUnknown."""
    with translating():
        connection = await connections.take()
    try:
        with translating(translated_at_commit if writes else translated):
            return await statement.fetch(connection, **parameters)
    finally:
        await connections.give_back(connection)
