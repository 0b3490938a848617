"""A request's claim to its Idempotency-Key, made along with the first thing that it asks the database.

Nearly every request begins with a read. The claim rides on it, in the same statement: a round trip less, and
nothing has happened yet when it turns out that somebody else has the key. See docs/decisions/0023.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from enum import Enum
from functools import cache, partial
from typing import Any, Final

import msgspec
from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import LargeBinary

from adapters.postgres.answer_packing import packed, unpacked
from adapters.postgres.statement import Connection, Row, Statement, parameter
from adapters.postgres.tables import AT
from adapters.postgres.tables import idempotency_keys as keys
from domain.order_facts import OrderFacts
from ports.errors import ConcurrentChange
from ports.idempotency import AnswerOf, Claim, KeyTaken, StoredAnswer

LAZILY: Final[ColumnElement[bool]] = (
    func.set_config("synchronous_commit", "off", literal_column("true")) == "off"
)
ANSWER: Final = ("status", "packing", "content_type", "headers", "body")
_THERE: Final = "asked_is_there"
_MOST_RACES: Final = 5


class _State(Enum):
    """ASKED: nobody knows until the answer comes. If it never does, the key isn't ours to give."""

    TO_COME = 1
    ASKED = 2
    OURS = 3
    TAKEN = 4


class PendingClaim:
    """Implements `ports.idempotency.PendingClaim`."""

    def __init__(self, parameters: dict[str, Any], claim: Callable[[], Awaitable[Claim]]) -> None:
        self.answer_of: AnswerOf | None = None
        self.kept: StoredAnswer | None = None
        self._parameters = parameters
        self._claim = claim
        self._state = _State.TO_COME

    @property
    def key_hash(self) -> bytes:
        key_hash: bytes = self._parameters["claim_key"]
        return key_hash

    @property
    def claimed_at(self) -> datetime:
        claimed_at: datetime = self._parameters["claim_at"]
        return claimed_at

    @property
    def is_to_come(self) -> bool:
        return self._state is _State.TO_COME

    @property
    def is_ours(self) -> bool:
        return self._state is _State.OURS

    async def settle(self) -> None:
        if self.is_to_come:
            self._state = _State.ASKED
            self._told(await self._claim())

    async def along(
        self, statement: Statement, connection: Connection, parameters: dict[str, Any]
    ) -> list[Row]:
        """The rows of a read that brings the claim along. Raises KeyTaken."""
        rows = await self._asked(along(statement), connection, self._parameters | parameters)
        return [row for row in rows if row[_THERE]]

    async def alone(self, connection: Connection) -> None:
        """Makes it before anything else is asked of this connection. Raises KeyTaken."""
        await self._asked(CLAIM, connection, self._parameters)

    async def _asked(
        self, statement: Statement, connection: Connection, parameters: dict[str, Any]
    ) -> list[Row]:
        self._state = _State.ASKED
        try:
            rows = await fetched(statement, connection, parameters)
        except ConcurrentChange:
            # Certainly not ours: who tries the read once more claims once more.
            self._state = _State.TO_COME
            raise
        self._told(claim_from(rows[0]))
        return rows

    def _told(self, claim: Claim) -> None:
        self._state = _State.OURS if claim.is_new else _State.TAKEN
        if not claim.is_new:
            raise KeyTaken(claim)


_OF_THIS_REQUEST: Final[ContextVar[PendingClaim | None]] = ContextVar("claim", default=None)


@contextmanager
def coming(claim: PendingClaim) -> Iterator[PendingClaim]:
    """Within the block the claim is this request's."""
    token = _OF_THIS_REQUEST.set(claim)
    try:
        yield claim
    finally:
        _OF_THIS_REQUEST.reset(token)
        claim.answer_of = None  # what was begun within the block may outlive it


def answer_along(
    facts: Callable[[], OrderFacts],
) -> tuple[dict[str, Any], Callable[[], None]] | None:
    """The answer that these facts come to, if this request waits for one, as parameters of the order's write
    (see `order_statements.ANSWERED`); and what to call when that is committed.
    """
    claim = _OF_THIS_REQUEST.get()
    if claim is None or not claim.is_ours or claim.answer_of is None:
        return None
    if (answer := claim.answer_of(facts())) is None:
        return None
    columns = answer_columns(answer)
    waits = {"answer_key": claim.key_hash, "answer_claimed_at": claim.claimed_at}
    parameters = {**waits, **{f"answer_{name}": columns[name] for name in ANSWER}}
    return parameters, partial(setattr, claim, "kept", answer)


