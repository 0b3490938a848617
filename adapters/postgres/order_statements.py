"""The SQL of orders.

Writing one is a single statement, composed of a part for each table that has something to write.

Its first part writes the order row on condition of the version; all others read from what that part returned,
so that an outdated save writes nothing at all. Each composition is compiled once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Integer,
    Select,
    Table,
    and_,
    any_,
    case,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON
from sqlalchemy.types import LargeBinary

from adapters.postgres.claims import ANSWER, waiting
from adapters.postgres.statement import Statement, parameter, recordset
from adapters.postgres.stock_moves import Move
from adapters.postgres.tables import (
    AT,
    CODE,
    HAD_GOODS,
    attempts,
    cases,
    checkouts,
    disputes,
    order_lines,
    order_log,
    orders,
    outbox,
    payments,
    refunds,
    reservations,
    shortages,
)
from adapters.postgres.tables import (
    idempotency_keys as keys,
)

# What may change in rows that exist.
_MUTABLE: Final[dict[Table, Sequence[str]]] = {
    payments: (
        *("captured_minor", "seen_at", "state", "decline_reason", "decline_code", "next_action", "offered"),
        *("return_url", "return_id", "returned_at", "reference", "client_secret", "was_over"),
        *("method", "expected_by", "failed_minor", "forgone_minor", "holds_stray"),
    ),
    attempts: ("until", "retried_at", "tries", "tries_forgiven", "state", "detail"),
    reservations: ("expires_at", "state", "service"),
    refunds: ("seen_at", "state", "reference"),
    disputes: ("seen_at", "withdrawn", "state", "evidence_due_by"),
    cases: ("assigned_to", "resolved_at", "action", "resolved_by", "why"),
}
# The others are added with all their columns.
_ADDED: Final[dict[Table, Sequence[str]]] = {outbox: ("id", "kind", "due_at", "wake_at", "tries")}
_CHILDREN: Final[dict[str, Table]] = {
    table.name: table
    for table in (
        *(order_lines, payments, attempts, reservations, refunds, shortages, disputes, cases, outbox),
    )
}

_WRITTEN: Final = (orders.c.number, orders.c.version, orders.c.placed_at)

# The names of parts, which are those of their parameters too: rows to add, and with this suffix rows to
# change. With the second suffix there is one row only, given column by column: PostgreSQL spends more time
# on unpacking a JSON array than on writing what is in it.
CHANGED: Final = "_changed"
CART_ADDED: Final = "cart_added"
CART_SAVED: Final = "cart_saved"
CART_MUTABLE: Final = ("expires_at", "currency", "version", "state", "order_id", "content", "customer_id")
ALONE: Final = "_alone"
# The answer to the request that writes the order, beside its claim: see `claims`.
ANSWERED: Final = "answered"


@dataclass(frozen=True, slots=True)
class Moving:
    """A move of stock that is made with the order, or the order is not written: for one SKU, or several."""

    move: Move
    single: bool


@cache
def adding(parts: frozenset[str], moving: Moving | None) -> Statement:
    """Adds an order and what belongs to it, and writes the checkout that it came from.

    No row: the checkout was outdated, or the move found too little. The checkout's row is locked before the
    stock's.
    """
    columns = [column for column in orders.c if column.name != "number"]
    given = select(*(parameter(column.name, column.type) for column in columns))
    loaded = _loaded_cart() if CART_SAVED in parts else None
    unless_outdated = exists(select(loaded)) if loaded is not None else None
    if moving is not None:
        given = given.where(exists(select(moving.move.part(single=moving.single, on=unless_outdated))))
    elif unless_outdated is not None:
        given = given.where(unless_outdated)
    order = insert(orders).from_select([column.name for column in columns], given)
    return _composed(order.returning(*_WRITTEN).cte("written"), parts, loaded)


@cache
def saving(parts: frozenset[str], moving: Moving | None) -> Statement:
    """Writes an order over the version that was loaded, and what is new or different about it.

    No row: it was outdated, or the move found too little. The order's row is locked before the stock's.
    """
    due_at = parameter("due_at", AT)
    # See `tables.orders`: the indexed column moves only if it must.
    wake_at = case((due_at.is_(None), null()), (orders.c.wake_at <= due_at, orders.c.wake_at), else_=due_at)
    loaded = and_(
        orders.c.id == parameter("order_id", CODE), orders.c.version == parameter("before", Integer)
    )
    order = (
        update(orders)
        .values(version=orders.c.version + 1, due_at=due_at, wake_at=wake_at)
        .values({name: parameter(name, orders.c[name].type) for name in ("state", "closing_reason")})
        .values({name: parameter(name, orders.c[name].type) for name in ("pay_until", "closed_at")})
    )
    if moving is None:
        order = order.where(loaded)
    else:
        locked = select(orders.c.number).where(loaded).with_for_update().cte("loaded")
        moved = moving.move.part(single=moving.single, on=exists(select(locked)))
        order = order.where(orders.c.number == _one(locked.c.number), exists(select(moved)))
    return _composed(order.returning(*_WRITTEN).cte("written"), parts)


def _composed(order: CTE, parts: frozenset[str], cart: CTE | None = None) -> Statement:
    return Statement(select(order.c.version).add_cte(*(_part(name, order, cart) for name in sorted(parts))))


def _loaded_cart() -> CTE:
    version = parameter("cart_before", Integer)
    loaded = select(checkouts.c.id).where(
        checkouts.c.id == parameter("cart_id", CODE), checkouts.c.version == version
    )
    return loaded.with_for_update().cte("loaded_cart")


def _part(name: str, order: CTE, cart: CTE | None) -> CTE:
    match name:
        case "cart_added":
            given = [parameter(f"cart_{column.name}", column.type) for column in checkouts.c]
            values = select(*given).where(exists(select(order)))
            return insert(checkouts).from_select(list(checkouts.c.keys()), values).cte(name)
        case "cart_saved" if cart is not None:
            written = {
                column: parameter(f"cart_{column}", checkouts.c[column].type) for column in CART_MUTABLE
            }
            unchanged = (checkouts.c.id == _one(cart.c.id), exists(select(order)))
            return update(checkouts).where(*unchanged).values(written).cte(name)
        case "answered":
            waits = waiting(parameter("answer_key", LargeBinary()), parameter("answer_claimed_at", AT))
            answer = {column: parameter(f"answer_{column}", keys.c[column].type) for column in ANSWER}
            return update(keys).where(waits, exists(select(order))).values(answer).cte(name)
        case "log":
            given = [parameter("log_at", AT), parameter("events", JSON), parameter("entries", JSON)]
            values = select(order.c.number, order.c.version, *given)
            columns = ["order_number", "version", "at", "events", "entries"]
            return insert(order_log).from_select(columns, values).cte("log_part")
        case _ if name.removesuffix(ALONE).endswith(CHANGED):
            return _changed(name, _CHILDREN[name.removesuffix(ALONE).removesuffix(CHANGED)], order)
        case _:
            return _added(name, _CHILDREN[name.removesuffix(ALONE)], order)


def _added(name: str, table: Table, order: CTE) -> CTE:
    wanted = _ADDED.get(table) or [column.name for column in table.c if column.name != "order_number"]
    given = _given(name, [table.c[column] for column in wanted])
    values = select(order.c.number, *given.values())
    return insert(table).from_select(["order_number", *given], values).cte(f"{name}_part")


def _changed(name: str, table: Table, order: CTE) -> CTE:
    given = _given(name, [table.c.id, *(table.c[column] for column in _MUTABLE[table])])
    row_id = given.pop("id")
    return (
        update(table)
        .where(table.c.order_number == _one(order.c.number), table.c.id == row_id)
        .values(given)
        .cte(f"{name}_part")
    )


def _one(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The value in the one row of a part, known before anything is looked for: a plan that was made while the
    tables were empty would join instead, and read a whole index for each row once they have filled.
    """
    return select(column).scalar_subquery()


