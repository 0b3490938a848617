"""Answers by Idempotency-Key."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ports.idempotency import DEAD_AFTER, Claim, StoredAnswer

_KEPT_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    fingerprint: bytes
    claimed_at: datetime
    answer: StoredAnswer | None = None

    def can_be_taken(self, fingerprint: bytes, now: datetime) -> bool:
        """Its request died, and is repeated; or its answer has had its time."""
        is_dead = self.answer is None and self.claimed_at <= now - DEAD_AFTER
        return (is_dead and fingerprint == self.fingerprint) or self.claimed_at <= now - _KEPT_FOR


class InMemoryIdempotencyStore:
    """Implements `ports.idempotency.IdempotencyStore`."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], _Record] = {}

    async def claim(self, scope: str, key: str, fingerprint: bytes, now: datetime) -> Claim:
        record = self._records.get((scope, key))
        if record is None or record.can_be_taken(fingerprint, now):
            self._records[scope, key] = _Record(fingerprint=fingerprint, claimed_at=now)
            return Claim(is_new=True, fingerprint=fingerprint, answer=None)
        return Claim(is_new=False, fingerprint=record.fingerprint, answer=record.answer)

    async def renew(self, scope: str, key: str, now: datetime) -> None:
        record = self._records.get((scope, key))
        if record is not None and record.answer is None:
            self._records[scope, key] = replace(record, claimed_at=now)

    async def keep(self, scope: str, key: str, answer: StoredAnswer) -> None:
        record = self._records.get((scope, key))
        if record is not None and record.answer is None:
            self._records[scope, key] = replace(record, answer=answer)

    async def give_up(self, scope: str, key: str) -> None:
        record = self._records.get((scope, key))
        if record is not None and record.answer is None:
            del self._records[scope, key]

    async def forget_before(self, moment: datetime) -> int:
        old = [key for key, record in self._records.items() if record.claimed_at < moment]
        for key in old:
            del self._records[key]
        return len(old)
