"""Stories: a provider's webhook is stored before it is acknowledged, and acted on afterwards.

Acting on it means reading the object's present state at the provider: what an event says may be old by the
time it comes.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from application.advance_order import AdvanceOrder
from application.follow_subscription import FollowSubscription
from application.look_afresh import LookAfresh
from application.payment_providers import PaymentProviders
from application.vendor_calls import LEASE
from domain.events import EventKind
from domain.identifiers import OrderId
from domain.order_facts import OrderFacts
from ports.clock import Clock
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from ports.nudges import Nudges
from ports.payments import PaymentWebhooks, WebhookNotice
from ports.unit_of_work import StoredWebhook, UnitOfWorkFactory

# A webhook can be quicker than the answer to the call that made its payment: then its order can't be found
# yet.
_TRIES_TO_FIND_ORDER: Final = 5
_WAITS: Final = tuple(timedelta(seconds=s) for s in (1, 2, 5, 15, 60, 300, 900, 3600))
# A provider that is away is waited for, half a day; one that refuses, or a defect of ours, is not mended by
# waiting.
_TRIES_WHILE_AWAY: Final = 20
_TRIES_WHEN_REFUSED: Final = 6


class ReceiveWebhook:
    """Safe to repeat: an event is stored once. One body may tell of several."""

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, webhooks: PaymentWebhooks, clock: Clock, nudges: Nudges
    ) -> None:
        self._unit_of_work = unit_of_work
        self._webhooks = webhooks
        self._clock = clock
        self._nudges = nudges

    async def __call__(self, body: bytes, headers: Mapping[str, str]) -> None:
        """`body` as it came, `headers` in lower case. Raises SignatureInvalid, and then nothing is stored."""
        now = self._clock.now()
        new: list[str] = []
        notices = self._webhooks.read(body, headers, now)
        async with self._unit_of_work() as uow:
            for notice in notices:
                webhook_id = self._clock.new_id("whk")
                if await uow.inbox.add(webhook_id, notice, body, now):
                    new.append(webhook_id)
            await uow.commit()
        for webhook_id in new:
            await self._nudges.webhook_arrived(webhook_id)


class HandleWebhook:
    """Takes a stored webhook in hand; safe to call from several workers, one of them gets it."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        payments: PaymentProviders,
        advance: AdvanceOrder,
        clock: Clock,
        *,
        follow_subscription: FollowSubscription,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._payments = payments
        self._follow_subscription = follow_subscription
        self._look = LookAfresh(clock)
        self._advance = advance
        self._clock = clock

    async def __call__(self, webhook_id: str) -> None:
        """Failures are kept for later; what keeps failing is parked with its reason, never dropped.

        A defect is raised once that is written.
        """
        now = self._clock.now()
        async with self._unit_of_work() as uow:
            webhook = await uow.inbox.take(webhook_id, now + LEASE, now)
            await uow.commit()
        if webhook is not None:
            await self._handle(webhook)

    async def _handle(self, webhook: StoredWebhook) -> None:
        try:
            finished = await self._act_on(webhook)
        except (Unavailable, OutcomeUnknown) as away:
            await self._put_off(webhook, away.reason, _TRIES_WHILE_AWAY)
        except TimeoutError:
            await self._put_off(webhook, "deadline", _TRIES_WHILE_AWAY)
        except Rejected as rejected:
            await self._put_off(webhook, rejected.code, _TRIES_WHEN_REFUSED)
        except PortError as refusal:
            await self._put_off(webhook, type(refusal).__name__, _TRIES_WHEN_REFUSED)
        except Exception as defect:
            await self._put_off(webhook, type(defect).__name__, _TRIES_WHEN_REFUSED)
            raise
        else:
            if finished:
                async with self._unit_of_work() as uow:
                    await uow.inbox.done(webhook.id, self._clock.now())
                    await uow.commit()
            else:
                await self._put_off(webhook, "subject_not_found", _TRIES_WHILE_AWAY)

    async def _put_off(self, webhook: StoredWebhook, reason: str, most_tries: int) -> None:
        now = self._clock.now()
        async with self._unit_of_work() as uow:
            if webhook.tries >= most_tries:
                await uow.inbox.park(webhook.id, reason, now)
            else:
                await uow.inbox.later(webhook.id, now + _WAITS[min(webhook.tries, len(_WAITS)) - 1])
            await uow.commit()

    async def _act_on(self, webhook: StoredWebhook) -> bool:
        """Whether it is finished with; False asks for another try later.

        An event about nothing of ours, or about a payment that no order of ours ever gets, stays stored.
        """
        notice = webhook.notice
        if (subscription := notice.subscription_reference) is not None:
            done = await self._follow_subscription(notice, subscription)
            return done or webhook.tries >= _TRIES_TO_FIND_ORDER
        if notice.payment_reference is None:
            return True
        gateway = self._payments.of(notice.provider)
        reference = await gateway.behind(notice.payment_reference)
        order_id = await self._order_of(notice.provider, reference)
        if order_id is None:
            return webhook.tries >= _TRIES_TO_FIND_ORDER
        seen = await self._look(gateway, reference, notice.about)
        await self._advance.record(order_id, lambda facts: seen(self._told(facts, reference, notice)))
        return True

    async def _order_of(self, provider: str, reference: str) -> OrderId | None:
        async with self._unit_of_work() as uow:
            return await uow.orders.id_of_payment(provider, reference)

    def _told(self, facts: OrderFacts, reference: str, notice: WebhookNotice) -> OrderFacts:
        payment = next(p for p in facts.payments if p.reference == reference)
        return facts.told(EventKind.WEBHOOK_RECEIVED, self._clock.now(), payment.id, notice.event_type)
