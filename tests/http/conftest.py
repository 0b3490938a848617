"""An API of its own for each test, over a shop with ten pieces of tea."""

from collections.abc import AsyncIterator

import pytest

from tests.application.shop import Shop
from tests.http.api import Api, api_over


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    made = await api_over(await Shop().stocked())
    async with made.http:
        yield made