def _given(name: str, columns: Sequence[Column[Any]]) -> dict[str, ColumnElement[Any]]:
    """The part's rows, by column: see `ALONE`."""
    if name.endswith(ALONE):
        return {column.name: parameter(f"{name}_{column.name}", column.type) for column in columns}
    rows = recordset(f"{name}_rows", columns)
    return {column.name: rows.c[column.name] for column in columns}


def _children(table: Table, *order_by: Any, where: Any = None) -> Any:
    """All rows of the order in this table as a JSON array; NULL for none."""
    columns = [column for column in table.c if column.name != "order_number"]
    rows = select(*columns).where(table.c.order_number == orders.c.number).order_by(*order_by)
    if where is not None:
        rows = rows.where(where)
    named = rows.correlate(orders).subquery(f"{table.name}_row")
    return select(func.json_agg(named.table_valued())).scalar_subquery().label(table.name)


def _latest_reservation() -> Any:
    latest: Select[Any] = (
        select(*(column for column in reservations.c if column.name != "order_number"))
        .where(reservations.c.order_number == orders.c.number)
        .order_by(reservations.c.since_version.desc())
        .limit(1)
    )
    named = latest.correlate(orders).subquery("reservation_row")
    return select(func.row_to_json(named.table_valued())).scalar_subquery().label("reservation")


