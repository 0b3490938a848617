"""Story: whatever is due gets done, found in PostgreSQL alone. Nothing else has to survive for an order to reach its end."""

from dataclasses import dataclass
from typing import Final

from application.advance_order import AdvanceOrder
from application.receive_webhook import HandleWebhook
from application.send_message import SendMessage
from application.vendor_calls import LEASE
from ports.clock import Clock
from ports.unit_of_work import UnitOfWorkFactory

_BATCH: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How much work one sweep found."""

    orders: int
    webhooks: int
    messages: int

    @property
    def total(self) -> int:
        return self.orders + self.webhooks + self.messages


class Sweep:
    """One round over due orders, webhooks and messages. Several sweepers share the work: rows are leased."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        advance: AdvanceOrder,
        handle_webhook: HandleWebhook,
        send_message: SendMessage,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._advance = advance
        self._handle_webhook = handle_webhook
        self._send_message = send_message
        self._clock = clock

    async def __call__(self) -> Swept:
        now = self._clock.now()
        async with self._unit_of_work() as uow:
            orders = await uow.orders.due(now, now + LEASE, _BATCH)
            webhooks = await uow.inbox.due(now, _BATCH)
            messages = await uow.outbox.due(now, _BATCH)
            await uow.commit()
        for order_id in orders:
            await self._advance(order_id)
        for webhook_id in webhooks:
            await self._handle_webhook(webhook_id)
        for message_id in messages:
            await self._send_message(message_id)
        return Swept(orders=len(orders), webhooks=len(webhooks), messages=len(messages))
