"""Story: an order that can't go on because of a defect of ours is shown to a person, and tried rarely."""

from datetime import timedelta
from typing import Final

from domain.case import CaseReason
from domain.identifiers import CaseId, OrderId
from ports.clock import Clock
from ports.unit_of_work import UnitOfWorkFactory

# A lease apart, so after some three minutes.
FAILURES_BEFORE_CASE: Final = 6
RARELY: Final = timedelta(hours=1)


class SetOrderAside:
    """Counts failures in a row. A provider that is away is none: for that there are attempts."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    async def failed(self, order_id: OrderId, defect: str) -> None:
        """`defect` is its type: its text may hold anything.

        The order is put off before it is read for the case: reading it may be what fails.
        """
        until = self._clock.now() + RARELY
        async with self._unit_of_work() as uow:
            failures = await uow.orders.failed(order_id)
            if failures >= FAILURES_BEFORE_CASE:
                await uow.orders.put_off(order_id, until)
            await uow.commit()
        if failures < FAILURES_BEFORE_CASE:
            return
        async with self._unit_of_work() as uow:
            facts = await uow.orders.get(order_id)
            if facts is None or facts.has_case(CaseReason.ADVANCING_FAILED, order_id):
                return
            case_id = CaseId(self._clock.new_id("case"))
            told = facts.case_opened(
                case_id, CaseReason.ADVANCING_FAILED, order_id, self._clock.now(), detail=defect
            )
            await uow.orders.save(facts, told, until)
            await uow.commit()

    async def recovered(self, order_id: OrderId) -> None:
        """It goes on: the count begins anew, and its case has settled itself."""
        async with self._unit_of_work() as uow:
            await uow.orders.recovered(order_id)
            facts = await uow.orders.get(order_id)
            if facts is not None and facts.has_case(CaseReason.ADVANCING_FAILED, order_id):
                now = self._clock.now()
                closed = facts.cases_closed(CaseReason.ADVANCING_FAILED, order_id, now)
                await uow.orders.save(facts, closed, now)
            await uow.commit()
