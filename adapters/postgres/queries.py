"""The read side: lists by key, an order's timeline, and the balances of its journal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Integer, cast, column, func, or_, select, table

from adapters.postgres import operator_lists, payment_reports
from adapters.postgres import order_log as order_log_rows
from adapters.postgres.catalog import product_from
from adapters.postgres.connections import Connections
from adapters.postgres.session import run_alone
from adapters.postgres.statement import Statement, parameter
from adapters.postgres.stock import level_from
from adapters.postgres.tables import CODE, order_log, orders, products, stock
from domain.catalog import Product
from domain.events import Event
from domain.identifiers import CaseId, OrderId
from domain.journal import Account
from domain.order import OrderState
from domain.period import Period
from ports.queries import (
    AccountBalance,
    CaseChoice,
    ListedCase,
    OrderSummary,
    ParkedWork,
    PaymentChoice,
    PaymentPlace,
    PaymentSummary,
    ProviderStatistics,
)
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
_LOGGED = select(order_log.c.at, order_log.c.events).join_from(
    orders, order_log, orders.c.number == order_log.c.order_number
)
_TIMELINE = Statement(_LOGGED.where(orders.c.id == _ORDER).order_by(order_log.c.version))
_NEXT_LOOK = Statement(select(orders.c.due_at).where(orders.c.id == _ORDER))
_POSTINGS = table(
    "journal_postings", column("order_id", CODE), column("account", CODE), column("minor", BigInteger)
)
_BALANCES = Statement(
    select(_POSTINGS.c.account, cast(func.sum(_POSTINGS.c.minor), BigInteger).label("minor"))
    .where(_POSTINGS.c.order_id == _ORDER)
    .group_by(_POSTINGS.c.account)
    .order_by(_POSTINGS.c.account)
)
_PRODUCTS = Statement(
    select(products)
    .where(or_(_AFTER.is_(None), products.c.sku > _AFTER))
    .order_by(products.c.sku)
    .limit(_LIMIT)
)
_STOCK = Statement(
    select(stock).where(or_(_AFTER.is_(None), stock.c.sku > _AFTER)).order_by(stock.c.sku).limit(_LIMIT)
)


class PostgresQueries:
    """Implements `ports.queries.Queries`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def orders(
        self, after: OrderId | None, limit: int, state: OrderState | None
    ) -> Sequence[OrderSummary]:
        wanted = state.value if state else None
        return [
            OrderSummary(
                id=OrderId(row["id"]),
                state=OrderState(row["state"]),
                total_minor=row["total_minor"],
                currency=row["currency"],
                placed_at=row["placed_at"],
            )
            for row in await run_alone(self._connections, _ORDERS, after=after, limit=limit, state=wanted)
        ]

    async def timeline(self, order_id: OrderId) -> Sequence[Event]:
        rows = await run_alone(self._connections, _TIMELINE, order_id=order_id)
        return [event for row in rows for event in order_log_rows.events(row["events"], row["at"])]

    async def balances(self, order_id: OrderId) -> Sequence[AccountBalance]:
        rows = await run_alone(self._connections, _BALANCES, order_id=order_id)
        return [AccountBalance(account=Account(row["account"]), minor=row["minor"]) for row in rows]

    async def next_look(self, order_id: OrderId) -> datetime | None:
        rows = await run_alone(self._connections, _NEXT_LOOK, order_id=order_id)
        due_at: datetime | None = rows[0]["due_at"] if rows else None
        return due_at

    async def cases(self, after: CaseId | None, limit: int, choice: CaseChoice) -> Sequence[ListedCase]:
        rows = await run_alone(
            self._connections,
            operator_lists.cases_in(choice.states),
            after=after,
            limit=limit,
            reason=choice.reason.value if choice.reason else None,
            order_id=choice.order_id,
        )
        return [operator_lists.listed_case(row) for row in rows]

    async def case(self, case_id: CaseId) -> ListedCase | None:
        rows = await run_alone(self._connections, operator_lists.CASE, case_id=case_id)
        return operator_lists.listed_case(rows[0]) if rows else None

    async def payments(
        self, after: PaymentPlace | None, limit: int, choice: PaymentChoice
    ) -> Sequence[PaymentSummary]:
        given = payment_reports.given(after, choice)
        statement = payment_reports.payments_by(frozenset(given))
        rows = await run_alone(self._connections, statement, limit=limit, **given)
        return [payment_reports.summary_from(row) for row in rows]

    async def payment_statistics(self, period: Period) -> Sequence[ProviderStatistics]:
        begun, back = [
            await run_alone(self._connections, statement, since=period.since, until=period.until)
            for statement in (payment_reports.BEGUN, payment_reports.MONEY_BACK)
        ]
        return payment_reports.statistics_from(begun, back)

    async def parked(self, after: str | None, limit: int) -> Sequence[ParkedWork]:
        rows = await run_alone(self._connections, operator_lists.PARKED, after=after, limit=limit)
        return [operator_lists.parked_work(row) for row in rows]

    async def parked_work(self, work_id: str) -> ParkedWork | None:
        rows = await run_alone(self._connections, operator_lists.ONE_PARKED, work_id=work_id)
        return operator_lists.parked_work(rows[0]) if rows else None

    async def products(self, after: str | None, limit: int) -> Sequence[Product]:
        return [
            product_from(row)
            for row in await run_alone(self._connections, _PRODUCTS, after=after, limit=limit)
        ]

    async def stock(self, after: str | None, limit: int) -> Sequence[StockLevel]:
        return [
            level_from(row) for row in await run_alone(self._connections, _STOCK, after=after, limit=limit)
        ]