def waiting(key: ColumnElement[bytes], claimed_at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """The key still waits for the answer of this claim, and nobody has taken it over: such a claim is of
    another time, since it comes when this one was silent for `DEAD_AFTER`.
    """
    return and_(keys.c.key_hash == key, keys.c.status.is_(None), keys.c.claimed_at == claimed_at)


def answer_columns(answer: StoredAnswer) -> dict[str, Any]:
    """The columns of a kept answer, by name."""
    packing, body = packed(answer.body)
    return {
        "status": answer.status,
        "packing": packing,
        "content_type": answer.content_type,
        "headers": msgspec.json.encode(answer.headers).decode() if answer.headers else None,
        "body": body,
    }


def claim_to_come() -> PendingClaim | None:
    claim = _OF_THIS_REQUEST.get()
    return claim if claim is not None and claim.is_to_come else None


def given(
    key_hash: bytes, fingerprint: bytes, now: datetime, dead_since: datetime, old_since: datetime
) -> dict[str, Any]:
    """The parameters of a claim."""
    return {
        "claim_key": key_hash,
        "claim_fingerprint": fingerprint,
        "claim_at": now,
        "claim_dead_since": dead_since,
        "claim_old_since": old_since,
    }


def _claimed() -> CTE:
    """Takes the key if it is new, if its request died and is repeated, or if its answer has had its time;
    else reads what is there. No row: a race was lost.
    """
    key, fingerprint = parameter("claim_key", LargeBinary()), parameter("claim_fingerprint", LargeBinary())
    row = select(
        parameter("claim_at", AT).label("claimed_at"), key.label("key_hash"), fingerprint.label("fingerprint")
    ).where(LAZILY)
    added = insert(keys).from_select(["claimed_at", "key_hash", "fingerprint"], row)
    died = and_(
        keys.c.status.is_(None),
        func.coalesce(keys.c.renewed_at, keys.c.claimed_at) <= parameter("claim_dead_since", AT),
        keys.c.fingerprint == fingerprint,
    )
    taken = (
        added.on_conflict_do_update(
            index_elements=[keys.c.key_hash],
            set_={
                "claimed_at": added.excluded.claimed_at,
                "fingerprint": added.excluded.fingerprint,
                "renewed_at": null(),
                **{name: null() for name in ANSWER},
            },
            where=or_(died, keys.c.claimed_at <= parameter("claim_old_since", AT)),
        )
        .returning(keys.c.fingerprint)
        .cte("taken")
    )
    new = select(
        literal_column("true").label("claim_is_new"),
        taken.c.fingerprint.label("claim_fingerprint"),
        *(null().label(f"claim_{name}") for name in ANSWER),
    )
    known = select(
        literal_column("false").label("claim_is_new"),
        keys.c.fingerprint.label("claim_fingerprint"),
        *(keys.c[name].label(f"claim_{name}") for name in ANSWER),
    ).where(keys.c.key_hash == key, ~exists(select(taken.c.fingerprint)))
    return union_all(new, known).cte("claim")


CLAIM: Final = Statement(select(_claimed()))


async def fetched(statement: Statement, connection: Connection, parameters: dict[str, Any]) -> list[Row]:
    """The rows of a statement that claims. Raises ConcurrentChange when it loses every race."""
    for _ in range(_MOST_RACES):
        if rows := await statement.fetch_given(connection, parameters):
            return rows
        # Somebody else claimed it after this statement had begun, and it can't see theirs: the next one does.
    raise ConcurrentChange


@cache
def along(statement: Statement) -> Statement:
    """The claim's columns before those of the read; the former alone where it finds nothing."""
    assert isinstance(statement.construct, Select), "only reads bring a claim along"  # noqa: S101
    claim = _claimed()
    asked = statement.construct.add_columns(literal_column("true").label(_THERE)).subquery("asked")
    return Statement(select(claim, asked).select_from(claim.outerjoin(asked, true())))


def claim_from(row: Row) -> Claim:
    answer = None
    if row["claim_status"] is not None:
        headers: Any = row["claim_headers"]
        answer = StoredAnswer(
            status=row["claim_status"],
            content_type=row["claim_content_type"],
            body=unpacked(row["claim_packing"], row["claim_body"]),
            headers=msgspec.json.decode(headers, type=tuple[tuple[str, str], ...]) if headers else (),
        )
    return Claim(is_new=row["claim_is_new"], fingerprint=row["claim_fingerprint"], answer=answer)
