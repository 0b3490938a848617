"""The replay's products, and more pieces of each than all baskets together could buy."""

import asyncio

from domain.catalog import Product
from domain.identifiers import Sku
from domain.order import SkuQuantity
from entrypoints.container import Container
from entrypoints.resources import open_resources
from entrypoints.settings import settings_from
from entrypoints.stack import Stack
from tests.replay.baskets import products

_PLENTY = 1_000_000_000


def stock_up(stack: Stack) -> int:
    """Imports every product; how many. They have no list price: each basket brings the till's."""
    wanted = [Product(sku=Sku(product.sku), title=product.title, prices=()) for product in products()]
    pieces = [
        SkuQuantity(sku=product.sku, quantity=_PLENTY) for product in sorted(wanted, key=lambda p: p.sku)
    ]

    async def put() -> None:
        settings = settings_from(stack.environment)
        async with open_resources(settings) as resources:
            await Container(settings=settings, resources=resources).put_products()(wanted, pieces)

    asyncio.run(put())
    return len(wanted)
