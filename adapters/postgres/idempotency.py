"""Answers by Idempotency-Key, one row a key.

Claims and answers don't wait for the disk (`synchronous_commit=off` for the statement). WAL is sequential:
whenever a later effect of the request is durable, its claim is too. An answer that a crash takes away leaves
a claim that can be taken again.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, and_, delete, exists, func, literal_column, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import LargeBinary

from adapters.postgres.answer_packing import packed, unpacked
from adapters.postgres.connections import Connections
from adapters.postgres.session import run_alone
from adapters.postgres.statement import Row, Statement, parameter
from adapters.postgres.tables import AT
from adapters.postgres.tables import idempotency_keys as keys
from ports.errors import ConcurrentChange
from ports.idempotency import DEAD_AFTER, Claim, StoredAnswer

_KEPT_FOR: Final = timedelta(hours=24)
_MOST_RACES: Final = 5

_KEY = parameter("key_hash", LargeBinary())
_FINGERPRINT = parameter("fingerprint", LargeBinary())
_NOW = parameter("now", AT)
_LAZILY: ColumnElement[bool] = func.set_config("synchronous_commit", "off", literal_column("true")) == "off"
_ANSWER: Final = ("status", "packing", "content_type", "headers", "body")


def _claim() -> Statement:
    """Takes the key if it is new, if its request died and is repeated, or if its answer has had its time;
    else reads what is there.
    """
    given = select(_NOW.label("claimed_at"), _KEY.label("key_hash"), _FINGERPRINT.label("fingerprint")).where(
        _LAZILY
    )
    added = insert(keys).from_select(["claimed_at", "key_hash", "fingerprint"], given)
    died = and_(
        keys.c.status.is_(None),
        keys.c.claimed_at <= parameter("dead_since", AT),
        keys.c.fingerprint == _FINGERPRINT,
    )
    taken = (
        added.on_conflict_do_update(
            index_elements=[keys.c.key_hash],
            set_={
                "claimed_at": added.excluded.claimed_at,
                "fingerprint": added.excluded.fingerprint,
                **{name: null() for name in _ANSWER},
            },
            where=or_(died, keys.c.claimed_at <= parameter("old_since", AT)),
        )
        .returning(keys.c.fingerprint)
        .cte("taken")
    )
    new = select(
        literal_column("true").label("is_new"), taken.c.fingerprint, *(null().label(name) for name in _ANSWER)
    )
    known = select(
        literal_column("false").label("is_new"), keys.c.fingerprint, *(keys.c[name] for name in _ANSWER)
    )
    return Statement(
        new.union_all(known.where(keys.c.key_hash == _KEY, ~exists(select(taken.c.fingerprint))))
    )


_CLAIM = _claim()
_RENEW = Statement(
    update(keys).where(keys.c.key_hash == _KEY, keys.c.status.is_(None), _LAZILY).values(claimed_at=_NOW)
)
_KEEP = Statement(
    update(keys)
    .where(keys.c.key_hash == _KEY, keys.c.status.is_(None), _LAZILY)
    .values({name: parameter(name, keys.c[name].type) for name in _ANSWER})
)
_GIVE_UP = Statement(delete(keys).where(keys.c.key_hash == _KEY, keys.c.status.is_(None), _LAZILY))
_FORGET = Statement(delete(keys).where(keys.c.claimed_at < _NOW).returning(literal_column("1")))


class PostgresIdempotencyStore:
    """Implements `ports.idempotency.IdempotencyStore`, each call in a transaction of its own."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def claim(self, scope: str, key: str, fingerprint: bytes, now: datetime) -> Claim:
        for _ in range(_MOST_RACES):
            rows = await run_alone(
                self._connections,
                _CLAIM,
                writes=True,
                key_hash=_hashed(scope, key),
                fingerprint=fingerprint,
                now=now,
                dead_since=now - DEAD_AFTER,
                old_since=now - _KEPT_FOR,
            )
            if rows:
                row = rows[0]
                return Claim(is_new=row["is_new"], fingerprint=row["fingerprint"], answer=_answer(row))
            # Somebody else claimed it after this statement had begun, and it can't see theirs: the next one
            # does.
        raise ConcurrentChange

    async def renew(self, scope: str, key: str, now: datetime) -> None:
        await run_alone(self._connections, _RENEW, writes=True, key_hash=_hashed(scope, key), now=now)

    async def keep(self, scope: str, key: str, answer: StoredAnswer) -> None:
        packing, body = packed(answer.body)
        await run_alone(
            self._connections,
            _KEEP,
            writes=True,
            key_hash=_hashed(scope, key),
            status=answer.status,
            content_type=answer.content_type,
            headers=msgspec.json.encode(answer.headers).decode() if answer.headers else None,
            packing=packing,
            body=body,
        )

    async def give_up(self, scope: str, key: str) -> None:
        await run_alone(self._connections, _GIVE_UP, writes=True, key_hash=_hashed(scope, key))

    async def forget_before(self, moment: datetime) -> int:
        return len(await run_alone(self._connections, _FORGET, writes=True, now=moment))


def _hashed(scope: str, key: str) -> bytes:
    """128 bits of both: short, and nobody can read a caller's key from the table."""
    return sha256(f"{len(scope)}:{scope}{key}".encode()).digest()[:16]


def _answer(row: Row) -> StoredAnswer | None:
    if row["status"] is None:
        return None
    headers: Any = (
        msgspec.json.decode(row["headers"], type=tuple[tuple[str, str], ...]) if row["headers"] else ()
    )
    return StoredAnswer(
        status=row["status"],
        content_type=row["content_type"],
        body=unpacked(row["packing"], row["body"]),
        headers=headers,
    )
