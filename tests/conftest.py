"""Real servers for tests: each pytest-xdist worker starts its own, at the first test that needs one.

A server takes a second, and a worker that needs none starts none; sharing one would need a protocol between
workers for its birth and its end. DATABASE_URL and REDIS_URL are used instead where they are set.
"""

import os
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

from entrypoints.embedded.postgres import embedded_postgres
from entrypoints.embedded.valkey import embedded_valkey
from tests.databases import Databases, apart

# How long an example takes says something about the machine's other work, and nothing about FastCart.
settings.register_profile("fastcart", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("fastcart")


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Makes fresh databases on this worker's PostgreSQL."""
    with embedded_postgres(None, durable=False) as server:
        made = Databases(server.url)
        try:
            yield made
        finally:
            made.drop_all()


@pytest.fixture(scope="session")
def migrated_template(databases: Databases) -> str:
    """The name of a database with our schema, which is only ever copied."""
    from adapters.postgres.migrate import upgrade

    url = databases.new()
    apart(lambda: upgrade(url))
    return urlsplit(url).path.removeprefix("/")


@pytest.fixture(scope="session")
def database_url(databases: Databases, migrated_template: str) -> str:
    """A migrated database that all tests of this worker share."""
    return databases.new(migrated_template)


@pytest.fixture
def new_database_url(databases: Databases, migrated_template: str) -> Callable[[], str]:
    """Each call: a migrated database of the test's own."""
    return lambda: databases.new(migrated_template)


@pytest.fixture
def empty_database_url(databases: Databases) -> Callable[[], str]:
    """Each call: a database without any table, for the migrations themselves."""
    return databases.new


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Valkey that only this worker uses; on REDIS_URL's server, the database with the worker's number."""
    with embedded_valkey(None) as server:
        if "REDIS_URL" in os.environ:
            worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
            yield urlsplit(server.url)._replace(path=f"/{worker}").geturl()
        else:
            yield server.url
