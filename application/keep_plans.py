"""Story: the merchant keeps the plans that can be subscribed to."""

from collections.abc import Sequence

from domain.plan import Plan
from ports.unit_of_work import UnitOfWorkFactory


class PutPlans:
    """Adds or replaces plans by id, all of them or none. Repeating it changes nothing.

    Who has subscribed keeps the terms of then, until their plan is changed.
    """

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work

    async def __call__(self, plans: Sequence[Plan]) -> None:
        async with self._unit_of_work() as uow:
            await uow.plans.put(plans)
            await uow.commit()
