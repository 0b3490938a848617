"""The fault switchboard: which call to which simulated vendor goes wrong next, how, and how often it did."""

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ANY: Final = "*"


class FaultKind(StrEnum):
    """Told apart by what the vendor did before the caller saw nothing, or nonsense."""

    REFUSE = "refuse"  # the connection closes, nothing was done
    DELAY = "delay"  # late, but right; adds to the other kinds
    TOO_MANY = "429"  # nothing was done
    ERROR = "500"  # nothing was done, yet the vendor remembers the failure under the key
    ERROR_AFTER = "500_after"  # done, and answered with an error
    LOST = "lost"  # done, and the connection closes before the answer
    INVALID = "invalid"  # done, and answered with a broken body


@dataclass(slots=True, kw_only=True)
class Fault:
    """One rule. `times` None never runs out; `probability` is drawn from its own seeded generator."""

    id: str
    vendor: str
    operation: str
    kind: FaultKind
    times: int | None = 1
    probability: float = 1.0
    delay_ms: int = 0
    seed: int = 0
    fired: int = 0

    def concerns(self, vendor: str, operation: str) -> bool:
        return self.vendor in (ANY, vendor) and self.operation in (ANY, operation)

    @property
    def spent(self) -> bool:
        return self.times is not None and self.fired >= self.times


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfortune:
    """What happens to one call: a delay, and at most one other thing."""

    delay_seconds: float = 0.0
    kind: FaultKind | None = None


class Switchboard:
    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._dice: dict[str, random.Random] = {}
        self._added = 0

    def add(
        self,
        vendor: str,
        operation: str,
        kind: FaultKind,
        *,
        times: int | None = 1,
        probability: float = 1.0,
        delay_ms: int = 0,
        seed: int = 0,
    ) -> Fault:
        self._added += 1
        fault = Fault(
            id=f"fault_{self._added}",
            vendor=vendor,
            operation=operation,
            kind=kind,
            times=times,
            probability=probability,
            delay_ms=delay_ms,
            seed=seed,
        )
        self._faults[fault.id] = fault
        self._dice[fault.id] = random.Random(seed)  # noqa: S311 - dice, no secret
        return fault

    def draw(self, vendor: str, operation: str) -> Misfortune:
        """What befalls this call: every delay that fires, and of the other kinds the first."""
        delay, kind = 0.0, None
        for fault in self._faults.values():
            is_delay = fault.kind is FaultKind.DELAY
            if fault.spent or not fault.concerns(vendor, operation) or (kind is not None and not is_delay):
                continue
            if self._dice[fault.id].random() >= fault.probability:
                continue
            fault.fired += 1
            delay += fault.delay_ms / 1000
            kind = kind if is_delay else fault.kind
        return Misfortune(delay_seconds=delay, kind=kind)

    def all(self) -> tuple[Fault, ...]:
        """Every rule since the last clear, the spent ones included: their counts say what fired."""
        return tuple(self._faults.values())

    def remove(self, identifier: str) -> None:
        self._faults.pop(identifier, None)

    def clear(self) -> None:
        self._faults.clear()
        self._dice.clear()
