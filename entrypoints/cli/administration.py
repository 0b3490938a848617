"""What commands share that work on the database alone: no vendor's key is asked for, and every failure ends
with what can be done about it.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Final, TypeVar

from cyclopts import Parameter, validators

from entrypoints.cli.endings import NotDone
from entrypoints.container import Container
from entrypoints.resources import open_resources
from entrypoints.settings import Settings, SettingsRefused, settings_from
from ports.errors import Unavailable

T = TypeVar("T")
# None at all would look as if there were nothing to list.
Limit = Annotated[
    int, Parameter(help="How many at the most.", validator=validators.Number(gte=1, lte=1_000_000))
]

_NO_VENDORS: Final = {
    "FASTCART_PAYMENTS": "simulated",
    "FASTCART_EMAIL": "none",
    "FASTCART_TAXES": "built_in",
    "FASTCART_WORKER": "separate",
    "REDIS_URL": "",
}
_UNDEFINED_TABLE: Final = "42P01"


def database_settings() -> Settings:
    """Only DATABASE_URL has to be set. Raises NotDone, saying what is wrong."""
    try:
        return settings_from({**os.environ, **_NO_VENDORS})
    except SettingsRefused as refused:
        raise NotDone(f"This can't be done with this environment:\n{refused}") from None


def administer(story: Callable[[Container], Awaitable[T]]) -> T:
    """What the story gives. Raises NotDone without settings, a database, or its tables."""
    settings = database_settings()

    async def tell() -> T:
        async with open_resources(settings) as resources:
            return await story(Container(settings=settings, resources=resources))

    with failures_explained():
        return asyncio.run(tell())


def said(text: str, option: str) -> str:
    """What somebody says of an act. Raises NotDone for blanks: whoever acts says who and why."""
    if not text.strip():
        raise NotDone(f"Nothing was changed: {option} may not be empty.")
    return text.strip()


@contextmanager
def failures_explained() -> Iterator[None]:
    """Raises NotDone with the remedy for a database that is away or not migrated."""
    try:
        yield
    except Unavailable as away:
        raise NotDone(
            f"The database of DATABASE_URL can't be reached ({away.reason}). Is the server running, and are"
            " host, port, name and password right?"
        ) from None
    except Exception as error:
        if getattr(error, "sqlstate", None) == _UNDEFINED_TABLE:
            raise NotDone("The database has no tables for this yet. Run `fastcart migrate` first.") from None
        raise
