"""Brings a database to the newest revision, or back to an older one."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from adapters.postgres.errors import translating

_FOLDER: Final = Path(__file__).parent / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Safe to run by several processes at once, and again. Raises Unavailable without a database."""
    _run(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Back to this revision; `base` is an empty database."""
    _run(url, lambda config: command.downgrade(config, revision))


def configuration() -> Config:
    """Alembic's, without an ini file: everything it needs is in this package."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def on_connection(url: str, work: Callable[[Connection], None]) -> None:
    """Does synchronous work on one connection of a SQLAlchemy engine.

    `url` is libpq's, as asyncpg reads it.
    """

    async def connect(*_: Any) -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(url)

    async def run() -> None:
        engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
        try:
            async with engine.connect() as connection:
                await connection.run_sync(work)
        finally:
            await engine.dispose()

    with translating():
        asyncio.run(run())


def _run(url: str, act: Callable[[Config], None]) -> None:
    def work(connection: Connection) -> None:
        config = configuration()
        config.attributes["connection"] = connection
        act(config)

    on_connection(url, work)
