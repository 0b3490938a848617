"""The inbox in memory: each event once, set aside while somebody has it in hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.in_memory.storage import Transaction, WorkRecord
from ports.payments import WebhookNotice
from ports.unit_of_work import StoredWebhook


class InMemoryInbox:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._storage = transaction.storage

    async def add(self, webhook_id: str, notice: WebhookNotice, body: bytes, now: datetime) -> bool:
        await self._transaction.begin()
        event = (notice.provider, notice.event_id)
        if event in self._storage.webhook_of_event:
            return False
        self._transaction.put(self._storage.webhook_of_event, event, webhook_id)
        self._transaction.put(self._storage.inbox, webhook_id, WorkRecord(content=notice, due_at=now))
        return True

    async def take(self, webhook_id: str, lease_until: datetime, now: datetime) -> StoredWebhook | None:
        await self._transaction.begin()
        record = self._storage.inbox.get(webhook_id)
        if record is None or record.due_at is None or record.due_at > now:
            return None
        taken = replace(record, due_at=lease_until, tries=record.tries + 1)
        self._transaction.put(self._storage.inbox, webhook_id, taken)
        return StoredWebhook(id=webhook_id, notice=record.content, tries=taken.tries)

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        waiting = [(r.due_at, key) for key, r in self._storage.inbox.items() if r.due_at and r.due_at <= now]
        return [key for _, key in sorted(waiting)[:limit]]

    async def done(self, webhook_id: str, now: datetime) -> None:
        await self._put_off(webhook_id, None)

    async def later(self, webhook_id: str, at: datetime) -> None:
        await self._put_off(webhook_id, at)

    async def _put_off(self, webhook_id: str, due_at: datetime | None) -> None:
        await self._transaction.begin()
        record = replace(self._storage.inbox[webhook_id], due_at=due_at)
        self._transaction.put(self._storage.inbox, webhook_id, record)
