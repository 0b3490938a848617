"""Answers by Idempotency-Key."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ports.idempotency import DEAD_AFTER, AnswerOf, Claim, KeyTaken, StoredAnswer

_KEPT_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    fingerprint: bytes
    claimed_at: datetime
    renewed_at: datetime | None = None
    answer: StoredAnswer | None = None

    def can_be_taken(self, fingerprint: bytes, now: datetime) -> bool:
        """Its request died, and is repeated; or its answer has had its time."""
        seen_at = self.renewed_at or self.claimed_at
        is_dead = self.answer is None and seen_at <= now - DEAD_AFTER
        return (is_dead and fingerprint == self.fingerprint) or self.claimed_at <= now - _KEPT_FOR


class InMemoryClaim:
    """Implements `ports.idempotency.PendingClaim`."""

    def __init__(self, claimed_at: datetime, claim: Callable[[], Claim]) -> None:
        self.claimed_at = claimed_at
        self._claim: Callable[[], Claim] | None = claim
        self.is_ours = False
        # Nothing is gained by keeping an answer any earlier than it is given, so this never does.
        self.answer_of: AnswerOf | None = None
        self.kept: StoredAnswer | None = None

    async def settle(self) -> None:
        self.make()

    def make(self) -> None:
        """Raises KeyTaken, the first time."""
        make, self._claim = self._claim, None
        if make is not None:
            claim = make()
            self.is_ours = claim.is_new
            if not claim.is_new:
                raise KeyTaken(claim)


_OF_THIS_REQUEST: Final[ContextVar[InMemoryClaim | None]] = ContextVar("claim", default=None)


def claim_first() -> None:
    """For whoever reads or writes: the claim of this request comes before. Raises KeyTaken."""
    if (claim := _OF_THIS_REQUEST.get()) is not None:
        claim.make()


class InMemoryIdempotencyStore:
    """Implements `ports.idempotency.IdempotencyStore`."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], _Record] = {}

    @contextmanager
    def claiming(self, scope: str, key: str, fingerprint: bytes, now: datetime) -> Iterator["InMemoryClaim"]:
        claim = InMemoryClaim(now, lambda: self._claim(scope, key, fingerprint, now))
        token = _OF_THIS_REQUEST.set(claim)
        try:
            yield claim
        finally:
            _OF_THIS_REQUEST.reset(token)

    async def claim(self, scope: str, key: str, fingerprint: bytes, now: datetime) -> Claim:
        return self._claim(scope, key, fingerprint, now)

    def _claim(self, scope: str, key: str, fingerprint: bytes, now: datetime) -> Claim:
        record = self._records.get((scope, key))
        if record is None or record.can_be_taken(fingerprint, now):
            self._records[scope, key] = _Record(fingerprint=fingerprint, claimed_at=now)
            return Claim(is_new=True, fingerprint=fingerprint, answer=None)
        return Claim(is_new=False, fingerprint=record.fingerprint, answer=record.answer)

    async def renew(self, scope: str, key: str, claimed_at: datetime, now: datetime) -> None:
        if (record := self._of_claim(scope, key, claimed_at)) is not None:
            self._records[scope, key] = replace(record, renewed_at=now)

    async def keep(self, scope: str, key: str, claimed_at: datetime, answer: StoredAnswer) -> None:
        if (record := self._of_claim(scope, key, claimed_at)) is not None:
            self._records[scope, key] = replace(record, answer=answer)

    async def give_up(self, scope: str, key: str, claimed_at: datetime) -> None:
        if self._of_claim(scope, key, claimed_at) is not None:
            del self._records[scope, key]

    def _of_claim(self, scope: str, key: str, claimed_at: datetime) -> _Record | None:
        """The record, while it waits for the answer of this claim and of no other."""
        record = self._records.get((scope, key))
        waits = record is not None and record.answer is None and record.claimed_at == claimed_at
        return record if waits else None

    async def forget_before(self, moment: datetime) -> int:
        old = [key for key, record in self._records.items() if record.claimed_at < moment]
        for key in old:
            del self._records[key]
        return len(old)
