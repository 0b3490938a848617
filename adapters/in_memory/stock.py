"""The stock ledger: all of it or nothing."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from adapters.in_memory.transaction import Transaction
from domain.errors import OutOfStock
from domain.identifiers import Sku
from domain.order import SkuQuantity
from domain.values import replace
from ports.errors import ConcurrentChange
from ports.stock import StockLevel, StockReceipt


class InMemoryStock:
    """Implements `ports.stock.StockLedger`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def free(self, skus: Sequence[Sku]) -> Mapping[Sku, int]:
        levels = (self._transaction.stock.get(sku) for sku in skus)
        return {level.sku: level.free for level in levels if level is not None}

    async def hold(self, goods: Sequence[SkuQuantity], *, at_once: bool = True) -> None:
        await self._transaction.turn_to_write()
        self._require_free(goods)
        self._change(goods, lambda level, count: replace(level, held=level.held + count))

    async def confirm(self, goods: Sequence[SkuQuantity]) -> None:
        await self._transaction.turn_to_write()
        if any(self._level(good.sku).held < good.quantity for good in goods):
            raise ConcurrentChange
        self._change(
            goods, lambda level, count: replace(level, held=level.held - count, sold=level.sold + count)
        )

    async def release(self, goods: Sequence[SkuQuantity], *, sold: bool) -> None:
        await self._transaction.turn_to_write()
        for good in goods:
            level = self._level(good.sku)
            if (level.sold if sold else level.held) < good.quantity:
                raise ConcurrentChange
        if sold:
            self._change(goods, lambda level, count: replace(level, sold=level.sold - count))
        else:
            self._change(goods, lambda level, count: replace(level, held=level.held - count))

    async def receive(self, goods: Sequence[SkuQuantity]) -> None:
        await self._transaction.turn_to_write()
        pieces: Counter[Sku] = Counter()
        for good in goods:
            pieces[good.sku] += good.quantity
        self._require_free(
            [SkuQuantity(sku=sku, quantity=-count) for sku, count in pieces.items() if count < 0]
        )
        changes = [SkuQuantity(sku=sku, quantity=count) for sku, count in pieces.items()]
        self._change(changes, lambda level, count: replace(level, received=level.received + count))

    async def book(self, receipt: StockReceipt) -> bool:
        await self._transaction.turn_to_write()
        if self._transaction.stock_receipts.get(receipt.id) is not None:
            return False
        await self.receive([SkuQuantity(sku=receipt.sku, quantity=receipt.quantity)])
        self._transaction.stock_receipts.put(receipt.id, receipt)
        return True

    async def level(self, sku: Sku) -> StockLevel | None:
        return self._transaction.stock.get(sku)

    def _require_free(self, goods: Sequence[SkuQuantity]) -> None:
        if short := tuple(good.sku for good in goods if self._level(good.sku).free < good.quantity):
            raise OutOfStock(skus=tuple(sorted(short)))

    def _level(self, sku: Sku) -> StockLevel:
        return self._transaction.stock.get(sku) or StockLevel(sku=sku, received=0, held=0, sold=0)

    def _change(self, goods: Sequence[SkuQuantity], change: Callable[[StockLevel, int], StockLevel]) -> None:
        for good in goods:
            self._transaction.stock.put(good.sku, change(self._level(good.sku), good.quantity))
