"""One connection for one unit of work, with as few round trips as can be.

It is taken at first use. Reads before the first write run on their own, each on the newest committed state:
nothing relies on two reads agreeing, since an order is read in one statement and every write is conditional
on the version, or the stock, that is there by then. The first write begins the transaction. A write whose
result nobody waits for is held back until the next statement, or the commit: a single one needs neither
BEGIN nor COMMIT. A move of stock waits for the write of the order that it is for, and becomes a part of it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from adapters.postgres.claims import claim_to_come
from adapters.postgres.connections import Connections
from adapters.postgres.errors import translated, translated_at_commit, translating
from adapters.postgres.statement import Connection, Row, Statement
from adapters.postgres.stock_moves import Move, wanted
from domain.catalog import Product
from domain.order import SkuQuantity
from ports.errors import ConcurrentChange

Refusal = Callable[[], Awaitable[Exception]]


async def outdated() -> Exception:
    """The refusal of a write that was made for a state that is no longer there."""
    return ConcurrentChange()


@dataclass(frozen=True, slots=True)
class StockMove:
    """A move that waits for the order's write, to become a part of it."""

    move: Move
    goods: Sequence[SkuQuantity]
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class _HeldBack:
    """A write, the refusal that it means when it finds too few rows, and how many it must find."""

    statement: Statement
    parameters: dict[str, Any]
    refusal: Refusal | None
    rows: int = 1
    joined_by: Callable[[str], Statement] | None = None

    async def check(self, rows: list[Row]) -> None:
        if self.refusal is not None and len(rows) < self.rows:
            raise await self.refusal()


@dataclass(slots=True)
class Seen:
    """What was read along with something else, by SKU; good until something is written.

    `free` None: a product that no stock is kept of.
    """

    products: dict[str, Product] = field(default_factory=dict)
    free: dict[str, int | None] = field(default_factory=dict)


