"""Connections that are lent out: what a statement costs beyond itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from adapters.postgres.statement import Pool, Row

_WAIT_SECONDS: Final = 10


class Connections:
    """Lends the connections of an asyncpg pool, and keeps those that come back at hand.

    The pool opens, counts and closes them. Its own way of lending costs as much processor time as a short
    statement, because it clears up after users that may leave anything behind; ours end their transactions.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._idle: list[PoolConnectionProxy[Row]] = []
        self._free = asyncio.Semaphore(pool.get_max_size())

    async def take(self) -> "PoolConnectionProxy[Row]":
        """One that is open, as far as anybody knows; the one used last, whose caches are warm.

        Raises TimeoutError when all stay lent for ten seconds, and what asyncpg raises when none can be
        opened.
        """
        if self._free.locked():
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._free.acquire()
        else:
            await self._free.acquire()
        try:
            while self._idle:
                if _is_open(connection := self._idle.pop()):
                    return connection
                await self._pool.release(connection)
            return await self._pool.acquire(timeout=_WAIT_SECONDS)
        except BaseException:
            self._free.release()
            raise

    async def give_back(self, connection: "PoolConnectionProxy[Row]") -> None:
        """It must have no transaction open; a broken one goes."""
        try:
            if _is_open(connection):
                self._idle.append(connection)
            else:
                await self._pool.release(connection)
        finally:
            self._free.release()

    @asynccontextmanager
    async def lent(self) -> "AsyncIterator[PoolConnectionProxy[Row]]":
        """One for as long as the block lasts."""
        connection = await self.take()
        try:
            yield connection
        finally:
            await self.give_back(connection)

    async def close(self) -> None:
        """Gives the idle ones back to the pool; nobody may take one any more."""
        while self._idle:
            await self._pool.release(self._idle.pop())


def _is_open(connection: "PoolConnectionProxy[Row]") -> bool:
    """One that broke has left the pool by itself, and refuses to answer."""
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:
        return False
