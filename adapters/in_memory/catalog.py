"""Products and discount codes in memory."""

from collections.abc import Sequence

from adapters.in_memory.storage import Transaction
from domain.catalog import DiscountCode, Product
from domain.identifiers import Sku


class InMemoryCatalog:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._storage = transaction.storage

    async def products(self, skus: Sequence[Sku]) -> Sequence[Product]:
        found = (self._storage.products.get(sku) for sku in skus)
        return [product for product in found if product is not None and product.active]

    async def put(self, products: Sequence[Product]) -> None:
        await self._transaction.begin()
        for product in products:
            self._transaction.put(self._storage.products, product.sku, product)

    async def discount(self, code: str) -> DiscountCode | None:
        return self._storage.discounts.get(code.lower())

    async def put_discount(self, discount: DiscountCode) -> None:
        await self._transaction.begin()
        self._transaction.put(self._storage.discounts, discount.code.lower(), discount)
