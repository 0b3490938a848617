"""Webhooks that were received: each event once, leased to one worker at a time."""

from collections.abc import Sequence
from datetime import datetime

from adapters.in_memory import work_queue
from adapters.in_memory.storage import WorkRecord
from adapters.in_memory.transaction import Transaction
from domain.act import Act
from ports.payments import WebhookNotice
from ports.unit_of_work import StoredWebhook


class InMemoryInbox:
    """Implements `ports.unit_of_work.Inbox`. The body is not kept: nothing reads it."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, webhook_id: str, notice: WebhookNotice, body: bytes, now: datetime) -> bool:
        await self._transaction.turn_to_write()
        event = (notice.provider, notice.event_id)
        if self._transaction.webhook_of_event.get(event) is not None:
            return False
        self._transaction.webhook_of_event.put(event, webhook_id)
        self._transaction.inbox.put(webhook_id, WorkRecord(content=notice, due_at=now))
        return True

    async def take(self, webhook_id: str, lease_until: datetime, now: datetime) -> StoredWebhook | None:
        await self._transaction.turn_to_write()
        taken = work_queue.take(self._transaction.inbox, webhook_id, lease_until, now)
        return StoredWebhook(id=webhook_id, notice=taken.content, tries=taken.tries) if taken else None

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        return work_queue.due(self._transaction.inbox, now, limit)

    async def done(self, webhook_id: str, now: datetime) -> None:
        await self._transaction.turn_to_write()
        work_queue.reschedule(self._transaction.inbox, webhook_id, None)

    async def later(self, webhook_id: str, at: datetime) -> None:
        await self._transaction.turn_to_write()
        work_queue.reschedule(self._transaction.inbox, webhook_id, at)

    async def park(self, webhook_id: str, reason: str, now: datetime) -> None:
        await self._transaction.turn_to_write()
        work_queue.park(self._transaction.inbox, webhook_id, reason, now)

    async def replay(self, webhook_id: str, act: Act) -> bool:
        await self._transaction.turn_to_write()
        return work_queue.replay(self._transaction.inbox, webhook_id, act)
