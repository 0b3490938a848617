"""A stocked shop for each test."""

import pytest

from tests.application.shop import Shop


@pytest.fixture
async def shop() -> Shop:
    return await Shop().stocked()
