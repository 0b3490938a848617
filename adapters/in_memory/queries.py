"""The read side, over what is committed."""

from collections import Counter
from collections.abc import Mapping, Sequence

from adapters.in_memory.storage import OrderRecord, Storage
from domain.catalog import Product
from domain.events import Event
from domain.identifiers import OrderId
from domain.journal import Account
from domain.order import Order, OrderState
from ports.queries import AccountBalance, OrderSummary
from ports.stock import StockLevel


class InMemoryQueries:
    """Implements `ports.queries.Queries`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def orders(
        self, after: OrderId | None, limit: int, state: OrderState | None
    ) -> Sequence[OrderSummary]:
        ids = sorted((i for i in self._storage.orders if after is None or i < after), reverse=True)
        found = (self._storage.orders[order_id].facts.order for order_id in ids)
        wanted = [order for order in found if state is None or order.state is state]
        return [_summary(order) for order in wanted[:limit]]

    async def timeline(self, order_id: OrderId) -> Sequence[Event]:
        record = self._storage.orders.get(order_id)
        return record.events if record else ()

    async def balances(self, order_id: OrderId) -> Sequence[AccountBalance]:
        record = self._storage.orders.get(order_id)
        sums = balances_of(record) if record else {}
        accounts = sorted(sums, key=lambda account: account.value)
        return [AccountBalance(account=account, minor=sums[account]) for account in accounts]

    async def products(self, after: str | None, limit: int) -> Sequence[Product]:
        skus = sorted(sku for sku in self._storage.products if after is None or sku > after)
        return [self._storage.products[sku] for sku in skus[:limit]]

    async def stock(self, after: str | None, limit: int) -> Sequence[StockLevel]:
        skus = sorted(sku for sku in self._storage.stock if after is None or sku > after)
        return [self._storage.stock[sku] for sku in skus[:limit]]


def balances_of(record: OrderRecord) -> Mapping[Account, int]:
    sums: Counter[Account] = Counter()
    for entry in record.entries:
        for posting in entry.postings:
            sums[posting.account] += posting.amount.minor
    return sums


def _summary(order: Order) -> OrderSummary:
    return OrderSummary(
        id=order.id,
        state=order.state,
        total_minor=order.total.minor,
        currency=order.total.currency.code,
        placed_at=order.placed_at,
    )
