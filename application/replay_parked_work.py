"""Story: a webhook or a message that was parked is tried again, with as many tries as the first time."""

from application.record_act import RecordAct
from domain.act import Act
from domain.errors import UnknownParkedWork
from domain.events import EventKind
from ports.clock import Clock
from ports.nudges import Nudges
from ports.queries import Box, Queries
from ports.unit_of_work import UnitOfWorkFactory


class ReplayParkedWork:
    """What is parked again can be replayed again. Each time is kept with it, and told in its order's
    timeline.
    """

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        record: RecordAct,
        queries: Queries,
        clock: Clock,
        nudges: Nudges,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._record = record
        self._queries = queries
        self._clock = clock
        self._nudges = nudges

    async def __call__(self, work_id: str, by: str, why: str) -> None:
        """Raises UnknownParkedWork for what is not parked (any more)."""
        act = Act(by=by, why=why, at=self._clock.now())
        parked = await self._queries.parked_work(work_id)
        if parked is None:
            raise UnknownParkedWork(work_id=work_id)
        async with self._unit_of_work() as uow:
            box = uow.inbox if parked.box is Box.INBOX else uow.outbox
            if not await box.replay(work_id, act):
                raise UnknownParkedWork(work_id=work_id)
            if parked.order_id is not None:
                await self._record.within(
                    uow,
                    parked.order_id,
                    lambda facts: facts.told_act(EventKind.WORK_REPLAYED, act, work_id, parked.kind),
                )
            await uow.commit()
        if parked.box is Box.INBOX:
            await self._nudges.webhook_arrived(work_id)
