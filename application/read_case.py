"""Stories: a case is read, with what can be done about it; what a decision would do is said beforehand."""

from dataclasses import dataclass
from datetime import datetime

from application.explain_order import ReadOrder
from domain.act import Act
from domain.case import Case, CaseAction
from domain.disputing import evidence_due_by
from domain.errors import UnknownCase
from domain.foresight import Foresight, foresee
from domain.identifiers import CaseId, OrderId
from domain.order_facts import OrderFacts
from domain.resolving import case_of, possible_actions
from ports.clock import Clock
from ports.queries import Queries


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRead:
    """`possible` are the actions that would do something now. `evidence_due_by`: until when a bank hears us,
    in the case of a dispute.
    """

    case: Case
    order_id: OrderId
    possible: tuple[CaseAction, ...]
    evidence_due_by: datetime | None


class ReadCase:
    def __init__(self, read_order: ReadOrder, queries: Queries, clock: Clock) -> None:
        self._read_order = read_order
        self._queries = queries
        self._clock = clock

    async def __call__(self, case_id: CaseId) -> CaseRead:
        """Raises UnknownCase."""
        return case_read(await self._facts(case_id), case_id)

    async def foresee(self, case_id: CaseId, action: CaseAction) -> Foresight:
        """What this decision would do. Raises UnknownCase, CaseAlreadyResolved and ActionNotPossible."""
        facts = await self._facts(case_id)
        anybody = Act(by="", why="", at=self._clock.now())
        return foresee(facts, case_of(facts, case_id), action, anybody)

    async def _facts(self, case_id: CaseId) -> OrderFacts:
        listed = await self._queries.case(case_id)
        if listed is None:
            raise UnknownCase(case_id=case_id)
        return await self._read_order(listed.order_id, token_hash=None)


def case_read(facts: OrderFacts, case_id: CaseId) -> CaseRead:
    """Raises UnknownCase."""
    case = case_of(facts, case_id)
    return CaseRead(
        case=case,
        order_id=facts.order.id,
        possible=possible_actions(facts, case),
        evidence_due_by=evidence_due_by(facts, case),
    )
