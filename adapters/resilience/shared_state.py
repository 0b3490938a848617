"""What the processes of one shop share about a vendor, breaker and rate limits, and the version that lives in
one process.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from adapters.resilience.breaker import Breaker, BreakerState
from adapters.resilience.policies import Policy, RateLimit
from adapters.resilience.rate_limit import TryLog, counted
from adapters.resilience.ticks import seconds, ticks, ticks_at
from ports.clock import Clock

# Parties (senders, say) and operations come and go; idle counts are dropped when there are so many.
_MOST_COUNTS: Final = 10_000
# What a probe may take longer than its timeout before another is sent.
_PROBE_MARGIN_SECONDS: Final = 5


class Refusal(Enum):
    BREAKER_OPEN = "breaker_open"
    RATE_LIMITED = "rate_limited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """One try may be made. `probe` is not 0 for the one that finds out whether the vendor is back; `failures`
    are those in a row before it.
    """

    failures: int
    probe: int
    is_shared: bool

    @property
    def breaker(self) -> BreakerState:
        return BreakerState.HALF_OPEN if self.probe else BreakerState.CLOSED

    @property
    def is_plain(self) -> bool:
        """Its success changes nothing, so nobody needs to be told of it."""
        return not self.probe and not self.failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    refusal: Refusal
    retry_after_seconds: float
    breaker: BreakerState
    is_shared: bool


class SharedState(Protocol):
    """Decides for each try whether it may be made, counts it, and is told how it ended. Never raises.

    A shared one that can't be reached decides for this process alone; `is_shared` of its answers says so.
    """

    async def admit(self, policy: Policy, operation: str, party: str) -> Admitted | Refused:
        """Breaker and all limits in one decision: a try that any of them refuses is counted by none."""

    async def failed(self, policy: Policy, admitted: Admitted) -> BreakerState:
        """The vendor failed; the breaker's state after that."""

    async def succeeded(self, policy: Policy, admitted: Admitted) -> BreakerState:
        """The vendor answered. Needn't be told of tries that are `is_plain`."""

    async def gave_up(self, policy: Policy, admitted: Admitted) -> None:
        """The try was broken off and says nothing about the vendor."""


class ProcessState:
    """Implements `SharedState` for one process, on its own clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}
        self._logs: dict[tuple[str, str], TryLog] = {}

    async def admit(self, policy: Policy, operation: str, party: str) -> Admitted | Refused:
        now = ticks_at(self._clock.now())
        breaker = self._breaker(policy)
        if refuses_for := breaker.refuses_for(policy.breaker, now):
            return self._refused(Refusal.BREAKER_OPEN, refuses_for, breaker.state(policy.breaker))
        logs = [self._log(policy, name, limit) for name, limit in counted(policy, operation, party)]
        if full_for := max((log.full_for(now) for log in logs), default=0):
            return self._refused(Refusal.RATE_LIMITED, full_for, breaker.state(policy.breaker))
        for log in logs:
            log.add(now)
        probe = 0
        if breaker.needs_probe(policy.breaker):
            probe = now + probe_ticks(policy)
            self._breakers[policy.integration] = breaker.probed(probe)
        return Admitted(failures=breaker.failures, probe=probe, is_shared=False)

    async def failed(self, policy: Policy, admitted: Admitted) -> BreakerState:
        now = ticks_at(self._clock.now())
        return self._put(policy, self._breaker(policy).failed(policy.breaker, admitted.probe, now))

    async def succeeded(self, policy: Policy, admitted: Admitted) -> BreakerState:
        return self._put(policy, self._breaker(policy).succeeded(policy.breaker, admitted.probe))

    async def gave_up(self, policy: Policy, admitted: Admitted) -> None:
        self._put(policy, self._breaker(policy).gave_up(admitted.probe))

    def _breaker(self, policy: Policy) -> Breaker:
        return self._breakers.get(policy.integration, _CLOSED)

    def _put(self, policy: Policy, breaker: Breaker) -> BreakerState:
        self._breakers[policy.integration] = breaker
        return breaker.state(policy.breaker)

    def _log(self, policy: Policy, name: str, limit: RateLimit) -> TryLog:
        key = (policy.integration, name)
        log = self._logs.get(key)
        if log is None:
            self._forget_idle_counts()
            log = self._logs[key] = TryLog(limit)
        return log

    def _forget_idle_counts(self) -> None:
        if len(self._logs) >= _MOST_COUNTS:
            now = ticks_at(self._clock.now())
            self._logs = {key: log for key, log in self._logs.items() if not log.is_idle(now)}

    @staticmethod
    def _refused(refusal: Refusal, wait: int, breaker: BreakerState) -> Refused:
        return Refused(refusal=refusal, retry_after_seconds=seconds(wait), breaker=breaker, is_shared=False)


def probe_ticks(policy: Policy) -> int:
    """How long a probe may be out before the next one is sent in its place."""
    return ticks(policy.timeout_seconds + _PROBE_MARGIN_SECONDS)


_CLOSED: Final = Breaker()
