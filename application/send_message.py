"""Story: what a commit promised to tell somebody is told, at least once."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final, Protocol

from application.vendor_calls import CALL_DEADLINE_SECONDS, LEASE
from domain.events import MessageKind
from domain.order_facts import OrderFacts
from ports.clock import Clock
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from ports.unit_of_work import UnitOfWorkFactory, WaitingMessage

# A vendor may ask for a longer wait; one that names an absurd one isn't believed.
_LONGEST_ASKED_WAIT_SECONDS: Final = 3_600


class Teller(Protocol):
    """Tells those whom messages of its kinds are for, and knows for how long it is worth trying."""

    @property
    def kinds(self) -> Collection[MessageKind]: ...

    @property
    def waits(self) -> Sequence[timedelta]:
        """How long to wait after each failed try; after the last of them the message is parked."""

    async def __call__(self, message: WaitingMessage, facts: OrderFacts) -> None:
        """Raises Rejected, Unavailable, OutcomeUnknown. What was told may be told again."""


def tellers(*each: Teller) -> Mapping[MessageKind, Teller]:
    """Who tells what, by kind of message."""
    return {kind: teller for teller in each for kind in teller.kinds}


class SendMessage:
    """Safe to call from several workers; one of them gets the message.

    What can't be sent is parked for a person, with the reason. A defect is raised once that is written.
    """

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, tellers: Mapping[MessageKind, Teller], clock: Clock
    ) -> None:
        self._unit_of_work = unit_of_work
        self._tellers = tellers
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
            async with asyncio.timeout(CALL_DEADLINE_SECONDS):
                await self._tellers[message.kind](message, facts)
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
        waits = self._tellers[message.kind].waits
        if message.tries > len(waits):
            await self._park(message, reason)
            return
        async with self._unit_of_work() as uow:
            asked = timedelta(seconds=min(asked_seconds, _LONGEST_ASKED_WAIT_SECONDS))
            wait = max(waits[message.tries - 1], asked)
            await uow.outbox.later(message.id, self._clock.now() + wait)
            await uow.commit()

    async def _park(self, message: WaitingMessage, reason: str) -> None:
        async with self._unit_of_work() as uow:
            await uow.outbox.park(message.id, reason, self._clock.now())
            await uow.commit()
