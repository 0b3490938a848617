"""Attempt: one intended effect at a vendor, persisted before the call. Its id is the idempotency key.

It is retried under the same key until its outcome is known; another intention is another attempt. So is the
same intention under another key, once the vendor answers the old key with an error for ever.
"""

from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from domain.events import Event, EventKind
from domain.identifiers import (
    AttemptId,
    CustomerId,
    PaymentId,
    RefundId,
    ReservationId,
    SubscriptionId,
)
from domain.values import replace, value

SubjectId = PaymentId | RefundId | ReservationId | CustomerId | SubscriptionId


class Operation(Enum):
    CREATE_PAYMENT = "create_payment"
    CONFIRM_PAYMENT = "confirm_payment"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"
    RESERVE = "reserve"
    CONFIRM_HOLD = "confirm_hold"
    RELEASE_HOLD = "release_hold"
    SUBSCRIBE = "subscribe"
    CHANGE_PLAN = "change_plan"
    CANCEL_NOW = "cancel_now"
    CANCEL_AT_PERIOD_END = "cancel_at_period_end"
    REGISTER_CUSTOMER = "register_customer"
    REMOVE_CUSTOMER = "remove_customer"


class AttemptState(Enum):
    """IN_FLIGHT: somebody is calling. UNKNOWN: it may have happened. UNAVAILABLE: it certainly did not.

    ACCEPTED: the vendor has taken it on, and tells later what came of it. SPENT: it did not happen, and never
    will under this key. REJECTED: that is final, or another attempt has taken its place.
    """

    IN_FLIGHT = "in_flight"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    UNAVAILABLE = "unavailable"
    SPENT = "spent"
    SUCCEEDED = "succeeded"
    REJECTED = "rejected"


# Looked through at each decision: as constants they are there already.
_DOUBTFUL: Final = (AttemptState.IN_FLIGHT, AttemptState.UNKNOWN, AttemptState.ACCEPTED)
_SETTLED: Final = (AttemptState.SUCCEEDED, AttemptState.REJECTED)
_TO_A_PAYMENT: Final = frozenset({Operation.CONFIRM_PAYMENT, Operation.CAPTURE, Operation.VOID})
# Waits before a doubtful or failed attempt is taken up again; the last one repeats for as long as it takes.
_BACKOFF: Final = tuple(timedelta(seconds=s) for s in (1, 2, 5, 15, 60, 300, 900, 3600))
# A person is told after this many tries; FastCart keeps trying, rarely.
TRIES_BEFORE_CASE: Final = 6
# What a vendor has taken on takes it a while; its webhook is quicker than this.
_TAKEN_ON: Final = timedelta(hours=1)
# A request that nobody waits for any more may still reach the vendor this long after it was sent.
LATEST_ARRIVAL: Final = timedelta(minutes=5)


