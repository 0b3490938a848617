"""Answers by Idempotency-Key, in memory."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ports.idempotency import Claim, StoredAnswer

_DIED_AFTER: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    fingerprint: bytes
    claimed_at: datetime
    answer: StoredAnswer | None = None


class InMemoryIdempotencyStore:
    def __init__(self) -> None:
        self._records: dict[tuple[str, str], _Record] = {}

    async def claim(self, scope: str, key: str, fingerprint: bytes, now: datetime) -> Claim:
        record = self._records.get((scope, key))
        if record is None or (record.answer is None and now - record.claimed_at >= _DIED_AFTER):
            self._records[scope, key] = _Record(fingerprint=fingerprint, claimed_at=now)
            return Claim(is_new=True, fingerprint=fingerprint, answer=None)
        return Claim(is_new=False, fingerprint=record.fingerprint, answer=record.answer)

    async def keep(self, scope: str, key: str, answer: StoredAnswer) -> None:
        self._records[scope, key] = replace(self._records[scope, key], answer=answer)

    async def give_up(self, scope: str, key: str) -> None:
        self._records.pop((scope, key), None)

    async def forget_before(self, moment: datetime) -> int:
        old = [key for key, record in self._records.items() if record.claimed_at < moment]
        for key in old:
            del self._records[key]
        return len(old)
