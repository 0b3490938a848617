"""Every scenario with the application's own use-cases, and everything around them in memory."""

from collections.abc import Iterator

import pytest
from pytest_bdd import scenarios

from tests.bdd.in_memory_shop import InMemoryShop
from tests.bdd.in_memory_stories import Stories
from tests.bdd.shop import Shop
from tests.bdd.tags import has_carriers

scenarios(".")


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    with InMemoryShop(Stories(carriers=has_carriers(request))) as shop:
        yield shop
