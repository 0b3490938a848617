"""Who may import what: the inner rooms nothing foreign, each library only where it belongs."""

import sys
from collections.abc import Iterator

from tests.architecture.sources import INNER, PACKAGES, Source

HOMES: dict[str, tuple[str, ...]] = {
    "alembic": ("adapters/postgres",),
    "aioboto3": ("adapters/s3",),
    "argon2": ("adapters/argon2",),
    "asyncpg": ("adapters/postgres", "entrypoints/resources.py"),
    "babel": ("adapters", "entrypoints"),
    "botocore": ("adapters/s3",),
    "cryptography": ("entrypoints/sandbox",),
    "cyclopts": ("entrypoints/cli",),
    "dependency_injector": ("entrypoints/container.py",),
    "dramatiq": ("adapters/dramatiq", "entrypoints/worker", "entrypoints/resources.py"),
    "httpx": ("adapters", "entrypoints"),
    "litestar": ("entrypoints",),
    "msgspec": ("adapters", "entrypoints"),
    "openfeature": ("adapters/flags",),
    "redis": ("adapters/redis", "adapters/dramatiq"),
    "rich": ("entrypoints/cli",),
    "sendgrid": ("adapters/sendgrid",),
    "sqlalchemy": ("adapters/postgres",),
    "stripe": ("adapters/stripe",),
    "structlog": ("adapters", "entrypoints"),
    "uuid_utils": ("adapters",),
    "uvicorn": ("entrypoints",),
    "uvloop": ("entrypoints",),
}
"""Each library's home. One without a row has none, so a new library gets its row before its first import."""

_OURS = {*PACKAGES, "tests"}


def foreign_imports(source: Source) -> Iterator[str]:
    """Domain, ports and application live on the standard library."""
    if source.is_in(*INNER):
        for line, name in source.imports():
            if _is_foreign(name):
                yield f"{line}: imports {name}"


def libraries_away_from_home(source: Source) -> Iterator[str]:
    """A library's words stop at the edge of its folder."""
    if source.is_in("adapters", "entrypoints"):
        for line, name in source.imports():
            library = name.partition(".")[0]
            if _is_foreign(name) and not source.is_in(*HOMES.get(library, ())):
                yield f"{line}: imports {library}, whose home is {HOMES.get(library, 'in no table yet')}"


def wiring_outside_entrypoints(source: Source) -> Iterator[str]:
    """Whoever holds the container can reach everything, so only entrypoints do."""
    if source.is_in(*INNER, "adapters"):
        for line, name in source.imports():
            if f"{name}.".startswith("entrypoints."):
                yield f"{line}: imports {name}"


def _is_foreign(name: str) -> bool:
    top = name.partition(".")[0]
    return top not in sys.stdlib_module_names and top not in _OURS
