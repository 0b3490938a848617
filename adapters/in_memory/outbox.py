"""The outbox in memory: messages wait until they are sent or parked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.in_memory.storage import Transaction
from domain.identifiers import OrderId
from ports.unit_of_work import WaitingMessage


class InMemoryOutbox:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._table = transaction.storage.outbox

    async def take(self, message_id: str, lease_until: datetime, now: datetime) -> WaitingMessage | None:
        await self._transaction.begin()
        record = self._table.get(message_id)
        if record is None or record.due_at is None or record.due_at > now:
            return None
        taken = replace(record, due_at=lease_until, tries=record.tries + 1)
        self._transaction.put(self._table, message_id, taken)
        message = record.content
        return WaitingMessage(
            id=message_id, kind=message.kind, order_id=OrderId(message.order_id), tries=taken.tries
        )

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        waiting = [(r.due_at, key) for key, r in self._table.items() if r.due_at and r.due_at <= now]
        return [key for _, key in sorted(waiting)[:limit]]

    async def done(self, message_id: str, now: datetime) -> None:
        await self._put_off(message_id, None)

    async def later(self, message_id: str, at: datetime) -> None:
        await self._put_off(message_id, at)

    async def park(self, message_id: str, reason: str, now: datetime) -> None:
        await self._put_off(message_id, None)

    async def _put_off(self, message_id: str, due_at: datetime | None) -> None:
        await self._transaction.begin()
        self._transaction.put(self._table, message_id, replace(self._table[message_id], due_at=due_at))
