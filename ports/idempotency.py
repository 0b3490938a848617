"""Remembering the answer to a request by its Idempotency-Key, so that a repeat gets the same one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias

from domain.order_facts import OrderFacts

# A request without a sign of life for so long has died with its process.
DEAD_AFTER: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What became of claiming a key: `fingerprint` is that of the first request; no answer yet means still
    in flight.
    """

    is_new: bool
    fingerprint: bytes
    answer: StoredAnswer | None


class KeyTaken(Exception):
    """Somebody has the key: another request, or the first of this one, which may have had its answer."""

    def __init__(self, claim: Claim) -> None:
        super().__init__()
        self.claim = claim


# None for facts that are to be answered otherwise.
AnswerOf: TypeAlias = Callable[[OrderFacts], StoredAnswer | None]


class PendingClaim(Protocol):
    """A claim that is made with the first thing that its request asks the store, or before, when settled.

    `claimed_at` is when, as the store was told: by that it is known from the claim of whoever takes the key
    over later. `answer_of` says what an order's facts come to as an answer, for whoever sets it; the store
    may then keep that in the commit which brings those facts (see `Orders.save`); then it is `kept`.
    """

    answer_of: AnswerOf | None
    kept: StoredAnswer | None

    @property
    def claimed_at(self) -> datetime: ...

    @property
    def is_ours(self) -> bool:
        """False also while nobody knows: the store gave no answer."""

    async def settle(self) -> None:
        """Makes it now, if nothing was asked yet. Raises KeyTaken the first time."""


class IdempotencyStore(Protocol):
    """Who has a key says when they claimed it. Somebody who was silent for too long, so that another has
    taken the key over since, changes nothing any more: a later claim is of another time.
    """

    def claiming(
        self, scope: str, key: str, fingerprint: bytes, now: datetime
    ) -> AbstractContextManager[PendingClaim]:
        """Like `claim`, but no later than whatever is read or written first within the block.

        That raises KeyTaken if somebody has the key, and has no effect.
        """

    async def claim(self, scope: str, key: str, fingerprint: bytes, now: datetime) -> Claim:
        """Takes the key, or says who has it.

        A key whose request died (no answer, and no sign of life for `DEAD_AFTER`) can be taken again by the
        same request only: nobody knows what it did.
        """

    async def renew(self, scope: str, key: str, claimed_at: datetime, now: datetime) -> None:
        """A sign of life: the request that has the key is still at work."""

    async def keep(self, scope: str, key: str, claimed_at: datetime, answer: StoredAnswer) -> None:
        """The answer that every repeat gets from now on, for 24 hours from the claim."""

    async def give_up(self, scope: str, key: str, claimed_at: datetime) -> None:
        """The request came to nothing (a 5xx), so that its repeat is a new one."""

    async def forget_before(self, moment: datetime) -> int:
        """Deletes claims older than this; how many."""