@value
class Attempt:
    """`until` is the end of the caller's lease while IN_FLIGHT, and the next try's time while UNKNOWN,
    ACCEPTED, UNAVAILABLE or SPENT. `tries` counts those of the attempts that it took the place of, and
    look-ups, too; `tries_forgiven` is how many there were when a person said that they start over.
    `retried_at` is when the vendor was last asked to do it, if more than once.
    """

    id: AttemptId
    operation: Operation
    subject_id: SubjectId
    state: AttemptState
    tries: int
    started_at: datetime
    until: datetime
    detail: str | None = None
    retried_at: datetime | None = None
    tries_forgiven: int = 0

    @property
    def intention(self) -> str:
        """The id of the first attempt at this effect; those that took its place carry it before a dot."""
        return self.id.partition(".")[0]

    @property
    def is_doubtful(self) -> bool:
        """Its effect may or may not have happened; nothing else may touch its subject."""
        return self.state in _DOUBTFUL

    @property
    def is_settled(self) -> bool:
        return self.state in _SETTLED

    def is_moot_after(self, payment_id: PaymentId) -> bool:
        """It did not happen to this payment, and needn't any more once that has ended."""
        failed = self.state in (AttemptState.UNAVAILABLE, AttemptState.SPENT)
        return failed and self.subject_id == payment_id and self.operation in _TO_A_PAYMENT

    @property
    def is_stuck(self) -> bool:
        """Its tries are used up, and nothing has come of it."""
        return not self.is_settled and self.tries - self.tries_forgiven >= TRIES_BEFORE_CASE

    @property
    def due_at(self) -> datetime:
        """When it is taken up again. Callers that keep dying are followed rarely, like vendors that keep
        failing.
        """
        dies = self.state is AttemptState.IN_FLIGHT and self.is_stuck
        return self.until + self._wait() if dies else self.until

    @property
    def last_tried_at(self) -> datetime:
        """The vendor was not asked to do it later than that; a look-up asks for nothing to be done."""
        return self.retried_at or self.started_at

    @property
    def may_arrive_until(self) -> datetime:
        return self.last_tried_at + LATEST_ARRIVAL

    @property
    def may_arrive_unseen(self) -> bool:
        """It was last looked for while a request of ours could still be under way."""
        return self.state is AttemptState.UNAVAILABLE and self.until < self.may_arrive_until

    def looked_up(self, lease_until: datetime) -> "Attempt":
        """Somebody asks the vendor what became of it, until the lease ends."""
        return replace(self, state=AttemptState.IN_FLIGHT, until=lease_until, tries=self.tries + 1)

    def retried(self, now: datetime, lease_until: datetime) -> "Attempt":
        """Somebody calls the vendor for it again, under the same key, until the lease ends."""
        return replace(self.looked_up(lease_until), retried_at=now)

    def spent(self, detail: str, now: datetime) -> "Attempt":
        """Answered with an error and looked up: it did not happen, and the key is of no more use."""
        return replace(self, state=AttemptState.SPENT, detail=detail, until=now + self._wait())

    def answered_as_it_is(self, state: str, now: datetime) -> "Attempt":
        """Its subject can't be captured or stopped in this state, and the key is of no more use."""
        return self.spent(f"still_{state}", now)

    def was_impossible_in(self, state: str) -> bool:
        return self.state is AttemptState.SPENT and self.detail == f"still_{state}"

    def replacement(self, now: datetime, lease_until: datetime) -> "Attempt":
        """The same intention under a key of its own, called at once."""
        return replace(
            self,
            id=AttemptId(f"{self.intention}.{self.tries + 1}"),
            state=AttemptState.IN_FLIGHT,
            tries=self.tries + 1,
            started_at=now,
            until=lease_until,
            detail=None,
            retried_at=None,
        )

    def started_over(self, now: datetime) -> "Attempt":
        """Due at once, unless somebody is calling, and with as many tries as the first time."""
        until = self.until if self.state is AttemptState.IN_FLIGHT else now
        return replace(self, until=until, tries_forgiven=self.tries)

    def succeeded(self) -> "Attempt":
        return replace(self, state=AttemptState.SUCCEEDED, detail=None)

    def rejected(self, detail: str) -> "Attempt":
        return replace(self, state=AttemptState.REJECTED, detail=detail)

    def unavailable(self, detail: str, now: datetime) -> "Attempt":
        return replace(self, state=AttemptState.UNAVAILABLE, detail=detail, until=now + self._wait())

    def not_done(self, now: datetime) -> "Attempt":
        """Looked up, and it did not happen: it may be tried again at once."""
        return replace(self, state=AttemptState.UNAVAILABLE, detail="not_found", until=now)

    def accepted(self, now: datetime) -> "Attempt":
        """The vendor will do it, or fail to: looked at again when it says so, or after a while."""
        return replace(self, state=AttemptState.ACCEPTED, detail=None, until=now + _TAKEN_ON)

    def in_doubt(self, detail: str, now: datetime) -> "Attempt":
        return replace(self, state=AttemptState.UNKNOWN, detail=detail, until=now + self._wait())

    def answers(self, now: datetime) -> tuple[Event, ...]:
        """What a timeline says of the answer: of a no also the vendor's word, but for an instrument's. That
        is told as a decline, in words that a thief doesn't learn from.
        """
        word = f"{self.operation.value} {self.state.value}"
        answered = Event(kind=EventKind.VENDOR_ANSWERED, at=now, subject_id=self.id, detail=word)
        is_no = self.state is AttemptState.REJECTED and self.operation is not Operation.CONFIRM_PAYMENT
        if not is_no:
            return (answered,)
        return (
            answered,
            Event(kind=EventKind.PROVIDER_REFUSED, at=now, subject_id=self.id, detail=self.detail),
        )

    def _wait(self) -> timedelta:
        in_a_row = max(self.tries - self.tries_forgiven, 1)
        return _BACKOFF[min(in_a_row, len(_BACKOFF)) - 1]


def holds_lease(attempts: tuple[Attempt, ...], attempt_id: AttemptId, tries: int) -> bool:
    """Whether the runner that made this try may still record its outcome: nobody has taken the attempt up
    since.
    """
    return any(a.id == attempt_id and a.tries == tries and a.is_doubtful for a in attempts)


def told_of(attempts: tuple[Attempt, ...], subject_id: str, now: datetime) -> tuple[Attempt, ...] | None:
    """Nothing is under way at the vendor any more about this subject: what it had taken on is due at once.

    None when it had taken on nothing.
    """
    if not any(a.state is AttemptState.ACCEPTED and a.subject_id == subject_id for a in attempts):
        return None
    return tuple(
        replace(a, until=now) if a.state is AttemptState.ACCEPTED and a.subject_id == subject_id else a
        for a in attempts
    )
