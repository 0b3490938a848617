"""Answers by Idempotency-Key, one row a key.

Claims and answers don't wait for the disk (`synchronous_commit=off` for the statement). WAL is sequential:
whenever a later effect of the request is durable, its claim is too. An answer that a crash takes away leaves
a claim that can be taken again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import delete, literal_column, update
from sqlalchemy.types import LargeBinary

from adapters.postgres.claims import (
    ANSWER,
    CLAIM,
    LAZILY,
    PendingClaim,
    answer_columns,
    claim_from,
    coming,
    fetched,
    given,
    waiting,
)
from adapters.postgres.connections import Connections
from adapters.postgres.errors import translated_at_commit, translating
from adapters.postgres.session import run_alone
from adapters.postgres.statement import Statement, parameter
from adapters.postgres.tables import AT
from adapters.postgres.tables import idempotency_keys as keys
from ports.idempotency import DEAD_AFTER, Claim, StoredAnswer

_KEPT_FOR: Final = timedelta(hours=24)

_WAITS = waiting(parameter("key_hash", LargeBinary()), parameter("claimed_at", AT))
_NOW = parameter("now", AT)
_RENEW = Statement(update(keys).where(_WAITS, LAZILY).values(renewed_at=_NOW))
_KEEP = Statement(
    update(keys).where(_WAITS, LAZILY).values({name: parameter(name, keys.c[name].type) for name in ANSWER})
)
_GIVE_UP = Statement(delete(keys).where(_WAITS, LAZILY))
_FORGET = Statement(delete(keys).where(keys.c.claimed_at < _NOW).returning(literal_column("1")))


class PostgresIdempotencyStore:
    """Implements `ports.idempotency.IdempotencyStore`, each call in a transaction of its own."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @contextmanager
    def claiming(self, scope: str, key: str, fingerprint: bytes, now: datetime) -> Iterator[PendingClaim]:
        pending = PendingClaim(
            _given(scope, key, fingerprint, now), lambda: self.claim(scope, key, fingerprint, now)
        )
        with coming(pending):
            yield pending

    async def claim(self, scope: str, key: str, fingerprint: bytes, now: datetime) -> Claim:
        with translating(translated_at_commit):
            async with self._connections.lent() as connection:
                rows = await fetched(CLAIM, connection, _given(scope, key, fingerprint, now))
        return claim_from(rows[0])

    async def renew(self, scope: str, key: str, claimed_at: datetime, now: datetime) -> None:
        await self._changed(_RENEW, scope, key, claimed_at, now=now)

    async def keep(self, scope: str, key: str, claimed_at: datetime, answer: StoredAnswer) -> None:
        await self._changed(_KEEP, scope, key, claimed_at, **answer_columns(answer))

    async def give_up(self, scope: str, key: str, claimed_at: datetime) -> None:
        await self._changed(_GIVE_UP, scope, key, claimed_at)

    async def _changed(
        self, statement: Statement, scope: str, key: str, claimed_at: datetime, **more: Any
    ) -> None:
        which = {"key_hash": _hashed(scope, key), "claimed_at": claimed_at}
        await run_alone(self._connections, statement, writes=True, **which, **more)

    async def forget_before(self, moment: datetime) -> int:
        return len(await run_alone(self._connections, _FORGET, writes=True, now=moment))


def _hashed(scope: str, key: str) -> bytes:
    """128 bits of both: short, and nobody can read a caller's key from the table."""
    return sha256(f"{len(scope)}:{scope}{key}".encode()).digest()[:16]


def _given(scope: str, key: str, fingerprint: bytes, now: datetime) -> dict[str, Any]:
    return given(
        _hashed(scope, key), fingerprint, now, dead_since=now - DEAD_AFTER, old_since=now - _KEPT_FOR
    )
