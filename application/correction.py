"""A fact that a reconciliation brings: what the provider says is taken in, and what that doesn't explain is
shown to a person.
"""

from collections.abc import Callable

from application.vendor_calls import Fact
from domain.case import CaseReason
from domain.identifiers import CaseId
from domain.order_facts import OrderFacts
from domain.reconciliation import Done
from ports.clock import Clock


class Correction:
    """Recorded like any other fact; afterwards it tells what it did. Recorded again it does nothing more."""

    def __init__(
        self,
        clock: Clock,
        reason: CaseReason,
        subject_id: str,
        *,
        differs: Callable[[OrderFacts], bool],
        observe: Fact,
        is_outdated: Callable[[OrderFacts], bool],
    ) -> None:
        """The case is opened for `reason` and subject if it `differs` even after what there is to `observe`.

        `is_outdated`: the order has learned something since the provider was asked.
        """
        self._clock = clock
        self._reason = reason
        self._subject_id = subject_id
        self._differs = differs
        self._observe = observe
        self._is_outdated = is_outdated
        self._cases_before = 0
        self._differed = self._is_explained = False

    def __call__(self, facts: OrderFacts) -> OrderFacts:
        self._cases_before = len(facts.cases)
        self._differed = not self._is_outdated(facts) and self._differs(facts)
        if not self._differed:
            return facts
        after = self._observe(facts)
        self._is_explained = not self._differs(after)
        if self._is_explained or _is_in_doubt(facts, self._subject_id):
            return after
        return self._shown(after)

    def done(self, facts: OrderFacts) -> Done | None:
        """What came of it, by the order that it was recorded for; None if nothing differed any more."""
        if not self._differed:
            return None
        if len(facts.cases) > self._cases_before:
            return Done.CASE_OPENED
        return Done.REPAIRED if self._is_explained else Done.NOTED

    def _shown(self, facts: OrderFacts) -> OrderFacts:
        if facts.has_case(self._reason, self._subject_id):
            return facts
        case_id = CaseId(self._clock.new_id("case"))
        return facts.case_opened(case_id, self._reason, self._subject_id, self._clock.now())


def case_for(clock: Clock, reason: CaseReason, subject_id: str) -> Correction:
    """Nothing to observe: a difference that only a person can explain."""
    return Correction(
        clock,
        reason,
        subject_id,
        differs=lambda _: True,
        observe=lambda facts: facts,
        is_outdated=lambda _: False,
    )


def _is_in_doubt(facts: OrderFacts, subject_id: str) -> bool:
    """Whether a call about it is under way, or to be looked up: that comes first, and may explain it."""
    return any(attempt.is_doubtful and attempt.subject_id == subject_id for attempt in facts.attempts)
