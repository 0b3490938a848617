"""Stripe's idempotency keys: the first result, even an error, is kept for 24 hours and replayed."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from entrypoints.sandbox.stripe.errors import key_in_use, key_reused
from ports.clock import Clock

KEPT_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    status: int
    body: bytes
    request_id: str


@dataclass(slots=True, kw_only=True)
class _Entry:
    endpoint: str
    fingerprint: bytes
    since: datetime
    answer: StoredAnswer | None = None


class IdempotencyKeys:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    def begin(self, key: str, endpoint: str, form: bytes) -> StoredAnswer | None:
        """The earlier answer, or None after the key was taken; then it must be finished or released.

        Raises StripeError when the key stands for another request, or for one that is still under way.
        """
        self._prune()
        fingerprint = hashlib.sha256(form).digest()
        entry = self._entries.get(key)
        if entry is None:
            self._entries[key] = _Entry(endpoint=endpoint, fingerprint=fingerprint, since=self._clock.now())
            return None
        if entry.endpoint != endpoint:
            raise key_reused(
                key, f"for the same endpoint they were first used for ('{endpoint}' vs '{entry.endpoint}')"
            )
        if entry.fingerprint != fingerprint:
            raise key_reused(key, "with the same parameters they were first used with")
        if entry.answer is None:
            raise key_in_use(key)
        return entry.answer

    def finish(self, key: str, answer: StoredAnswer) -> None:
        if entry := self._entries.get(key):
            entry.answer = answer

    def release(self, key: str) -> None:
        """The request never began: its key is free again."""
        self._entries.pop(key, None)

    def _prune(self) -> None:
        horizon = self._clock.now() - KEPT_FOR
        while self._entries:
            key, oldest = next(iter(self._entries.items()))
            if oldest.since > horizon:
                return
            del self._entries[key]
