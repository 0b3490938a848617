"""An order's cases in the words of scenarios: who looks after them, what can be decided, how they ended."""

from datetime import datetime, timedelta

from domain.case import Case
from domain.disputing import evidence_due_by
from domain.order_facts import OrderFacts
from domain.resolving import possible_actions
from tests.bdd.shop import Choice, Matter


def matters_of(facts: OrderFacts, now: datetime) -> tuple[Matter, ...]:
    return tuple(_matter(facts, case, now) for case in facts.cases)


def _matter(facts: OrderFacts, case: Case, now: datetime) -> Matter:
    due_by = evidence_due_by(facts, case)
    return Matter(
        id=case.id,
        keeper=case.assigned_to,
        choices=frozenset(Choice(action.value) for action in possible_actions(facts, case)),
        answer_days=round((due_by - now) / timedelta(days=1)) if due_by else None,
        ended_by=case.resolution.why if case.resolution and not case.decided else None,
    )
