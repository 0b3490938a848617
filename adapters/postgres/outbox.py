"""Messages that a commit promised: leased to one worker at a time until they are sent, or parked for a
person.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, Text, any_, func, null, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from adapters.postgres.acts import act_document, empty_list
from adapters.postgres.session import Session
from adapters.postgres.statement import Row, Statement, parameter
from adapters.postgres.tables import AT, CODE, orders, outbox, subscriptions
from domain.act import Act
from domain.events import MessageKind
from domain.identifiers import CustomerId, OrderId, SubscriptionId
from domain.letter import LetterKind
from ports.unit_of_work import Told, Waiting, WaitingLetter, WaitingMessage

_ID = parameter("message_id", CODE)
_NOW = parameter("now", AT)
_AT = parameter("at", AT)

_FREE = (
    select(outbox.c.id)
    .where(outbox.c.wake_at <= _NOW, outbox.c.due_at <= _NOW)
    .order_by(outbox.c.wake_at, outbox.c.id)
    .limit(parameter("limit", Integer))
    .with_for_update(skip_locked=True)
    .cte("free")
)
_ORDER_ID = select(orders.c.id).where(orders.c.number == outbox.c.order_number).scalar_subquery()
_SUBSCRIPTION_ID = (
    select(subscriptions.c.id).where(subscriptions.c.number == outbox.c.subscription_number).scalar_subquery()
)
_TAKE_DUE = Statement(
    update(outbox)
    .where(outbox.c.id == _FREE.c.id)
    .values(due_at=parameter("lease_until", AT), tries=outbox.c.tries + 1)
    .returning(outbox.c.id, outbox.c.kind, outbox.c.tries, outbox.c.wake_at, outbox.c.about)
    .returning(_ORDER_ID.label("order_id"), _SUBSCRIPTION_ID.label("subscription_id"))
)
_CUSTOMER = parameter("customer_id", CODE)
_ABOUT = func.coalesce(orders.c.id, subscriptions.c.id)
_OF_CUSTOMER = Statement(
    select(outbox.c.kind, outbox.c.done_at, _ABOUT.label("concerns"))
    .select_from(
        outbox.outerjoin(orders, orders.c.number == outbox.c.order_number).outerjoin(
            subscriptions, subscriptions.c.number == outbox.c.subscription_number
        )
    )
    .where(or_(orders.c.customer_id == _CUSTOMER, subscriptions.c.customer_id == _CUSTOMER))
    .order_by(outbox.c.id)
)
_DONE = Statement(
    update(outbox)
    .where(outbox.c.id == any_(parameter("message_ids", ARRAY(CODE))))
    .values(wake_at=null(), done_at=_NOW)
)
_LATER = Statement(
    update(outbox).where(outbox.c.id == _ID, outbox.c.wake_at.is_not(None)).values(wake_at=_AT, due_at=_AT)
)
_PARK = Statement(
    update(outbox)
    .where(outbox.c.id == _ID, outbox.c.wake_at.is_not(None))
    .values(wake_at=null(), parked_at=_NOW, parked_because=parameter("reason", Text()))
)

_REPLAY = Statement(
    update(outbox)
    .where(outbox.c.id == _ID, outbox.c.parked_at.is_not(None))
    .values(wake_at=_AT, due_at=_AT, parked_at=null(), parked_because=null(), tries=0)
    .values(replays=func.coalesce(outbox.c.replays, empty_list()).op("||")(parameter("act", JSONB)))
    .returning(outbox.c.id)
)


class PostgresOutbox:
    """Implements `ports.unit_of_work.Outbox`. Messages get in with their order, see `order_statements`, and
    letters with their subscription.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def take_due(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[Waiting]:
        rows = await self._session.write(_TAKE_DUE, now=now, lease_until=lease_until, limit=limit)
        rows.sort(key=lambda row: (row["wake_at"], row["id"]))
        return [_waiting(row) for row in rows]

    async def of_customer(self, customer_id: CustomerId) -> Sequence[Told]:
        rows = await self._session.read(_OF_CUSTOMER, customer_id=customer_id)
        return [
            Told(kind=row["kind"], about=row["concerns"], sent=row["done_at"] is not None) for row in rows
        ]

    async def done(self, message_ids: Sequence[str], now: datetime) -> None:
        await self._session.write_later(_DONE, message_ids=list(message_ids), now=now)

    async def later(self, message_id: str, at: datetime) -> None:
        await self._session.write_later(_LATER, message_id=message_id, at=at)

    async def park(self, message_id: str, reason: str, now: datetime) -> None:
        await self._session.write_later(_PARK, message_id=message_id, reason=reason, now=now)

    async def replay(self, message_id: str, act: Act) -> bool:
        rows = await self._session.write(_REPLAY, message_id=message_id, at=act.at, act=act_document(act))
        return bool(rows)


def _waiting(row: Row) -> Waiting:
    if row["order_id"] is not None:
        kind, order_id = MessageKind(row["kind"]), OrderId(row["order_id"])
        return WaitingMessage(id=row["id"], kind=kind, order_id=order_id, tries=row["tries"])
    return WaitingLetter(
        id=row["id"],
        kind=LetterKind(row["kind"]),
        subscription_id=SubscriptionId(row["subscription_id"]),
        about=row["about"],
        tries=row["tries"],
    )
