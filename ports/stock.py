"""Stock that our own database keeps: it takes part in the unit of work, so effect and record are one
commit.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.identifiers import ReceiptId, Sku
from domain.order import SkuQuantity
from domain.values import value


@value
class StockLevel:
    """`received = held + sold + free`, always."""

    sku: Sku
    received: int
    held: int
    sold: int

    @property
    def free(self) -> int:
        return self.received - self.held - self.sold


@value
class StockReceipt:
    """Pieces that the merchant says arrived, or with a negative quantity are gone."""

    id: ReceiptId
    sku: Sku
    quantity: int
    at: datetime


class StockLedger(Protocol):
    async def free(self, skus: Sequence[Sku]) -> Mapping[Sku, int]:
        """How many pieces of each could be held now; a SKU that has no stock is missing."""

    async def hold(self, goods: Sequence[SkuQuantity], *, at_once: bool = True) -> None:
        """Holds all of it or nothing.

        `goods` is aggregated and sorted by SKU. Raises OutOfStock, naming the SKUs; if it need not be
        `at_once`, at the latest with the commit.
        """

    async def confirm(self, goods: Sequence[SkuQuantity]) -> None:
        """What is held becomes sold, all of it or nothing.

        Raises ConcurrentChange, at the latest with the commit, if so much is not held: somebody moved it.
        """

    async def release(self, goods: Sequence[SkuQuantity], *, sold: bool) -> None:
        """What is held (or, with `sold`, what is sold) becomes free again, all of it or nothing.

        Raises ConcurrentChange, at the latest with the commit, if so much is not there.
        """

    async def receive(self, goods: Sequence[SkuQuantity]) -> None:
        """Pieces arrived; a negative quantity writes free ones off.

        Raises OutOfStock if so many aren't free.
        """

    async def book(self, receipt: StockReceipt) -> bool:
        """Receives the pieces of a receipt and records it; False, and nothing received, if it was booked
        before.

        Raises OutOfStock if so many aren't free.
        """

    async def level(self, sku: Sku) -> StockLevel | None: ...
