"""Stock that an inventory service keeps: holds, confirmed when the money is promised, or released.

Every write takes the id of its persisted attempt as the idempotency key, and is safe to repeat: repeating it
with the same key and arguments has one effect, and answers what became of it. So a doubt is seen through by
the same call once more. Too few pieces are no error but an answer, and so are a hold that has expired, is
unknown, was released or was confirmed before: see the snapshot. All raise Rejected (the question makes no
sense to the service), Unavailable or OutcomeUnknown, and nothing else.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from domain.identifiers import AttemptId, OrderId, Sku
from domain.order import SkuQuantity
from domain.reservation import HoldSnapshot
from domain.stock_comparison import KnownHold
from domain.values import value


@value
class HoldRequest:
    """All that an order needs, each SKU once, for so long; whole minutes, rounded up, where a service counts
    in those.
    """

    order_id: OrderId
    goods: tuple[SkuQuantity, ...]
    duration: timedelta


class InventoryService(Protocol):
    async def available(self, skus: Sequence[Sku]) -> Mapping[Sku, int]:
        """How many pieces of each could be held about now; 0 for a SKU that the service doesn't know, and
        none for one that it could not be asked about. Raises nothing: it is for show, and asked within 3 s.
        """

    async def reserve(self, request: HoldRequest, key: AttemptId) -> HoldSnapshot:
        """HELD; PARTIAL, where less is held than was asked for; or REFUSED, where nothing is.

        The last two name the SKUs.
        """

    async def confirm(self, reference: str, order_id: OrderId, key: AttemptId) -> HoldSnapshot:
        """CONFIRMED, now or before; EXPIRED, RELEASED or LOST where there is nothing to confirm any more."""

    async def release(self, reference: str, key: AttemptId) -> HoldSnapshot:
        """RELEASED, now or before; EXPIRED or LOST where there is nothing to release any more; CONFIRMED
        where the goods were sold before, and stay so.
        """

    async def find(self, order_id: OrderId) -> Sequence[KnownHold]:
        """All holds of an order, for the stock report. Raises Rejected where that can't be asked."""
