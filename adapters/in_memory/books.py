"""What was recorded, for a comparison, over what is committed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from adapters.in_memory.queries import balances_of
from adapters.in_memory.storage import OrderRecord, Storage
from domain.comparison import OrderBooks
from domain.identifiers import OrderId, Sku
from domain.order_facts import OrderFacts
from domain.period import Period
from domain.reservation import ReservationState
from ports.books import StockGap


class InMemoryBooks:
    """Implements `ports.books.Books`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def orders_moved(self, period: Period) -> Sequence[OrderId]:
        records = self._storage.orders.values()
        return [r.facts.order.id for r in records if any(map(period.covers, _moments(r.facts)))]

    async def orders_of_payments(self, provider: str, references: Sequence[str]) -> Mapping[str, OrderId]:
        known = self._storage.order_of_payment
        return {ref: known[provider, ref] for ref in references if (provider, ref) in known}

    async def of_orders(self, order_ids: Sequence[OrderId]) -> Mapping[OrderId, OrderBooks]:
        orders = self._storage.orders
        return {order_id: _books(orders[order_id]) for order_id in order_ids if order_id in orders}

    async def stock_gaps(self) -> Sequence[StockGap]:
        held: Counter[Sku] = Counter()
        sold: Counter[Sku] = Counter()
        for record in self._storage.orders.values():
            _add_goods(record.facts, held, sold)
        levels = sorted(self._storage.stock.items())
        gaps = [
            StockGap(level=level, held_by_orders=held[sku], sold_by_orders=sold[sku]) for sku, level in levels
        ]
        return [gap for gap in gaps if gap.is_one]


def _moments(facts: OrderFacts) -> Iterator[datetime]:
    yield facts.order.placed_at
    yield from (payment.created_at for payment in facts.payments)
    yield from (refund.created_at for refund in facts.refunds)
    yield from (dispute.opened_at for dispute in facts.disputes)


def _books(record: OrderRecord) -> OrderBooks:
    return OrderBooks(facts=record.facts, balances=balances_of(record), due_at=record.due_at)


def _add_goods(facts: OrderFacts, held: Counter[Sku], sold: Counter[Sku]) -> None:
    pieces = {ReservationState.HELD: held, ReservationState.CONFIRMED: sold}
    hold = facts.reservation
    if hold is not None and hold.service is None and (where := pieces.get(hold.state)) is not None:
        for good in facts.order.goods_of(facts.sale.pieces_out()):
            where[good.sku] += good.quantity
