"""The circuit breaker as a value: a vendor that failed so often in a row is left alone for a while, then one
probe finds out whether it is back.
"""

from dataclasses import dataclass
from enum import Enum

from adapters.resilience.policies import BreakerRule
from adapters.resilience.ticks import ticks


class BreakerState(Enum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """Moments are in ticks. `probe_until` is also the name of the probe that is out: its result counts, that
    of any other call doesn't once the breaker has opened. A probe that was never heard of again is over by
    then.
    """

    failures: int = 0
    open_until: int = 0
    probe_until: int = 0

    def refuses_for(self, rule: BreakerRule, now: int) -> int:
        """How long it still refuses, in ticks; 0 where it lets a call through."""
        if self.failures < rule.failures:
            return 0
        return max(0, max(self.open_until, self.probe_until) - now)

    def needs_probe(self, rule: BreakerRule) -> bool:
        return self.failures >= rule.failures

    def probed(self, until: int) -> "Breaker":
        return Breaker(failures=self.failures, open_until=self.open_until, probe_until=until)

    def failed(self, rule: BreakerRule, probe: int, now: int) -> "Breaker":
        """After a failed call; `probe` is 0 for one that was let through while the breaker was closed."""
        opened = Breaker(failures=rule.failures, open_until=now + ticks(rule.open_seconds))
        if self.failures >= rule.failures:
            return opened if probe and probe == self.probe_until else self
        return opened if self.failures + 1 >= rule.failures else Breaker(failures=self.failures + 1)

    def succeeded(self, rule: BreakerRule, probe: int) -> "Breaker":
        if self.failures >= rule.failures and not (probe and probe == self.probe_until):
            return self
        return Breaker()

    def gave_up(self, probe: int) -> "Breaker":
        """The probe was broken off and says nothing: the next call may be one."""
        return self.probed(0) if probe and probe == self.probe_until else self

    def state(self, rule: BreakerRule) -> BreakerState:
        if self.failures < rule.failures:
            return BreakerState.CLOSED
        return BreakerState.HALF_OPEN if self.probe_until else BreakerState.OPEN
