"""What is told of each try of a call: a record of fixed words and numbers, in which nothing of a request or
an answer has a place.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

import structlog

from adapters.resilience.breaker import BreakerState

log = structlog.get_logger(__name__)


class Outcome(Enum):
    """ANSWERED: the vendor said something, a refusal perhaps. NOTHING: certainly nothing happened. IN_DOUBT:
    it may have. CANCELLED: our side broke off. DEFECT: our side failed.
    """

    ANSWERED = "answered"
    NOTHING = "nothing_happened"
    IN_DOUBT = "in_doubt"
    CANCELLED = "cancelled"
    DEFECT = "defect"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One try. `reason` is one of the seam's words or `http_` and a status; `breaker` its state afterwards.

    `is_shared` False: breaker and limits were this process's own, because the policy says so or Redis is
    away.
    """

    integration: str
    operation: str
    outcome: Outcome
    reason: str
    duration_ms: float
    attempt: int
    breaker: BreakerState
    is_shared: bool


class CallObserver(Protocol):
    def observe(self, record: CallRecord) -> None:
        """Told of every try, right after it. Must not block, and not raise."""


class CallLog:
    """Implements `CallObserver`: a line for each try."""

    def observe(self, record: CallRecord) -> None:
        tell = log.info if record.outcome is Outcome.ANSWERED else log.warning
        tell(
            "vendor_call",
            integration=record.integration,
            operation=record.operation,
            outcome=record.outcome.value,
            reason=record.reason,
            duration_ms=round(record.duration_ms, 1),
            attempt=record.attempt,
            breaker=record.breaker.value,
            is_shared=record.is_shared,
        )


# Upper bounds in milliseconds; what takes longer is counted in one more.
BUCKETS_MS: Final = (5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 20_000)


@dataclass(slots=True, kw_only=True)
class Durations:
    """A histogram: how many tries ended within each bound (not added up), and their sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_MS) + 1))
    sum_ms: float = 0

    def add(self, duration_ms: float) -> None:
        place = next((i for i, bound in enumerate(BUCKETS_MS) if duration_ms <= bound), len(BUCKETS_MS))
        self.counts[place] += 1
        self.sum_ms += duration_ms


class CallMetrics:
    """Implements `CallObserver`: counts and durations since this process began."""

    def __init__(self) -> None:
        self._tries: Counter[tuple[str, str, str, str]] = Counter()
        self._durations: dict[tuple[str, str], Durations] = {}
        self._breakers: dict[str, BreakerState] = {}

    def observe(self, record: CallRecord) -> None:
        call = (record.integration, record.operation)
        self._tries[(*call, record.outcome.value, record.reason)] += 1
        self._durations.setdefault(call, Durations()).add(record.duration_ms)
        self._breakers[record.integration] = record.breaker

    @property
    def tries(self) -> Mapping[tuple[str, str, str, str], int]:
        """By integration, operation, outcome and reason."""
        return self._tries

    @property
    def durations(self) -> Mapping[tuple[str, str], Durations]:
        """By integration and operation."""
        return self._durations

    @property
    def breakers(self) -> Mapping[str, BreakerState]:
        """By integration, as last seen."""
        return self._breakers


class Observers:
    """Implements `CallObserver`: tells each of several."""

    def __init__(self, *observers: CallObserver) -> None:
        self._observers = observers

    def observe(self, record: CallRecord) -> None:
        for observer in self._observers:
            observer.observe(record)
