"""Fresh databases on a running PostgreSQL: copies of a migrated one, which is quicker than migrating."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

T = TypeVar("T")


class Databases:
    """Makes databases with names of their own, and drops them all at the end."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._made: list[str] = []

    def new(self, template: str = "template0") -> str:
        """The URL of a copy of the template; nobody may be connected to that."""
        name = f"fastcart_test_{uuid4().hex}"
        # FILE_COPY is several times quicker here than writing the copy through the WAL, PostgreSQL's default.
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        self._made.append(name)
        return urlsplit(self._server_url)._replace(path=f"/{name}").geturl()

    def drop_all(self) -> None:
        while self._made:
            self._execute(f'DROP DATABASE IF EXISTS "{self._made.pop()}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(self._server_url)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        apart(lambda: asyncio.run(execute()))


def apart(work: Callable[[], T]) -> T:
    """Runs it in a thread of its own: where an event loop runs already, a second one can't."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(work).result()
