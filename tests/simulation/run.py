"""`make simulate`: many seeds, a tally, and the whole history of a seed that broke its promise.

Exit code 0 only if every invariant held and everything that should go wrong somewhere went wrong somewhere.
"""

import time

from tests.simulation.decisions import counted_decisions
from tests.simulation.playing import Played
from tests.simulation.report import Tally, print_history, print_report, print_violations
from tests.simulation.storm import play


def main(seeds: int = 200, first_seed: int = 1, seed: int | None = None) -> int:
    """Plays so many seeds, or `seed` alone with all that happens in it."""
    if seed is not None:
        return _replay(seed)
    started = time.process_time()
    tally = Tally()
    with counted_decisions() as tally.steps:
        for number in range(first_seed, first_seed + seeds):
            played = play(number)
            tally.add(played)
            if played.violations:
                _tell(played)
    print_report(tally, time.process_time() - started)
    return _judge(tally)


def _replay(seed: int) -> int:
    played = play(seed)
    _tell(played)
    if not played.violations:
        print(f"Seed {seed}: every invariant holds, over {played.checkouts} simulated checkouts.")
    return 1 if played.violations else 0


def _tell(played: Played) -> None:
    print_history(list(played.history))
    if played.violations:
        print(f"Seed {played.seed} breaks the promise. To replay it: make simulate SEED={played.seed}")
        print_violations(played.violations)


def _judge(tally: Tally) -> int:
    print("\nVerdict")
    for seed, violations in tally.failed:
        print(f"  BROKEN  seed {seed}: {', '.join(violations)}")
    for missing in (never := list(tally.never_came())):
        print(f"  NEVER   {missing} came in {tally.seeds} seeds")
    if not tally.failed and not never:
        print("  holds   every invariant, with every seed")
    return 1 if tally.failed or never else 0
