"""Stories: an order is read, and explained: what happened, what the money did, and what it waits for now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.decision import decide
from domain.errors import UnknownOrder
from domain.events import Event
from domain.identifiers import OrderId
from domain.order_facts import OrderFacts
from domain.steps import Settled, Step, WaitUntil
from ports.clock import Clock
from ports.queries import AccountBalance, Queries
from ports.unit_of_work import UnitOfWorkFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What an order waits for, since when, and when it is looked at next; all None when nothing is left to
    do.
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
        now = self._clock.now()
        return Explanation(
            facts=facts, events=events, balances=balances, waiting=_waiting(decide(facts, now), events, now)
        )


def _waiting(step: Step, events: Sequence[Event], now: datetime) -> Waiting:
    since = events[-1].at if events else None
    match step:
        case WaitUntil(at=at, reason=reason):
            return Waiting(reason=reason, since=since, until=at)
        case Settled():
            return Waiting(reason=None, since=None, until=None)
        case _:
            return Waiting(reason=f"next_step_{type(step).__name__}", since=since, until=now)
