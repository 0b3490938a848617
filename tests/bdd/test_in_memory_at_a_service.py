"""What shoppers do, in memory, in a shop whose goods an inventory service keeps."""

from collections.abc import Iterator

import pytest
from pytest_bdd import scenarios

from tests.bdd.goods_at_a_service import InMemoryShopAtAService
from tests.bdd.shop import Shop

scenarios("checkout", "payment", "stock")


@pytest.fixture
def shop() -> Iterator[Shop]:
    with InMemoryShopAtAService() as shop:
        yield shop
