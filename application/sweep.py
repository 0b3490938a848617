"""Story: whatever is due gets done, found in PostgreSQL alone.

Nothing else has to survive for an order to reach its end.
"""

import asyncio
from collections.abc import Awaitable, Sequence
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
    """How much work one sweep found, and what came in the way of some of it; that stays due."""

    found: int
    failures: Sequence[BaseException]


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
        work = [self._advance(order_id) for order_id in orders]
        failures = await _all(work)
        failures += await _all([self._handle_webhook(webhook_id) for webhook_id in webhooks])
        failures += await _all([self._send_message(message_id) for message_id in messages])
        return Swept(found=len(orders) + len(webhooks) + len(messages), failures=failures)


async def _all(work: Sequence[Awaitable[object]]) -> list[BaseException]:
    """Does it side by side; one failure doesn't keep the others from being done."""
    results = await asyncio.gather(*work, return_exceptions=True)
    return [result for result in results if isinstance(result, Exception)]
