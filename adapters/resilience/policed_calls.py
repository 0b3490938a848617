"""A vendor's policy around its calls, whatever they are made with: httpx's transport and the SDKs that bring
their own HTTP both go through this.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Generic, TypeVar

from adapters.resilience.breaker import BreakerState
from adapters.resilience.bulkhead import Bulkhead
from adapters.resilience.call_records import CallObserver, CallRecord, Outcome
from adapters.resilience.policies import Policy
from adapters.resilience.retry import wait_seconds
from adapters.resilience.shared_state import Admitted, ProcessState, Refusal, Refused, SharedState
from ports.clock import Clock
from ports.errors import OutcomeUnknown, PortError, Unavailable

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried(Generic[T]):
    """How one try ended: ANSWERED (the vendor is well, whatever it said), NOTHING or IN_DOUBT.

    `answer` is what the vendor said, if it said anything. `may_change` False: another try would bring the
    same. `is_vendors_fault` False: it says nothing against the vendor, so the breaker doesn't count it.
    """

    outcome: Outcome
    reason: str
    answer: T | None = None
    retry_after_seconds: float | None = None
    may_change: bool = True
    is_vendors_fault: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Generic[T]):
    """How a call ended: its last try, and whether one before it is in doubt."""

    last: Tried[T]
    earlier_try_in_doubt: bool


class PolicedCalls:
    """Deadline, retries, breaker, limits and bulkhead of one integration, and a record of each try.

    Times are the clock's. A try that hangs is cut off by the event loop's own time, which a simulation makes
    virtual too.
    """

    def __init__(
        self, policy: Policy, *, clock: Clock, shared_state: SharedState, observer: CallObserver
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._state = shared_state if policy.is_shared else ProcessState(clock)
        self._observer = observer
        self._bulkhead = Bulkhead(policy.at_once)

    @property
    def policy(self) -> Policy:
        return self._policy

    async def call(
        self,
        operation: str,
        once: Callable[[], Awaitable[Tried[T]]],
        *,
        repeats_doubts: bool,
        party: str = "",
    ) -> Ended[T]:
        """Tries it once or more.

        `once` makes one try and says how it ended. `repeats_doubts`: it may be tried again although it may
        have happened, because it is a read or goes under one idempotency key. Raises what `once` raises.
        """
        with self._bulkhead.place() as has_place:
            if has_place:
                return await self._tries(_Call(operation, party, once), repeats_doubts=repeats_doubts)
        full: Tried[T] = Tried(outcome=Outcome.NOTHING, reason="bulkhead_full")
        self._tell(_Try(operation, 1, self._clock.now(), None), full.outcome, full.reason)
        return Ended(last=full, earlier_try_in_doubt=False)

    async def _tries(self, call: "_Call[T]", *, repeats_doubts: bool) -> Ended[T]:
        ends_at = self._clock.now() + timedelta(seconds=self._policy.deadline_seconds)
        attempt, in_doubt = 1, False
        while True:
            tried = await self._try(call, attempt, ends_at)
            ended = Ended(last=tried, earlier_try_in_doubt=in_doubt)
            if attempt > self._policy.retries or not _may_be_repeated(tried, doubts=repeats_doubts):
                return ended
            chance = self._clock.random_fraction()
            wait = wait_seconds(self._policy.backoff, attempt, chance, tried.retry_after_seconds)
            if self._clock.now() + timedelta(seconds=wait) >= ends_at:
                return ended
            in_doubt = in_doubt or tried.outcome is Outcome.IN_DOUBT
            await self._clock.sleep(wait)
            attempt += 1

    async def _try(self, call: "_Call[T]", attempt: int, ends_at: datetime) -> Tried[T]:
        began = self._clock.now()
        admitted = await self._state.admit(self._policy, call.operation, call.party)
        this = _Try(call.operation, attempt, began, admitted)
        if isinstance(admitted, Refused):
            self._tell(this, Outcome.NOTHING, admitted.refusal.value)
            return Tried(
                outcome=Outcome.NOTHING,
                reason=admitted.refusal.value,
                retry_after_seconds=admitted.retry_after_seconds,
                may_change=admitted.refusal is Refusal.RATE_LIMITED,
            )
        left_seconds = (ends_at - self._clock.now()).total_seconds()
        try:
            tried = await _within(min(self._policy.timeout_seconds, left_seconds), call.once)
        except (Exception, asyncio.CancelledError) as error:
            await self._broken_off(this, admitted, error)
            raise
        self._tell(this, tried.outcome, tried.reason, await self._settled(admitted, tried))
        return tried

    async def _settled(self, admitted: Admitted, tried: Tried[T]) -> BreakerState:
        if tried.outcome is not Outcome.ANSWERED and tried.is_vendors_fault:
            return await self._state.failed(self._policy, admitted)
        if admitted.is_plain:
            return BreakerState.CLOSED
        return await self._state.succeeded(self._policy, admitted)

    async def _broken_off(self, this: "_Try", admitted: Admitted, error: BaseException) -> None:
        """Whoever waits for a vendor that hangs may give up before the timeout, time after time.

        After half of it the vendor has failed; sooner, breaking off says nothing about it.
        """
        is_cancelled = isinstance(error, asyncio.CancelledError)
        waited_seconds = (self._clock.now() - this.began).total_seconds()
        breaker: BreakerState | None = None
        if is_cancelled and waited_seconds >= self._policy.timeout_seconds / 2:
            breaker = await self._state.failed(self._policy, admitted)
        else:
            await self._state.gave_up(self._policy, admitted)
        outcome = Outcome.CANCELLED if is_cancelled else Outcome.DEFECT
        self._tell(this, outcome, outcome.value, breaker)

    def _tell(self, this: "_Try", outcome: Outcome, reason: str, breaker: BreakerState | None = None) -> None:
        decided = this.decided
        took = self._clock.now() - this.began
        self._observer.observe(
            CallRecord(
                integration=self._policy.integration,
                operation=this.operation,
                outcome=outcome,
                reason=reason,
                duration_ms=took.total_seconds() * 1_000,
                attempt=this.attempt,
                breaker=breaker or (decided.breaker if decided else BreakerState.CLOSED),
                is_shared=decided is not None and decided.is_shared,
            )
        )


@dataclass(frozen=True, slots=True)
class _Try:
    """`decided` None: nobody was asked whether it may be made."""

    operation: str
    attempt: int
    began: datetime
    decided: Admitted | Refused | None


@dataclass(frozen=True, slots=True)
class _Call(Generic[T]):
    operation: str
    party: str
    once: Callable[[], Awaitable[Tried[T]]]


def _may_be_repeated(tried: Tried[T], *, doubts: bool) -> bool:
    if tried.outcome is Outcome.ANSWERED or not tried.may_change:
        return False
    return doubts or tried.outcome is Outcome.NOTHING


def error_of(ended: Ended[T], *, writes: bool) -> PortError:
    """What a call that failed means to whoever asked; nothing of the request or the answer is in it."""
    last = ended.last
    if writes and (last.outcome is Outcome.IN_DOUBT or ended.earlier_try_in_doubt):
        return OutcomeUnknown(last.reason)
    wait = last.retry_after_seconds
    return Unavailable(last.reason, ceil(wait) if wait is not None else None)


async def _within(seconds: float, once: Callable[[], Awaitable[Tried[T]]]) -> Tried[T]:
    cut_off = asyncio.timeout(seconds)
    try:
        async with cut_off:
            return await once()
    except TimeoutError:
        if not cut_off.expired():
            raise
        return Tried(outcome=Outcome.IN_DOUBT, reason="timeout")
