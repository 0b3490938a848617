"""What shoppers do, against the running service, in a shop whose goods the sandbox's inventory service keeps:
over mutual TLS.
"""

from collections.abc import Iterator

import pytest
from pytest_bdd import scenarios

from tests.bdd.goods_at_a_service import HttpShopAtAService
from tests.bdd.http_service import Service, running_service
from tests.bdd.last_words import LAST_WORDS
from tests.bdd.shop import Shop
from tests.databases import Databases

scenarios("payment", "stock")


@pytest.fixture(scope="module")
def service(
    databases: Databases, migrated_template: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """On a database of its own: its worker takes up whatever is due in there."""
    database_url, logs = databases.new(migrated_template), tmp_path_factory.mktemp("service")
    with running_service(database_url, redis_url, logs, {"FASTCART_STOCK": "service"}) as running:
        yield running


@pytest.fixture
def shop(service: Service, request: pytest.FixtureRequest) -> Iterator[Shop]:
    request.node.stash[LAST_WORDS] = service.last_words
    with HttpShopAtAService(service) as shop:
        yield shop
