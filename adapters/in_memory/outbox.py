"""Messages that a commit promised: leased to one worker at a time until they are sent, or parked for a
person.
"""

from collections.abc import Sequence
from datetime import datetime

from adapters.in_memory import work_queue
from adapters.in_memory.storage import WorkRecord
from adapters.in_memory.transaction import Transaction
from domain.act import Act
from domain.events import OutgoingMessage
from domain.identifiers import CustomerId, OrderId
from domain.letter import Letter
from ports.unit_of_work import Told, Waiting, WaitingLetter, WaitingMessage


class InMemoryOutbox:
    """Implements `ports.unit_of_work.Outbox`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def take_due(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[Waiting]:
        await self._transaction.turn_to_write()
        waiting = work_queue.due(self._transaction.outbox, now, limit)
        taken = [work_queue.take(self._transaction.outbox, each, lease_until, now) for each in waiting]
        return [_waiting(record.content, record.tries) for record in taken if record is not None]

    async def of_customer(self, customer_id: CustomerId) -> Sequence[Told]:
        records = sorted(self._transaction.outbox.items())
        return [
            Told(kind=record.content.kind.value, about=about, sent=_is_sent(record))
            for _, record in records
            if (about := self._about(record.content, customer_id)) is not None
        ]

    def _about(self, content: OutgoingMessage | Letter, customer_id: CustomerId) -> str | None:
        """The order or subscription of this customer that it is about."""
        if isinstance(content, Letter):
            subscription = self._transaction.subscriptions.require(content.subscription_id).subscription
            return subscription.id if subscription.customer_id == customer_id else None
        payer = self._transaction.orders.require(OrderId(content.order_id)).facts.order.payer
        return content.order_id if payer is not None and payer.customer_id == customer_id else None

    async def done(self, message_ids: Sequence[str], now: datetime) -> None:
        await self._transaction.turn_to_write()
        for message_id in message_ids:
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


def _is_sent(record: WorkRecord[OutgoingMessage | Letter]) -> bool:
    return record.due_at is None and record.parked_at is None


def _waiting(content: OutgoingMessage | Letter, tries: int) -> Waiting:
    if isinstance(content, OutgoingMessage):
        order_id = OrderId(content.order_id)
        return WaitingMessage(id=content.id, kind=content.kind, order_id=order_id, tries=tries)
    return WaitingLetter(
        id=content.id,
        kind=content.kind,
        subscription_id=content.subscription_id,
        about=content.about,
        tries=tries,
    )