class Session:
    """Raises only errors of the ports, and defects as they are."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._connection: Connection | None = None
        self._in_transaction = False
        self._held_back: _HeldBack | None = None
        self._move: StockMove | None = None
        self._when_committed: list[Callable[[], None]] = []
        self.seen = Seen()

    async def read(self, statement: Statement, **parameters: Any) -> list[Row]:
        if self._is_behind:
            await self._catch_up()
        with translating():
            connection = self._connection or await self._connected()
            if (claim := claim_to_come()) is not None:
                return await claim.along(statement, connection, parameters)
            return await statement.fetch_given(connection, parameters)

    async def read_one(self, statement: Statement, **parameters: Any) -> Row | None:
        rows = await self.read(statement, **parameters)
        return rows[0] if rows else None

    async def write(self, statement: Statement, **parameters: Any) -> list[Row]:
        await self._catch_up()
        return await self._write(statement, parameters)

    async def write_now(self, statement: Statement, **parameters: Any) -> list[Row]:
        """A transaction by itself, unless one is under way: for what nobody takes back, such as a lease.

        Raises OutcomeUnknown if the connection broke meanwhile.
        """
        await self._catch_up()
        if self._in_transaction:
            return await self._write(statement, parameters)
        with translating():
            connection = await self._claimed()
        with translating(translated_at_commit):
            return await statement.fetch(connection, **parameters)

    async def write_later(
        self,
        statement: Statement,
        *,
        refusal: Refusal | None = None,
        joined_by: Callable[[str], Statement] | None = None,
        **parameters: Any,
    ) -> None:
        """At the latest with the commit; that is also when it raises `refusal`, if it finds no row.

        `joined_by` makes the statement that has one more part.
        """
        if self._is_behind:
            await self._catch_up()
        self._held_back = _HeldBack(statement, parameters, refusal, joined_by=joined_by)

    def join_new_order(self, part: str, parameters: dict[str, Any]) -> bool:
        """Makes a write a part of that of a new order, if one is held back. Outdated, it refuses both."""
        held_back = self._held_back
        if held_back is None or held_back.joined_by is None:
            return False
        statement, refusal = held_back.joined_by(part), held_back.refusal or outdated
        self._held_back = _HeldBack(statement, held_back.parameters | parameters, refusal)
        return True

    async def move_later(self, move: Move, goods: Sequence[SkuQuantity], refusal: Refusal) -> None:
        """Moves pieces together with the next write of an order, or by itself if something else comes."""
        await self._catch_up()
        self._move = StockMove(move, goods, refusal)

    def taken_move(self) -> StockMove | None:
        """The move that waits; whoever takes it writes it."""
        move, self._move = self._move, None
        return move

    async def commit(self) -> None:
        """Raises OutcomeUnknown if the connection broke with the commit under way."""
        if (move := self.taken_move()) is not None:
            await self._write_by_itself(move)
        if self._held_back is not None and not self._in_transaction:
            await self._write_alone()
        elif self._is_behind:
            await self._catch_up()
        if self._in_transaction and self._connection is not None:
            with translating(translated_at_commit):
                await self._connection.tell("COMMIT")
            self._in_transaction = False
        for committed in self._when_committed:
            committed()
        self._when_committed.clear()

    def when_committed(self, committed: Callable[[], None]) -> None:
        """Calls back once what was written is there for good."""
        self._when_committed.append(committed)

    async def close(self) -> None:
        """Undoes what was not committed, and gives the connection back; a broken one undoes it by itself."""
        connection, self._connection = self._connection, None
        self._held_back = self._move = None
        if connection is None:
            return
        try:
            if connection.is_closed() or connection.is_in_transaction():
                await _undo(connection)
        finally:
            self._connections.give_back(connection)

    @property
    def _is_behind(self) -> bool:
        return self._held_back is not None or self._move is not None

    async def _catch_up(self) -> None:
        if (move := self.taken_move()) is not None:
            await self._write_by_itself(move)
        held_back, self._held_back = self._held_back, None
        if held_back is not None:
            await held_back.check(await self._write(held_back.statement, held_back.parameters))

    async def _write_by_itself(self, move: StockMove) -> None:
        statement, parameters = move.move.statement(move.goods), wanted(move.goods)
        await _HeldBack(statement, parameters, move.refusal, len(move.goods)).check(
            await self._write(statement, parameters)
        )

    async def _write(self, statement: Statement, parameters: dict[str, Any]) -> list[Row]:
        self.seen = Seen()
        with translating():
            connection = await self._claimed()
            if not self._in_transaction:
                await connection.tell("BEGIN")
                self._in_transaction = True
            return await statement.fetch_given(connection, parameters)

    async def _write_alone(self) -> None:
        """The only write is a transaction by itself."""
        held_back, self._held_back = self._held_back, None
        if held_back is None:
            return
        with translating():
            connection = await self._claimed()
        with translating(translated_at_commit):
            rows = await held_back.statement.fetch_given(connection, held_back.parameters)
        await held_back.check(rows)

    async def _claimed(self) -> Connection:
        """The connection to write with: before a request's first write stands its claim."""
        connection = self._connection or await self._connected()
        if (claim := claim_to_come()) is not None:
            await claim.alone(connection)
        return connection

    async def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = await self._connections.take()
        return self._connection


async def _undo(connection: Connection) -> None:
    """Ends the transaction. A connection that can't is dropped, and the server does it."""
    try:
        if not connection.is_closed():
            await connection.tell("ROLLBACK")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        connection.terminate()
    except asyncio.CancelledError:
        connection.terminate()
        raise


async def run_alone(
    connections: Connections, statement: Statement, *, writes: bool = False, **parameters: Any
) -> list[Row]:
    """One statement in a transaction of its own. A write whose answer is lost raises OutcomeUnknown."""
    with translating():
        connection = await connections.take()
    try:
        if writes and (claim := claim_to_come()) is not None:
            with translating():
                await claim.alone(connection)
        with translating(translated_at_commit if writes else translated):
            return await statement.fetch(connection, **parameters)
    finally:
        connections.give_back(connection)
