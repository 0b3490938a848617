"""A connection that knows since when it waits for its server, so that one watch serves all of them.

A timer for each statement, as asyncpg's `command_timeout` sets, costs a quarter of what a short statement
costs on the client's side.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import asyncpg


class WatchedConnection(asyncpg.Connection):
    """Opened by `asyncpg.connect(connection_class=...)`."""

    __slots__ = ("_now", "_waits_since")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._now = asyncio.get_running_loop().time
        self._waits_since: float | None = None

    async def ask(self, sql: str, arguments: Iterable[Any] = ()) -> list[asyncpg.Record]:
        """Runs one statement. Raises what asyncpg raises, also when the watch broke the connection off."""
        self._waits_since = self._now()
        try:
            return await self.fetch(sql, *arguments)
        finally:
            self._waits_since = None

    async def tell(self, command: str) -> None:
        """BEGIN, COMMIT or ROLLBACK."""
        self._waits_since = self._now()
        try:
            await self.execute(command)
        finally:
            self._waits_since = None

    def has_waited(self, seconds: float) -> bool:
        return self._waits_since is not None and self._now() - self._waits_since > seconds


async def break_off_silent(lent: Callable[[], Iterable[WatchedConnection]], after_seconds: float) -> None:
    """For good: ends each connection that has waited so long. Who waits is told that it is closed."""
    while True:
        await asyncio.sleep(after_seconds / 20)
        for connection in [*lent()]:
            if connection.has_waited(after_seconds):
                connection.terminate()
