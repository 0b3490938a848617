"""Products by SKU, and discount codes in either case."""

from collections.abc import Sequence

from adapters.in_memory.transaction import Transaction
from domain.catalog import DiscountCode, Product
from domain.identifiers import Sku


class InMemoryCatalog:
    """Implements `ports.unit_of_work.Catalog`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def products(self, skus: Sequence[Sku]) -> Sequence[Product]:
        found = (self._transaction.products.get(sku) for sku in dict.fromkeys(skus))
        return [product for product in found if product is not None and product.active]

    async def has(self, sku: Sku) -> bool:
        return self._transaction.products.get(sku) is not None

    async def put(self, products: Sequence[Product]) -> None:
        await self._transaction.turn_to_write()
        for product in products:
            self._transaction.products.put(product.sku, product)

    async def discount(self, code: str) -> DiscountCode | None:
        return self._transaction.discounts.get(code.casefold())

    async def put_discount(self, discount: DiscountCode) -> None:
        await self._transaction.turn_to_write()
        self._transaction.discounts.put(discount.code.casefold(), discount)
