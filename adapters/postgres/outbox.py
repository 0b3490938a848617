"""Messages that a commit promised: leased to one worker at a time until they are sent, or parked for a
person.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, Text, func, null, select, update
from sqlalchemy.dialects.postgresql import JSONB

from adapters.postgres.acts import act_document, empty_list
from adapters.postgres.session import Session
from adapters.postgres.statement import Statement, parameter
from adapters.postgres.tables import AT, CODE, orders, outbox
from domain.act import Act
from domain.events import MessageKind
from domain.identifiers import OrderId
from ports.unit_of_work import WaitingMessage

_ID = parameter("message_id", CODE)
_NOW = parameter("now", AT)
_AT = parameter("at", AT)

_FREE = (
    select(outbox.c.id)
    .where(outbox.c.id == _ID, outbox.c.wake_at.is_not(None), outbox.c.due_at <= _NOW)
    .with_for_update(skip_locked=True)
    .cte("free")
)
_TAKE = Statement(
    update(outbox)
    .where(outbox.c.id == _FREE.c.id, orders.c.number == outbox.c.order_number)
    .values(due_at=parameter("lease_until", AT), tries=outbox.c.tries + 1)
    .returning(outbox.c.kind, outbox.c.tries, orders.c.id.label("order_id"))
)
_DUE = Statement(
    select(outbox.c.id)
    .where(outbox.c.wake_at <= _NOW, outbox.c.due_at <= _NOW)
    .order_by(outbox.c.wake_at, outbox.c.id)
    .limit(parameter("limit", Integer))
)
_DONE = Statement(update(outbox).where(outbox.c.id == _ID).values(wake_at=null(), done_at=_NOW))
_LATER = Statement(
    update(outbox).where(outbox.c.id == _ID, outbox.c.wake_at.is_not(None)).values(wake_at=_AT, due_at=_AT)
)
_PARK = Statement(
    update(outbox)
    .where(outbox.c.id == _ID)
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
    """Implements `ports.unit_of_work.Outbox`. Messages get in with their order, see `order_statements`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def take(self, message_id: str, lease_until: datetime, now: datetime) -> WaitingMessage | None:
        rows = await self._session.write_now(_TAKE, message_id=message_id, lease_until=lease_until, now=now)
        if not rows:
            return None
        return WaitingMessage(
            id=message_id,
            kind=MessageKind(rows[0]["kind"]),
            order_id=OrderId(rows[0]["order_id"]),
            tries=rows[0]["tries"],
        )

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        return [row["id"] for row in await self._session.read(_DUE, now=now, limit=limit)]

    async def done(self, message_id: str, now: datetime) -> None:
        await self._session.write_later(_DONE, message_id=message_id, now=now)

    async def later(self, message_id: str, at: datetime) -> None:
        await self._session.write_later(_LATER, message_id=message_id, at=at)

    async def park(self, message_id: str, reason: str, now: datetime) -> None:
        await self._session.write_later(_PARK, message_id=message_id, reason=reason, now=now)

    async def replay(self, message_id: str, act: Act) -> bool:
        rows = await self._session.write(_REPLAY, message_id=message_id, at=act.at, act=act_document(act))
        return bool(rows)
