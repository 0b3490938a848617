"""Webhooks that were received and wait to be handled: each event once, leased to one worker at a time."""

import zlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, LargeBinary, Text, func, literal, null, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from adapters.postgres.acts import act_document, empty_list
from adapters.postgres.session import Session
from adapters.postgres.statement import Statement, parameter
from adapters.postgres.tables import AT, CODE, inbox
from domain.act import Act
from ports.payments import Subject, WebhookNotice
from ports.unit_of_work import StoredWebhook

_ID = parameter("webhook_id", CODE)
_NOW = parameter("now", AT)
_AT = parameter("at", AT)

_ADD = Statement(
    insert(inbox)
    .on_conflict_do_nothing(index_elements=[inbox.c.provider, inbox.c.event_id])
    .returning(inbox.c.id)
)
_FREE = (
    select(inbox.c.id)
    .where(inbox.c.id == _ID, inbox.c.wake_at.is_not(None), inbox.c.due_at <= _NOW)
    .with_for_update(skip_locked=True)
    .cte("free")
)
_TAKE = Statement(
    update(inbox)
    .where(inbox.c.id == _FREE.c.id)
    .values(due_at=parameter("lease_until", AT), tries=inbox.c.tries + 1)
    .returning(inbox)
)
_DUE = Statement(
    select(inbox.c.id)
    .where(inbox.c.wake_at <= _NOW, inbox.c.due_at <= _NOW)
    .order_by(inbox.c.wake_at, inbox.c.id)
    .limit(parameter("limit", Integer))
)
# What the body said of a person is of no more use: whoever handled it has read the present state instead.
_DONE = Statement(
    update(inbox)
    .where(inbox.c.id == _ID)
    .values(wake_at=null(), done_at=_NOW, body=literal(b"", LargeBinary))
)
_LATER = Statement(
    update(inbox).where(inbox.c.id == _ID, inbox.c.wake_at.is_not(None)).values(wake_at=_AT, due_at=_AT)
)
_PARK = Statement(
    update(inbox)
    .where(inbox.c.id == _ID, inbox.c.wake_at.is_not(None))
    .values(wake_at=null(), parked_at=_NOW, parked_because=parameter("reason", Text()))
)

_REPLAY = Statement(
    update(inbox)
    .where(inbox.c.id == _ID, inbox.c.parked_at.is_not(None))
    .values(wake_at=_AT, due_at=_AT, parked_at=null(), parked_because=null(), tries=0)
    .values(replays=func.coalesce(inbox.c.replays, empty_list()).op("||")(parameter("act", JSONB)))
    .returning(inbox.c.id)
)


class PostgresInbox:
    """Implements `ports.unit_of_work.Inbox`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, webhook_id: str, notice: WebhookNotice, body: bytes, now: datetime) -> bool:
        added = await self._session.write_now(
            _ADD,
            id=webhook_id,
            provider=notice.provider,
            event_id=notice.event_id,
            event_type=notice.event_type,
            payment_reference=notice.payment_reference,
            subscription_reference=notice.subscription_reference,
            about=notice.about.value if notice.about is not Subject.PAYMENT else None,
            body=zlib.compress(body),
            kept=notice.kept,
            received_at=now,
            due_at=now,
            wake_at=now,
            tries=0,
        )
        return bool(added)

    async def take(self, webhook_id: str, lease_until: datetime, now: datetime) -> StoredWebhook | None:
        rows = await self._session.write_now(_TAKE, webhook_id=webhook_id, lease_until=lease_until, now=now)
        if not rows:
            return None
        notice = WebhookNotice(
            provider=rows[0]["provider"],
            event_id=rows[0]["event_id"],
            event_type=rows[0]["event_type"],
            payment_reference=rows[0]["payment_reference"],
            subscription_reference=rows[0]["subscription_reference"],
            about=Subject(rows[0]["about"] or Subject.PAYMENT),
        )
        return StoredWebhook(id=webhook_id, notice=notice, tries=rows[0]["tries"])

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        return [row["id"] for row in await self._session.read(_DUE, now=now, limit=limit)]

    async def done(self, webhook_id: str, now: datetime) -> None:
        await self._session.write_later(_DONE, webhook_id=webhook_id, now=now)

    async def later(self, webhook_id: str, at: datetime) -> None:
        await self._session.write_later(_LATER, webhook_id=webhook_id, at=at)

    async def park(self, webhook_id: str, reason: str, now: datetime) -> None:
        await self._session.write_later(_PARK, webhook_id=webhook_id, reason=reason, now=now)

    async def replay(self, webhook_id: str, act: Act) -> bool:
        rows = await self._session.write(_REPLAY, webhook_id=webhook_id, at=act.at, act=act_document(act))
        return bool(rows)
