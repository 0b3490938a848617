"""Answers about an order, said beforehand, so that they are kept in the very commit that they tell of."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from domain.order_facts import OrderFacts
from entrypoints.http.answers import StoredAnswerOf, as_json
from ports.idempotency import PendingClaim, StoredAnswer

T = TypeVar("T")


class AnswerAbout(Generic[T]):
    """What a route answers about an order; `show` says None for facts that it does not answer with."""

    def __init__(self, scope: Any, status: int, show: Callable[[OrderFacts], T | None]) -> None:
        self._status = status
        self._show = show
        self._claim: PendingClaim | None = scope.get("claim")
        if self._claim is not None:
            self._claim.answer_of = self._stored

    def or_kept(self, shown: Callable[[], T]) -> T:
        """What was kept with the commit, as it is; else what is shown now."""
        kept = self._claim.kept if self._claim is not None else None
        return shown() if kept is None else cast(T, StoredAnswerOf(kept))

    def _stored(self, facts: OrderFacts) -> StoredAnswer | None:
        if (shown := self._show(facts)) is None:
            return None
        return StoredAnswer(status=self._status, content_type="application/json", body=as_json(shown))
