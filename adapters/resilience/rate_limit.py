"""The rate limit: never more than so many tries in any window, exactly.

A window that starts anew each second would let twice as many through around the full second. Here the moments
of the last `most` tries are kept, and the oldest of them must have left the window.
"""

from collections import deque

from adapters.resilience.policies import Each, Policy, RateLimit
from adapters.resilience.ticks import ticks


class TryLog:
    """The moments of the tries that one limit counts, in ticks."""

    def __init__(self, limit: RateLimit) -> None:
        self._window = ticks(limit.per_seconds)
        self._moments: deque[int] = deque(maxlen=limit.most)

    def full_for(self, now: int) -> int:
        """How long no further try may be made, in ticks; 0 where there is room.

        A clock that was set back would close the door until it has made up for it, so what lies in the future
        is forgotten.
        """
        if self._moments and self._moments[-1] > now:
            self._moments.clear()
        if len(self._moments) < (self._moments.maxlen or 0):
            return 0
        return max(0, self._moments[0] + self._window - now)

    def is_idle(self, now: int) -> bool:
        """Nothing of it is inside the window any more."""
        return not self._moments or self._moments[-1] + self._window <= now

    def add(self, now: int) -> None:
        self._moments.append(now)


def counted(policy: Policy, operation: str, party: str) -> tuple[tuple[str, RateLimit], ...]:
    """Each limit of the policy that this try is counted by, with the name of its count."""
    names = {Each.INTEGRATION: "", Each.OPERATION: f":{operation}", Each.PARTY: f":{party}"}
    return tuple(
        (f"{limit.each.value}:{limit.per_seconds}{names[limit.each]}", limit) for limit in policy.limits
    )
