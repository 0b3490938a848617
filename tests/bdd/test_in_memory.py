"""Every scenario with the application's own use-cases, and everything around them in memory."""

from collections.abc import Iterator

import pytest
from pytest_bdd import scenarios

from tests.bdd.in_memory_shop import InMemoryShop
from tests.bdd.shop import Shop

scenarios(".")


@pytest.fixture
def shop() -> Iterator[Shop]:
    with InMemoryShop() as shop:
        yield shop
