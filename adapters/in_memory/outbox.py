"""Messages that a commit promised: leased to one worker at a time until they are sent, or parked for a
person.
"""

from collections.abc import Sequence
from datetime import datetime

from adapters.in_memory import work_queue
from adapters.in_memory.transaction import Transaction
from domain.act import Act
from domain.identifiers import OrderId
from ports.unit_of_work import WaitingMessage


class InMemoryOutbox:
    """Implements `ports.unit_of_work.Outbox`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def take(self, message_id: str, lease_until: datetime, now: datetime) -> WaitingMessage | None:
        await self._transaction.turn_to_write()
        taken = work_queue.take(self._transaction.outbox, message_id, lease_until, now)
        if taken is None:
            return None
        message = taken.content
        return WaitingMessage(
            id=message.id, kind=message.kind, order_id=OrderId(message.order_id), tries=taken.tries
        )

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        return work_queue.due(self._transaction.outbox, now, limit)

    async def done(self, message_id: str, now: datetime) -> None:
        await self._transaction.turn_to_write()
        work_queue.reschedule(self._transaction.outbox, message_id, None)

    async def later(self, message_id: str, at: datetime) -> None:
        await self._transaction.turn_to_write()
        work_queue.reschedule(self._transaction.outbox, message_id, at)

    async def park(self, message_id: str, reason: str, now: datetime) -> None:
        await self._transaction.turn_to_write()
        work_queue.park(self._transaction.outbox, message_id, reason, now)

    async def replay(self, message_id: str, act: Act) -> bool:
        await self._transaction.turn_to_write()
        return work_queue.replay(self._transaction.outbox, message_id, act)
