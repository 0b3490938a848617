"""What was recorded, for a comparison: read in sets, never order by order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.comparison import OrderBooks
from domain.identifiers import OrderId
from domain.period import Period
from ports.stock import StockLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class StockGap:
    """A SKU whose stock isn't what the orders hold and have bought, or of which less than nothing is free."""

    level: StockLevel
    held_by_orders: int
    sold_by_orders: int

    @property
    def is_one(self) -> bool:
        agrees = (self.level.held, self.level.sold) == (self.held_by_orders, self.sold_by_orders)
        return not agrees or self.level.free < 0


class Books(Protocol):
    async def orders_moved(self, period: Period) -> Sequence[OrderId]:
        """Those that were placed within the period, or whose payment, refund or dispute was made within it,
        in the order in which they were placed.
        """

    async def orders_of_payments(self, provider: str, references: Sequence[str]) -> Mapping[str, OrderId]:
        """The order of each payment that we know by the provider's reference."""

    async def of_orders(self, order_ids: Sequence[OrderId]) -> Mapping[OrderId, OrderBooks]:
        """Each order as of one moment; one that there is not is missing."""

    async def stock_gaps(self) -> Sequence[StockGap]:
        """By SKU, over all orders that there ever were whose goods are our own stock, as of one moment."""
