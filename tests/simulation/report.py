"""What a person reads after a run: how fast it went, and what went wrong on purpose, and where."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.simulation.decisions import STEPS
from tests.simulation.faults import Fault
from tests.simulation.playing import Played

# From so many seeds on, a fault or a step that never came is a hole in the simulation.
ENOUGH_SEEDS: Final = 200
_MOST_SHOWN: Final = 3


@dataclass(slots=True)
class Tally:
    """Sums over seeds; tallies of parts of a run add up."""

    seeds: int = 0
    checkouts: int = 0
    fired: Counter[tuple[Fault, str]] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[int, dict[str, list[str]]]] = field(default_factory=list)

    def add(self, played: Played) -> None:
        self.seeds += 1
        self.checkouts += played.checkouts
        self.fired.update(played.fired)
        if played.violations:
            self.failed.append((played.seed, played.violations))

    def never_came(self) -> Iterator[str]:
        """Kinds of faults and steps of `decide` that a run of this size should have met, and did not."""
        if self.seeds < ENOUGH_SEEDS:
            return
        kinds = {fault for fault, _call in self.fired}
        yield from (f"the fault '{fault.value}'" for fault in Fault if fault not in kinds)
        yield from (f"the step {step}" for step in STEPS if not self.steps[step])


def print_report(tally: Tally, seconds: float) -> None:
    print(
        f"\n{tally.seeds} seeds, {tally.checkouts} simulated checkouts in {seconds:.1f} s of processor time:"
    )
    print(f"  {tally.seeds / seconds:.0f} seeds/s, {tally.checkouts / seconds:.0f} simulated checkouts/s")
    print("\nFaults, by the call that they came at")
    for fault in Fault:
        calls = sorted((call, count) for (kind, call), count in tally.fired.items() if kind is fault)
        told = ", ".join(f"{call} {count}" for call, count in calls)
        print(f"  {sum(count for _, count in calls):>7}  {fault.value:<28} {told}")
    print("\nSteps that decide named")
    print("  " + ", ".join(f"{step} {tally.steps[step]}" for step in STEPS))


def print_violations(violations: dict[str, list[str]]) -> None:
    for name, broken in violations.items():
        print(f"  BROKEN  {name}")
        for how in broken[:_MOST_SHOWN]:
            print(f"            {how}")


def print_history(lines: Sequence[str]) -> None:
    print()
    for line in lines:
        print(f"  {line}")
    print()
