"""Every scenario against the running service: real processes, PostgreSQL, Valkey, and Stripe's sandbox."""

from collections.abc import Iterator

import pytest
from pytest_bdd import scenarios

from tests.bdd.http_service import CARRIERS, Service, running_service
from tests.bdd.http_shop import HttpShop
from tests.bdd.last_words import LAST_WORDS
from tests.bdd.shop import Shop
from tests.bdd.tags import has_carriers
from tests.databases import Databases

scenarios(".")


@pytest.fixture(scope="module")
def service(
    databases: Databases, migrated_template: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """On a database of its own: its worker takes up whatever is due in there."""
    database_url = databases.new(migrated_template)
    with running_service(database_url, redis_url, tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture(scope="module")
def service_with_carriers(
    databases: Databases, migrated_template: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("carriers")
    with running_service(databases.new(migrated_template), redis_url, folder, CARRIERS) as running:
        yield running


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    service: Service = request.getfixturevalue(
        "service_with_carriers" if has_carriers(request) else "service"
    )
    request.node.stash[LAST_WORDS] = service.last_words
    with HttpShop(service) as shop:
        yield shop
