"""Wish: what a merchant wants of a provider about a subscription, until it has happened or was refused."""

from datetime import datetime

from domain.attempt import Attempt, Operation
from domain.plan import PlanTerms
from domain.values import value


@value
class Wish:
    """What is wanted of the provider, until it has happened or was refused. The attempt comes with the
    call.
    """

    operation: Operation
    asked_at: datetime
    terms: PlanTerms | None = None
    attempt: Attempt | None = None

    @property
    def is_doubtful(self) -> bool:
        return self.attempt is not None and self.attempt.is_doubtful

    def may_happen_unseen(self, now: datetime) -> bool:
        """Also when it was not found a moment ago: the request may still be under way."""
        return self.is_doubtful or (self.attempt is not None and now < self.attempt.may_arrive_until)

    def is_due(self, now: datetime) -> bool:
        """Whether the provider may be asked now: for it, or what became of it."""
        return self.attempt is None or now >= self.attempt.due_at
