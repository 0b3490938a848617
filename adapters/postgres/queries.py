"""The read side: lists by key, an order's timeline, and the balances of its journal."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import Integer, func, or_, select
from sqlalchemy.dialects.postgresql import BIGINT

from adapters.postgres.catalog import product_from
from adapters.postgres.session import run_alone
from adapters.postgres.statement import Pool, Statement, parameter
from adapters.postgres.stock import level_from
from adapters.postgres.tables import CODE, journal_entries, order_events, orders, products, stock
from domain.catalog import Product
from domain.events import Event, EventKind
from domain.identifiers import OrderId
from domain.journal import Account
from domain.order import OrderState
from ports.queries import AccountBalance, OrderSummary
from ports.stock import StockLevel

_AFTER: Final = parameter("after", CODE)
_LIMIT: Final = parameter("limit", Integer())
_STATE: Final = parameter("state", CODE)
_ORDER: Final = parameter("order_id", CODE)

_ORDERS = Statement(
    select(orders.c.id, orders.c.state, orders.c.total_minor, orders.c.currency, orders.c.placed_at)
    .where(or_(_AFTER.is_(None), orders.c.id < _AFTER), or_(_STATE.is_(None), orders.c.state == _STATE))
    .order_by(orders.c.id.desc())
    .limit(_LIMIT)
)
_TIMELINE = Statement(
    select(order_events.c.at, order_events.c.events)
    .join_from(orders, order_events, orders.c.number == order_events.c.order_number)
    .where(orders.c.id == _ORDER)
    .order_by(order_events.c.version)
)
_POSTING = (
    func.unnest(journal_entries.c.accounts, journal_entries.c.minors)
    .table_valued("account", "minor", name="posting")
    .render_derived()
)
_BALANCES = Statement(
    select(_POSTING.c.account, func.sum(_POSTING.c.minor).cast(BIGINT).label("minor"))
    .select_from(orders.join(journal_entries, orders.c.number == journal_entries.c.order_number))
    .where(orders.c.id == _ORDER)
    .group_by(_POSTING.c.account)
    .order_by(_POSTING.c.account)
)
_PRODUCTS = Statement(
    select(products).where(or_(_AFTER.is_(None), products.c.sku > _AFTER)).order_by(products.c.sku).limit(_LIMIT)
)
_STOCK = Statement(
    select(stock).where(or_(_AFTER.is_(None), stock.c.sku > _AFTER)).order_by(stock.c.sku).limit(_LIMIT)
)


class _Told(msgspec.Struct, array_like=True):
    """An event as `order_changes.told` writes it."""

    kind: EventKind
    subject_id: str
    detail: str | None = None
    microseconds_later: int = 0


_told: Final = msgspec.json.Decoder(list[_Told]).decode


class PostgresQueries:
    """Implements `ports.queries.Queries`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def orders(self, after: OrderId | None, limit: int, state: OrderState | None) -> Sequence[OrderSummary]:
        wanted = state.value if state else None
        return [
            OrderSummary(
                id=OrderId(row["id"]),
                state=OrderState(row["state"]),
                total_minor=row["total_minor"],
                currency=row["currency"],
                placed_at=row["placed_at"],
            )
            for row in await run_alone(self._pool, _ORDERS, after=after, limit=limit, state=wanted)
        ]

    async def timeline(self, order_id: OrderId) -> Sequence[Event]:
        rows = await run_alone(self._pool, _TIMELINE, order_id=order_id)
        return [_event(told, row["at"]) for row in rows for told in _told(row["events"])]

    async def balances(self, order_id: OrderId) -> Sequence[AccountBalance]:
        rows = await run_alone(self._pool, _BALANCES, order_id=order_id)
        return [AccountBalance(account=Account(row["account"]), minor=row["minor"]) for row in rows]

    async def products(self, after: str | None, limit: int) -> Sequence[Product]:
        return [product_from(row) for row in await run_alone(self._pool, _PRODUCTS, after=after, limit=limit)]

    async def stock(self, after: str | None, limit: int) -> Sequence[StockLevel]:
        return [level_from(row) for row in await run_alone(self._pool, _STOCK, after=after, limit=limit)]


def _event(told: _Told, first_at: datetime) -> Event:
    at = first_at + timedelta(microseconds=told.microseconds_later)
    return Event(kind=told.kind, at=at, subject_id=told.subject_id, detail=told.detail)
