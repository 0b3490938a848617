"""Story: the goods of a period's orders are compared with what the inventory service has of them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from domain.identifiers import OrderId
from domain.order_facts import OrderFacts
from domain.period import Period
from domain.shop import StockKeeper
from domain.stock_comparison import StockFinding, compared, is_under_way, to_book_back
from ports.clock import Clock
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from ports.inventory import InventoryService
from ports.queries import Queries
from ports.unit_of_work import UnitOfWorkFactory

_A_PAGE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReport:
    """`orders` were looked at; those `under_way` were not compared. Without `was_compared` the service can't
    be asked for its holds, and the findings are what our own records say.
    """

    period: Period
    orders: int
    under_way: int
    was_compared: bool
    findings: tuple[StockFinding, ...]


class ServiceAway(Exception):
    """The inventory service did not answer, and there is no report; `reason` is the vendor call's word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ReportStock:
    """Changes nothing, here or there."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        queries: Queries,
        service: InventoryService | None,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._queries = queries
        self._service = service
        self._clock = clock

    async def __call__(self, period: Period) -> StockReport:
        """The orders that were placed in the period and whose goods the service keeps.

        Raises ServiceAway.
        """
        orders, under_way, was_compared = 0, 0, self._service is not None
        findings: list[StockFinding] = []
        async for facts in self._orders(period):
            orders += 1
            if is_under_way(facts):
                under_way += 1
                continue
            differences = await self._compared(facts) if was_compared else None
            was_compared = differences is not None
            findings += differences if differences is not None else to_book_back(facts)
        return StockReport(
            period=period,
            orders=orders,
            under_way=under_way,
            was_compared=was_compared,
            findings=tuple(findings),
        )

    async def _compared(self, facts: OrderFacts) -> tuple[StockFinding, ...] | None:
        """None if the service can't be asked for its holds."""
        if self._service is None:
            return None
        try:
            known = await self._service.find(facts.order.id)
        except Rejected:
            return None
        except (Unavailable, OutcomeUnknown) as away:
            raise ServiceAway(away.reason) from away
        return compared(facts, known, self._clock.now())

    async def _orders(self, period: Period) -> AsyncIterator[OrderFacts]:
        """Newest first."""
        after: OrderId | None = None
        while page := await self._queries.orders(after, _A_PAGE, None):
            for summary in page:
                if summary.placed_at < period.since:
                    return
                if not period.covers(summary.placed_at):
                    continue
                async with self._unit_of_work() as uow:
                    facts = await uow.orders.get(summary.id)
                if facts is not None and facts.order.stock_keeper is StockKeeper.SERVICE:
                    yield facts
            after = page[-1].id
