"""Stories: somebody looks after a case, and decides it. Each act says who and why, and is told."""

from dataclasses import dataclass

from application.read_case import CaseRead, case_read
from application.record_act import RecordAct
from domain.act import Act
from domain.case import CaseAction
from domain.errors import UnknownCase
from domain.identifiers import CaseId, OrderId, RefundId
from domain.resolving import case_assigned, case_resolved
from ports.clock import Clock
from ports.queries import Queries


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """`to` looks after the case; `by` says so, who may be the same."""

    case_id: CaseId
    to: str
    by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    case_id: CaseId
    action: CaseAction
    by: str
    why: str


class AssignCase:
    """Assigning it again to the same person changes nothing."""

    def __init__(self, record: RecordAct, queries: Queries, clock: Clock) -> None:
        self._record = record
        self._queries = queries
        self._clock = clock

    async def __call__(self, assignment: Assignment) -> CaseRead:
        """Raises UnknownCase and CaseAlreadyResolved."""
        act = Act(by=assignment.by, why=assignment.why, at=self._clock.now())
        case_id = assignment.case_id
        facts = await self._record(
            await order_of_case(self._queries, case_id),
            lambda facts: case_assigned(facts, case_id, assignment.to, act),
        )
        return case_read(facts, case_id)


class ResolveCase:
    """The decision is a fact; a worker takes the order further. Deciding the same again changes nothing."""

    def __init__(self, record: RecordAct, queries: Queries, clock: Clock) -> None:
        self._record = record
        self._queries = queries
        self._clock = clock

    async def __call__(self, decision: Decision) -> CaseRead:
        """Raises UnknownCase, CaseAlreadyResolved and ActionNotPossible."""
        act = Act(by=decision.by, why=decision.why, at=self._clock.now())
        case_id, refund_id = decision.case_id, RefundId(self._clock.new_id("ref"))
        facts = await self._record(
            await order_of_case(self._queries, case_id),
            lambda facts: case_resolved(facts, case_id, decision.action, act, refund_id),
        )
        return case_read(facts, case_id)


async def order_of_case(queries: Queries, case_id: CaseId) -> OrderId:
    """Raises UnknownCase."""
    listed = await queries.case(case_id)
    if listed is None:
        raise UnknownCase(case_id=case_id)
    return listed.order_id
