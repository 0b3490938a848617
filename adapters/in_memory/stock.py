"""Stock in memory, with the same arithmetic and the same refusals as the table's constraints."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.in_memory.storage import Transaction
from domain.errors import OutOfStock
from domain.identifiers import Sku
from domain.order import SkuQuantity
from ports.stock import StockLevel


class InMemoryStock:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._table = transaction.storage.stock

    async def free(self, skus: Sequence[Sku]) -> Mapping[Sku, int]:
        return {sku: self._table[sku].free for sku in skus if sku in self._table}

    async def hold(self, goods: Sequence[SkuQuantity]) -> None:
        await self._transaction.begin()
        short = [g.sku for g in goods if g.sku not in self._table or self._table[g.sku].free < g.quantity]
        if short:
            raise OutOfStock(skus=tuple(short))
        for piece in goods:
            level = self._table[piece.sku]
            self._put(replace(level, held=level.held + piece.quantity))

    async def confirm(self, goods: Sequence[SkuQuantity]) -> None:
        await self._transaction.begin()
        for piece in goods:
            level = self._table[piece.sku]
            self._put(replace(level, held=level.held - piece.quantity, sold=level.sold + piece.quantity))

    async def release(self, goods: Sequence[SkuQuantity], *, sold: bool) -> None:
        await self._transaction.begin()
        for piece in goods:
            level = self._table[piece.sku]
            if sold:
                self._put(replace(level, sold=level.sold - piece.quantity))
            else:
                self._put(replace(level, held=level.held - piece.quantity))

    async def receive(self, goods: Sequence[SkuQuantity]) -> None:
        await self._transaction.begin()
        for piece in goods:
            level = self._table.get(piece.sku) or StockLevel(sku=piece.sku, received=0, held=0, sold=0)
            if level.free + piece.quantity < 0:
                raise OutOfStock(skus=(piece.sku,))
            self._put(replace(level, received=level.received + piece.quantity))

    async def level(self, sku: Sku) -> StockLevel | None:
        return self._table.get(sku)

    def _put(self, level: StockLevel) -> None:
        if level.held < 0 or level.sold < 0 or level.free < 0:
            raise AssertionError(f"stock of {level.sku} does not add up")
        self._transaction.put(self._table, level.sku, level)
