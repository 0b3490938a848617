"""Story: what a commit promised to tell somebody is told, at least once."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final, Protocol

from application.vendor_calls import CALL_DEADLINE_SECONDS
from domain.events import MessageKind
from domain.identifiers import OrderId
from domain.order_facts import OrderFacts
from ports.clock import Clock
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from ports.unit_of_work import UnitOfWorkFactory, Waiting, WaitingLetter, WaitingMessage

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


class LetterTeller(Protocol):
    """Tells subscribers, and knows for how long it is worth trying."""

    @property
    def waits(self) -> Sequence[timedelta]: ...

    async def __call__(self, letter: WaitingLetter) -> None:
        """Raises Rejected, Unavailable, OutcomeUnknown. What was told may be told again."""


def tellers(*each: Teller) -> Mapping[MessageKind, Teller]:
    """Who tells what, by kind of message."""
    return {kind: teller for teller in each for kind in teller.kinds}


class SendMessages:
    """Tells what was taken from the outbox, side by side, and writes down in one commit what was told. After
    a crash before that it is told again.

    What can't be sent is parked for a person, with the reason.
    """

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        tellers: Mapping[MessageKind, Teller],
        clock: Clock,
        *,
        letters: LetterTeller,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._tellers = tellers
        self._letters = letters
        self._clock = clock

    async def __call__(self, messages: Sequence[Waiting]) -> Sequence[BaseException]:
        """What came in the way of some, each with a note of which; those are due again later."""
        if not messages:
            return ()
        async with self._unit_of_work() as uow:
            of_orders = {each.order_id for each in messages if isinstance(each, WaitingMessage)}
            facts = await uow.orders.get_all(of_orders)
        ends = await asyncio.gather(
            *(self._told(message, facts) for message in messages), return_exceptions=True
        )
        told = [message.id for message, end in zip(messages, ends, strict=True) if end is True]
        async with self._unit_of_work() as uow:
            await uow.outbox.done(told, self._clock.now())
            await uow.commit()
        failures = []
        for message, end in zip(messages, ends, strict=True):
            if isinstance(end, BaseException):
                end.add_note(message.id)
                failures.append(end)
        return failures

    async def _told(self, message: Waiting, facts: Mapping[OrderId, OrderFacts]) -> bool:
        """False when it was put off or parked. A defect is raised once that is written."""
        try:
            async with asyncio.timeout(CALL_DEADLINE_SECONDS):
                match message:
                    case WaitingMessage():
                        await self._tellers[message.kind](message, facts[message.order_id])
                    case WaitingLetter():
                        await self._letters(message)
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
            return True
        return False

    async def _put_off(self, message: Waiting, reason: str, asked_seconds: int = 0) -> None:
        teller = self._tellers[message.kind] if isinstance(message, WaitingMessage) else self._letters
        waits = teller.waits
        if message.tries > len(waits):
            await self._park(message, reason)
            return
        async with self._unit_of_work() as uow:
            asked = timedelta(seconds=min(asked_seconds, _LONGEST_ASKED_WAIT_SECONDS))
            wait = max(waits[message.tries - 1], asked)
            await uow.outbox.later(message.id, self._clock.now() + wait)
            await uow.commit()

    async def _park(self, message: Waiting, reason: str) -> None:
        async with self._unit_of_work() as uow:
            await uow.outbox.park(message.id, reason, self._clock.now())
            await uow.commit()