# One statement is one snapshot: orders and their children as of the same moment.
FACTS: Final = select(
    *orders.c,
    _children(order_lines, order_lines.c.position),
    _children(payments, payments.c.position),
    _children(
        attempts,
        attempts.c.started_at,
        attempts.c.id,
        where=and_(attempts.c.state != "succeeded", attempts.c.state != "rejected"),
    ),
    _children(refunds, refunds.c.position),
    _children(shortages, shortages.c.position),
    _children(disputes, disputes.c.position),
    _children(cases, cases.c.position),
    _latest_reservation(),
)
GET: Final = Statement(FACTS.where(orders.c.id == parameter("id", CODE)))
GET_ALL: Final = Statement(FACTS.where(orders.c.id == any_(parameter("ids", ARRAY(CODE)))))
_AFTER: Final = parameter("after", CODE)
OF_CUSTOMER: Final = Statement(
    select(orders.c.id)
    .where(
        orders.c.customer_id == parameter("customer_id", CODE), or_(_AFTER.is_(None), orders.c.id > _AFTER)
    )
    .order_by(orders.c.id)
    .limit(parameter("limit", Integer))
)
# What was agreed is written once, and once more for a person who is forgotten.
FORGET_PERSON: Final = Statement(
    update(orders)
    .where(orders.c.id == parameter("order_id", CODE), orders.c.version == parameter("before", Integer))
    .values(agreement=parameter("agreement", JSON), version=orders.c.version + 1)
    .returning(orders.c.version)
)
ID_OF_CHECKOUT: Final = Statement(
    select(orders.c.id).where(orders.c.checkout_id == parameter("id", CODE), HAD_GOODS)
)
ID_OF_PAYMENT: Final = Statement(
    select(orders.c.id)
    .join_from(payments, orders, orders.c.number == payments.c.order_number)
    .where(
        payments.c.provider == parameter("provider", CODE),
        payments.c.reference == parameter("reference", CODE),
    )
)


def _due() -> Statement:
    """Leases what is due, earliest first; and sets the timers right that have passed for orders that are due
    later.
    """
    now, lease_until = parameter("now", AT), parameter("lease_until", AT)
    awake = select(orders.c.number, orders.c.due_at).where(orders.c.wake_at <= now)
    early = (
        awake.where(orders.c.due_at > now)
        .order_by(orders.c.wake_at)
        .limit(500)
        .with_for_update(skip_locked=True)
    )
    early_rows = early.cte("early")
    reset = (
        update(orders)
        .where(orders.c.number == early_rows.c.number)
        .values(wake_at=early_rows.c.due_at)
        .cte("reset")
    )
    due = awake.where(orders.c.due_at <= now).order_by(orders.c.due_at, orders.c.number)
    due_rows = due.limit(parameter("limit", Integer)).with_for_update(skip_locked=True).cte("due")
    return Statement(
        update(orders)
        .where(orders.c.number == due_rows.c.number)
        .values(due_at=lease_until, wake_at=lease_until)
        .returning(orders.c.id, orders.c.failures, due_rows.c.due_at.label("was_due_at"), orders.c.number)
        .add_cte(reset)
    )


DUE: Final = _due()
_THIS: Final = orders.c.id == parameter("order_id", CODE)
_UNTIL: Final = parameter("until", AT)
FAILED: Final = Statement(
    update(orders)
    .where(_THIS)
    .values(failures=func.coalesce(orders.c.failures, 0) + 1)
    .returning(orders.c.failures)
)
RECOVERED: Final = Statement(
    update(orders).where(_THIS, orders.c.failures.is_not(None)).values(failures=null())
)
PUT_OFF: Final = Statement(update(orders).where(_THIS).values(due_at=_UNTIL, wake_at=_UNTIL))
