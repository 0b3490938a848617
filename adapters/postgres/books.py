"""What was recorded, for a comparison: orders by the page, and stock over all orders, a statement each."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Select,
    SQLColumnExpression,
    and_,
    any_,
    case,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from adapters.postgres.connections import Connections
from adapters.postgres.order_statements import FACTS
from adapters.postgres.orders import facts_from
from adapters.postgres.session import run_alone
from adapters.postgres.statement import Row, Statement, parameter
from adapters.postgres.stock import level_from
from adapters.postgres.tables import (
    AT,
    CODE,
    disputes,
    order_lines,
    orders,
    payments,
    refunds,
    reservations,
    shortages,
    stock,
)
from domain.comparison import OrderBooks
from domain.identifiers import OrderId
from domain.journal import Account
from domain.period import Period
from ports.books import StockGap

_SINCE: Final = parameter("since", AT)
_UNTIL: Final = parameter("until", AT)


def _within(moment: SQLColumnExpression[Any]) -> Any:
    return and_(moment >= _SINCE, moment < _UNTIL)


_MOVED: Final = union(
    select(orders.c.number).where(_within(orders.c.placed_at)),
    select(payments.c.order_number).where(_within(payments.c.created_at)),
    select(refunds.c.order_number).where(_within(refunds.c.created_at)),
    select(disputes.c.order_number).where(_within(disputes.c.opened_at)),
)
_ORDERS_MOVED = Statement(select(orders.c.id).where(orders.c.number.in_(_MOVED)).order_by(orders.c.number))
ORDERS_OF_PAYMENTS = Statement(
    select(payments.c.reference, orders.c.id)
    .join_from(payments, orders, orders.c.number == payments.c.order_number)
    .where(
        payments.c.provider == parameter("provider", CODE),
        payments.c.reference == any_(parameter("references", ARRAY(CODE))),
    )
)


def _balances() -> Any:
    """The order's accounts as a JSON object; NULL for an empty journal."""
    postings = table(
        "journal_postings", column("order_id", CODE), column("account", CODE), column("minor", BigInteger)
    )
    sums = (
        select(postings.c.account, cast(func.sum(postings.c.minor), BigInteger).label("minor"))
        .where(postings.c.order_id == orders.c.id)
        .group_by(postings.c.account)
        .correlate(orders)
        .subquery("sums")
    )
    return select(func.json_object_agg(sums.c.account, sums.c.minor)).scalar_subquery().label("balances")


OF_ORDERS: Final = Statement(
    FACTS.add_columns(_balances())
    .where(orders.c.id == any_(parameter("order_ids", ARRAY(CODE))))
    .order_by(orders.c.number)
)


def _gone(parts: Any, order_number: Any) -> Select[Any]:
    """Pieces of lines in a JSON array whose elements begin with line id and count; a share without a line is
    the delivery's.
    """
    part = func.json_array_elements(parts).table_valued("value", name="part").render_derived()
    value: Any = part.c.value
    line_id = value.op("->>")(literal_column("0"))
    pieces = cast(value.op("->>")(literal_column("1")), Integer)
    return select(order_number.label("order_number"), line_id.label("line_id"), pieces.label("pieces")).where(
        line_id.is_not(None)
    )


def _stock_gaps() -> Statement:
    """What orders hold: their lines without what is short. What they have bought: without what came back,
    too. Goods at an inventory service are none of our stock.
    """
    latest = (
        select(reservations.c.order_number, reservations.c.state, reservations.c.service)
        .ext(distinct_on(reservations.c.order_number))
        .order_by(reservations.c.order_number, reservations.c.since_version.desc())
        .cte("latest")
    )
    away = union_all(
        _gone(shortages.c.shares, shortages.c.order_number),
        _gone(refunds.c.restocked, refunds.c.order_number),
    ).subquery("away")
    gone = (
        select(away.c.order_number, away.c.line_id, func.sum(away.c.pieces).label("pieces"))
        .group_by(away.c.order_number, away.c.line_id)
        .cte("gone")
    )
    pieces = order_lines.c.quantity - func.coalesce(gone.c.pieces, 0)
    of_line = and_(gone.c.order_number == order_lines.c.order_number, gone.c.line_id == order_lines.c.id)

    def in_state(state: str) -> Any:
        return func.coalesce(func.sum(case((latest.c.state == state, pieces))), 0)

    wanted = (
        select(order_lines.c.sku, in_state("held").label("held"), in_state("confirmed").label("sold"))
        .join_from(
            order_lines,
            latest,
            and_(latest.c.order_number == order_lines.c.order_number, latest.c.service.is_(None)),
        )
        .outerjoin(gone, of_line)
        .group_by(order_lines.c.sku)
        .cte("wanted")
    )
    held = cast(func.coalesce(wanted.c.held, 0), BigInteger)
    sold = cast(func.coalesce(wanted.c.sold, 0), BigInteger)
    return Statement(
        select(*stock.c, held.label("held_by_orders"), sold.label("sold_by_orders"))
        .outerjoin_from(stock, wanted, wanted.c.sku == stock.c.sku)
        .where(
            or_(stock.c.held != held, stock.c.sold != sold, stock.c.received < stock.c.held + stock.c.sold)
        )
        .order_by(stock.c.sku)
    )


_STOCK_GAPS = _stock_gaps()
_decoded: Final = msgspec.json.Decoder(dict[Account, int]).decode


class PostgresBooks:
    """Implements `ports.books.Books`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def orders_moved(self, period: Period) -> Sequence[OrderId]:
        rows = await run_alone(self._connections, _ORDERS_MOVED, since=period.since, until=period.until)
        return [OrderId(row["id"]) for row in rows]

    async def orders_of_payments(self, provider: str, references: Sequence[str]) -> Mapping[str, OrderId]:
        rows = await run_alone(
            self._connections, ORDERS_OF_PAYMENTS, provider=provider, references=list(references)
        )
        return {row["reference"]: OrderId(row["id"]) for row in rows}

    async def of_orders(self, order_ids: Sequence[OrderId]) -> Mapping[OrderId, OrderBooks]:
        rows = await run_alone(self._connections, OF_ORDERS, order_ids=list(order_ids))
        return {OrderId(row["id"]): _books(row) for row in rows}

    async def stock_gaps(self) -> Sequence[StockGap]:
        return [
            StockGap(
                level=level_from(row),
                held_by_orders=row["held_by_orders"],
                sold_by_orders=row["sold_by_orders"],
            )
            for row in await run_alone(self._connections, _STOCK_GAPS)
        ]


def _books(row: Row) -> OrderBooks:
    balances = _decoded(row["balances"]) if row["balances"] else {}
    return OrderBooks(facts=facts_from(row), balances=balances, due_at=row["due_at"])
