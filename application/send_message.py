"""Story: what a commit promised to tell somebody is told, at least once."""

import asyncio
from datetime import timedelta
from typing import Final

from application.vendor_calls import CALL_DEADLINE_SECONDS, LEASE
from domain.events import MessageKind
from domain.order_facts import OrderFacts
from ports.clock import Clock
from ports.email import Email, EmailSender
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from ports.unit_of_work import UnitOfWorkFactory, WaitingMessage

_CONFIRMATION: Final = ("Your order {}", "Thank you. We have received your payment.")
_DECLINED: Final = (
    "Your payment for order {} did not go through",
    "Nothing was charged. You can try another card until your order expires.",
)
_WAITS: Final = tuple(timedelta(seconds=s) for s in (60, 300, 900))
# A vendor may ask for a longer wait; one that names an absurd one isn't believed.
_LONGEST_ASKED_WAIT_SECONDS: Final = 3_600


class SendMessage:
    """Safe to call from several workers; one of them gets the message.

    What can't be sent is parked for a person, with the reason. A defect is raised once that is written.
    """

    def __init__(self, unit_of_work: UnitOfWorkFactory, email: EmailSender, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._email = email
        self._clock = clock

    async def __call__(self, message_id: str) -> None:
        now = self._clock.now()
        async with self._unit_of_work() as uow:
            message = await uow.outbox.take(message_id, now + LEASE, now)
            facts = await uow.orders.get(message.order_id) if message else None
            await uow.commit()
        if message is None or facts is None:
            return
        await self._send(message, facts)

    async def _send(self, message: WaitingMessage, facts: OrderFacts) -> None:
        try:
            if facts.order.email is not None:
                async with asyncio.timeout(CALL_DEADLINE_SECONDS):
                    await self._email.send(_worded(message, facts, facts.order.email))
        except Rejected as rejected:
            await self._park(message, rejected.code)
        except Unavailable as away:
            await self._put_off(message, away.reason, away.retry_after_seconds or 0)
        except OutcomeUnknown as unknown:
            await self._put_off(message, unknown.reason)
        except TimeoutError:
            await self._put_off(message, "deadline")
        except Exception as defect:
            await self._put_off(message, type(defect).__name__)
            raise
        else:
            async with self._unit_of_work() as uow:
                await uow.outbox.done(message.id, self._clock.now())
                await uow.commit()

    async def _put_off(self, message: WaitingMessage, reason: str, asked_seconds: int = 0) -> None:
        if message.tries > len(_WAITS):
            await self._park(message, reason)
            return
        async with self._unit_of_work() as uow:
            asked = timedelta(seconds=min(asked_seconds, _LONGEST_ASKED_WAIT_SECONDS))
            wait = max(_WAITS[message.tries - 1], asked)
            await uow.outbox.later(message.id, self._clock.now() + wait)
            await uow.commit()

    async def _park(self, message: WaitingMessage, reason: str) -> None:
        async with self._unit_of_work() as uow:
            await uow.outbox.park(message.id, reason, self._clock.now())
            await uow.commit()


def _worded(message: WaitingMessage, facts: OrderFacts, to: str) -> Email:
    order = facts.order
    subject, text = _CONFIRMATION if message.kind is MessageKind.ORDER_CONFIRMATION else _DECLINED
    rows = [f"{line.quantity} x {line.title}: {line.subtotal}" for line in order.lines]
    rows += [f"{entry.label}: {entry.amount}" for entry in order.totals.entries()]
    rows += [f"Could not be shipped: {-shortage.amount}" for shortage in facts.shortages]
    rows += [f"Charged: {facts.sale.amount_due}"] if facts.shortages else []
    return Email(
        message_id=message.id, to=to, subject=subject.format(order.id), text=text + "\n\n" + "\n".join(rows)
    )
