"""Stories: an order is read, and explained: what happened, what the money did, and what it waits for now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.case import CaseReason
from domain.decision import decide
from domain.errors import UnknownOrder
from domain.events import Event, EventKind
from domain.identifiers import OrderId
from domain.order_facts import OrderFacts
from domain.steps import Settled, Step, WaitUntil
from ports.clock import Clock
from ports.queries import AccountBalance, Queries
from ports.unit_of_work import UnitOfWorkFactory

# What people do beside an order doesn't change what it waits for.
_BESIDES: Final = frozenset({EventKind.CASE_ASSIGNED, EventKind.WORK_REPLAYED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What an order waits for, since when, and when it is looked at next. All None when nothing is left to
    do; `until` alone where it waits for a person only.
    """

    reason: str | None
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    facts: OrderFacts
    events: Sequence[Event]
    balances: Sequence[AccountBalance]
    waiting: Waiting


class ReadOrder:
    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work

    async def __call__(self, order_id: OrderId, token_hash: str | None) -> OrderFacts:
        """Raises UnknownOrder."""
        async with self._unit_of_work() as uow:
            facts = await uow.orders.get(order_id)
        if facts is None:
            raise UnknownOrder(order_id=order_id)
        facts.order.require_token(token_hash)
        return facts


class ExplainOrder:
    def __init__(self, read: ReadOrder, queries: Queries, clock: Clock) -> None:
        self._read = read
        self._queries = queries
        self._clock = clock

    async def __call__(self, order_id: OrderId, token_hash: str | None) -> Explanation:
        """Raises UnknownOrder."""
        facts = await self._read(order_id, token_hash)
        events = await self._queries.timeline(order_id)
        balances = await self._queries.balances(order_id)
        return Explanation(
            facts=facts, events=events, balances=balances, waiting=await self._waiting(facts, events)
        )

    async def _waiting(self, facts: OrderFacts, events: Sequence[Event]) -> Waiting:
        """Where deciding itself may be what fails, it isn't tried here."""
        for case in facts.cases:
            if case.reason is CaseReason.ADVANCING_FAILED and case.resolution is None:
                until = await self._queries.next_look(facts.order.id)
                return Waiting(reason=case.reason.value, since=case.opened_at, until=until)
        now = self._clock.now()
        return _waiting(decide(facts, now), facts, events, now)


def _waiting(step: Step, facts: OrderFacts, events: Sequence[Event], now: datetime) -> Waiting:
    since = next((event.at for event in reversed(events) if event.kind not in _BESIDES), None)
    match step:
        case WaitUntil(at=at, reason=reason):
            return Waiting(reason=reason, since=since, until=at)
        case Settled():
            told = [case.opened_at for case in facts.cases if case.resolution is None]
            return Waiting(
                reason="decision_of_a_person" if told else None, since=min(told, default=None), until=None
            )
        case _:
            return Waiting(reason=f"next_step_{type(step).__name__}", since=since, until=now)
