"""A stocked shop for each test, and one whose provider tells later."""

import pytest

from tests.application.late_shop import LateShop
from tests.application.shop import Shop


@pytest.fixture
async def shop() -> Shop:
    return await Shop().stocked()


@pytest.fixture
async def late() -> LateShop:
    return await LateShop().stocked()
