"""What operators look at: cases, and work that was parked. Both lists are found by their partial indexes."""

from functools import cache
from typing import Any, Final

from sqlalchemy import Integer, Select, Table, and_, literal, or_, select, union_all

from adapters.postgres.acts import acts_from
from adapters.postgres.order_rows import CaseRow
from adapters.postgres.statement import Row, Statement, parameter
from adapters.postgres.tables import CODE, cases, disputes, inbox, orders, outbox, payments
from domain.case import CaseAction, CaseReason, CaseState
from domain.identifiers import OrderId
from ports.queries import Box, ListedCase, ParkedWork

_AFTER: Final = parameter("after", CODE)
_LIMIT: Final = parameter("limit", Integer())
_REASON: Final = parameter("reason", CODE)
_ORDER: Final = parameter("order_id", CODE)
_DISPUTE: Final = and_(disputes.c.order_number == cases.c.order_number, disputes.c.id == cases.c.subject_id)
_LISTED: Final = (
    select(
        *(column for column in cases.c if column.name != "order_number"),
        orders.c.id.label("order_id"),
        disputes.c.evidence_due_by,
    )
    .join_from(cases, orders, cases.c.order_number == orders.c.number)
    .outerjoin(disputes, _DISPUTE)
)
CASE: Final = Statement(_LISTED.where(cases.c.id == parameter("case_id", CODE)))
_IN_STATE: Final = {
    CaseState.OPEN: and_(cases.c.resolved_at.is_(None), cases.c.assigned_to.is_(None)),
    CaseState.ASSIGNED: and_(cases.c.resolved_at.is_(None), cases.c.assigned_to.is_not(None)),
    CaseState.RESOLVED: cases.c.resolved_at.is_not(None),
}


@cache
def cases_in(states: frozenset[CaseState]) -> Statement:
    """Cases in these states, oldest first."""
    wanted = or_(*(_IN_STATE[state] for state in CaseState if state in states))
    # Said once more in the words of the index.
    unresolved = () if CaseState.RESOLVED in states else (cases.c.resolved_at.is_(None),)
    return Statement(
        _LISTED.where(
            wanted,
            *unresolved,
            or_(_AFTER.is_(None), cases.c.id > _AFTER),
            or_(_REASON.is_(None), cases.c.reason == _REASON),
            or_(_ORDER.is_(None), orders.c.id == _ORDER),
        )
        .order_by(cases.c.id)
        .limit(_LIMIT)
    )


def _parked(box: Box, table: Table, kind: Any, rows: Any) -> Select[Any]:
    """The parked rows of a box, each with its order if it has one."""
    return (
        select(
            table.c.id,
            literal(box.value, CODE).label("box"),
            kind.label("kind"),
            orders.c.id.label("order_id"),
            table.c.parked_at,
            table.c.parked_because,
            table.c.tries,
            table.c.replays,
        )
        .select_from(rows)
        .where(table.c.parked_at.is_not(None))
    )


_MESSAGES: Final = _parked(
    Box.OUTBOX, outbox, outbox.c.kind, outbox.outerjoin(orders, orders.c.number == outbox.c.order_number)
)
_PAYMENT: Final = and_(
    payments.c.provider == inbox.c.provider, payments.c.reference == inbox.c.payment_reference
)
_WEBHOOKS: Final = _parked(
    Box.INBOX,
    inbox,
    inbox.c.event_type,
    inbox.outerjoin(payments, _PAYMENT).outerjoin(orders, orders.c.number == payments.c.order_number),
)


def _page(rows: Select[Any], table: Table) -> Any:
    behind = or_(_AFTER.is_(None), table.c.id > _AFTER)
    return select(rows.where(behind).order_by(table.c.id).limit(_LIMIT).subquery())


_PAGES: Final = union_all(_page(_MESSAGES, outbox), _page(_WEBHOOKS, inbox)).subquery()
PARKED: Final = Statement(select(_PAGES).order_by(_PAGES.c.id).limit(_LIMIT))
_WORK_ID: Final = parameter("work_id", CODE)
ONE_PARKED: Final = Statement(
    union_all(_MESSAGES.where(outbox.c.id == _WORK_ID), _WEBHOOKS.where(inbox.c.id == _WORK_ID))
)


def listed_case(row: Row) -> ListedCase:
    values = dict(row)
    order_id, due_by = OrderId(values.pop("order_id")), values.pop("evidence_due_by")
    values["reason"] = CaseReason(values["reason"])
    values["action"] = CaseAction(values["action"]) if values["action"] else None
    return ListedCase(case=CaseRow(**values).case(), order_id=order_id, evidence_due_by=due_by)


def parked_work(row: Row) -> ParkedWork:
    return ParkedWork(
        id=row["id"],
        box=Box(row["box"]),
        kind=row["kind"],
        order_id=OrderId(row["order_id"]) if row["order_id"] else None,
        parked_at=row["parked_at"],
        because=row["parked_because"],
        tries=row["tries"],
        replays=acts_from(row["replays"]),
    )
