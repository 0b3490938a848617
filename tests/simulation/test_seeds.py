"""Two thousand seeds of shopping under faults keep the promise, and each two hundred of them meet every kind
of fault and every step of `decide`.
"""

import pytest

from tests.simulation.decisions import counted_decisions
from tests.simulation.playing import Played
from tests.simulation.report import ENOUGH_SEEDS, Tally
from tests.simulation.storm import play

SEEDS = 2_000


def told(played: Played) -> str:
    """Why it fails, with the whole history: replay it with `make simulate SEED=…`."""
    lines = [f"seed {played.seed}: {played.violations}", *played.history]
    return "\n".join(lines)


@pytest.mark.parametrize("first_seed", range(1, SEEDS, ENOUGH_SEEDS))
def test_every_seed_keeps_the_promise(first_seed: int) -> None:
    tally = Tally()
    with counted_decisions() as tally.steps:
        for seed in range(first_seed, first_seed + ENOUGH_SEEDS):
            played = play(seed)
            assert not played.violations, told(played)
            tally.add(played)
    assert list(tally.never_came()) == []
