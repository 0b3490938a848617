"""Connections that are lent out: what a statement costs beyond itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from typing import Final

import asyncpg

from adapters.postgres.statement import Connection

_WAIT_SECONDS: Final = 10
_CLOSE_SECONDS: Final = 5


class Connections:
    """Lends up to `most` connections, opened as they are needed, and keeps those that come back at hand.

    asyncpg's own pool costs as much processor time for each statement as a short statement does: it wraps
    every call, and clears up after users that may leave anything behind. Ours end their transactions.
    """

    def __init__(self, open_one: Callable[[], Awaitable[Connection]], most: int) -> None:
        self._open_one = open_one
        self._most = most
        self._idle: list[Connection] = []
        self._lent: set[Connection] = set()
        self._free = asyncio.Semaphore(most)
        self._closed = False

    async def take(self) -> Connection:
        """One that is open, as far as anybody knows; the one used last, whose caches are warm.

        Raises TimeoutError when all stay lent for ten seconds, and what asyncpg raises when none can be
        opened, or when they are closed for good.
        """
        if self._closed:
            raise asyncpg.InterfaceError("the connections are closed")
        if self._free.locked():
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._free.acquire()
        else:
            await self._free.acquire()
        try:
            connection = self._idle_one() or await self._open_one()
        except BaseException:
            self._free.release()
            raise
        self._lent.add(connection)
        return connection

    def give_back(self, connection: Connection) -> None:
        """It must have no transaction open; a broken one goes."""
        self._lent.discard(connection)
        if not connection.is_closed():
            self._idle.append(connection)
        self._free.release()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[Connection]:
        """One for as long as the block lasts."""
        connection = await self.take()
        try:
            yield connection
        finally:
            self.give_back(connection)

    def lent_out(self) -> Collection[Connection]:
        return self._lent

    async def close(self) -> None:
        """Waits for those that are lent, but not for long; one that is never given back is broken off."""
        self._closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                for _ in range(self._most):
                    await self._free.acquire()
                await asyncio.gather(*(connection.close() for connection in self._idle))
        for connection in (*self._lent, *self._idle):
            connection.terminate()

    def _idle_one(self) -> "Connection | None":
        while self._idle:
            if not (connection := self._idle.pop()).is_closed():
                return connection
        return None
