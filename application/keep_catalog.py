"""Stories: products, discount codes and stock are kept by the merchant."""

from collections.abc import Sequence

from domain.catalog import DiscountCode, Product
from domain.identifiers import ReceiptId, Sku
from domain.order import SkuQuantity
from ports.clock import Clock
from ports.stock import StockLevel, StockReceipt
from ports.unit_of_work import UnitOfWorkFactory


class PutProducts:
    """Adds or replaces products by SKU, all of them or none. Repeating it changes nothing."""

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work

    async def __call__(self, products: Sequence[Product], pieces: Sequence[SkuQuantity] = ()) -> None:
        """`pieces` arrive in stock in the same commit."""
        async with self._unit_of_work() as uow:
            await uow.catalog.put(products)
            if pieces:
                await uow.stock.receive(pieces)
            await uow.commit()


class PutDiscountCode:
    """Adds or replaces a code."""

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work

    async def __call__(self, discount: DiscountCode) -> None:
        async with self._unit_of_work() as uow:
            await uow.catalog.put_discount(discount)
            await uow.commit()


class ReceiveStock:
    """Pieces arrive, or are written off with a negative quantity. Idempotent by receipt."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    async def __call__(
        self, sku: Sku, quantity: int, receipt_id: ReceiptId | None = None
    ) -> StockLevel | None:
        """Without a `receipt_id` each call counts. None: there is no such product, and never was stock of it.

        Raises OutOfStock when more would be written off than is free.
        """
        receipt = StockReceipt(
            id=receipt_id or ReceiptId(self._clock.new_id("rcp")),
            sku=sku,
            quantity=quantity,
            at=self._clock.now(),
        )
        async with self._unit_of_work() as uow:
            # Of a misspelt SKU nobody would ever sell what came; a product that is gone may have pieces left.
            if not await uow.catalog.has(sku) and await uow.stock.level(sku) is None:
                return None
            await uow.stock.book(receipt)
            await uow.commit()
        return await self.level(sku)

    async def level(self, sku: Sku) -> StockLevel | None:
        """What there is of it; None if it never had stock."""
        async with self._unit_of_work() as uow:
            return await uow.stock.level(sku)
