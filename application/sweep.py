"""Story: whatever is due gets done, found in PostgreSQL alone.

Nothing else has to survive for an order to reach its end.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from application.advance_order import AdvanceOrder
from application.advance_subscription import AdvanceSubscription
from application.look_after_customer import LookAfterCustomer
from application.receive_webhook import HandleWebhook
from application.send_messages import SendMessages
from application.set_order_aside import SetOrderAside
from application.vendor_calls import LEASE
from domain.identifiers import SubscriptionId
from ports.clock import Clock
from ports.errors import PortError
from ports.unit_of_work import DueOrder, UnitOfWorkFactory, Waiting

_BATCH: Final = 50
_AFTER_DEFECT: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How much work one sweep found, and what came in the way of some of it; that stays due.

    A failure's note names what it befell. `may_be_more`: as much was found as one sweep takes.
    """

    found: int
    failures: Sequence[BaseException]
    may_be_more: bool = False


class Sweep:
    """One round over due orders, webhooks, messages, customers and subscriptions. Several sweepers share the
    work: rows are leased.
    """

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        advance: AdvanceOrder,
        handle_webhook: HandleWebhook,
        send_messages: SendMessages,
        clock: Clock,
        *,
        look_after_customer: LookAfterCustomer,
        advance_subscription: AdvanceSubscription,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._advance = advance
        self._handle_webhook = handle_webhook
        self._send_messages = send_messages
        self._look_after_customer = look_after_customer
        self._advance_subscription = advance_subscription
        self._set_aside = SetOrderAside(unit_of_work, clock)
        self._clock = clock

    async def __call__(self) -> Swept:
        now = self._clock.now()
        async with self._unit_of_work() as uow:
            orders = await uow.orders.due(now, now + LEASE, _BATCH)
            webhooks = await uow.inbox.due(now, _BATCH)
            messages = await uow.outbox.take_due(now, now + LEASE, _BATCH)
            customers = await uow.customers.due(now, now + LEASE, _BATCH)
            subscriptions = await uow.subscriptions.due(now, now + LEASE, _BATCH)
            await uow.commit()
        found = [len(each) for each in (orders, webhooks, messages, customers, subscriptions)]
        if not any(found):
            return Swept(found=0, failures=[], may_be_more=False)
        failures: list[BaseException] = []
        stories: dict[str, Awaitable[object]] = {
            **{order.id: self._advance_or_set_aside(order) for order in orders},
            **{webhook_id: self._handle_webhook(webhook_id) for webhook_id in webhooks},
            **{customer_id: self._look_after_customer(customer_id) for customer_id in customers},
            **{each: self._advance_or_put_off(each) for each in subscriptions},
        }
        if messages:
            stories["messages"] = self._tell(messages, failures)
        await _side_by_side(stories, failures)
        return Swept(found=sum(found), failures=failures, may_be_more=_BATCH in found)

    async def _tell(self, messages: Sequence[Waiting], failures: list[BaseException]) -> None:
        failures.extend(await self._send_messages(messages))

    async def _advance_or_set_aside(self, order: DueOrder) -> None:
        """A storage or a vendor that is away is waited for; any other failure is a defect, and counted."""
        try:
            await self._advance(order.id)
        except PortError:
            raise
        except Exception as defect:
            await self._set_aside.failed(order.id, type(defect).__name__)
            raise
        if order.failures:
            await self._set_aside.recovered(order.id)

    async def _advance_or_put_off(self, subscription_id: SubscriptionId) -> None:
        """A defect is tried again rarely, and reported each time."""
        try:
            await self._advance_subscription(subscription_id)
        except PortError:
            raise
        except Exception:
            # Whatever the defect is: due again at once, it would keep the sweeper from everybody else's.
            async with self._unit_of_work() as uow:
                await uow.subscriptions.put_off(subscription_id, self._clock.now() + _AFTER_DEFECT)
                await uow.commit()
            raise


async def _side_by_side(stories: Mapping[str, Awaitable[object]], failures: list[BaseException]) -> None:
    """An order whose provider is slow keeps no e-mail waiting, and a failure nothing else. Each is noted with
    what it befell; what was in the way stays due.
    """
    results = await asyncio.gather(*stories.values(), return_exceptions=True)
    for subject, result in zip(stories, results, strict=True):
        if isinstance(result, Exception):
            result.add_note(subject)
            failures.append(result)
