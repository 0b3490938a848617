"""The same seed has the same history, in this process and in any other, whatever a set's order is there."""

import os
import subprocess
import sys

import pytest

from tests.simulation.storm import play

SEEDS = (3, 7, 11)
_PRINTS_HISTORIES = """
from tests.simulation.storm import play
for seed in {seeds}:
    print(*play(seed).history, sep="\\n")
"""


def histories_elsewhere(hash_seed: str) -> str:
    """What another process tells of the same seeds."""
    command = [sys.executable, "-c", _PRINTS_HISTORIES.format(seeds=SEEDS)]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def test_a_seed_played_twice_has_one_history() -> None:
    for seed in SEEDS:
        first, second = (list(play(seed).history) for _ in range(2))
        assert first == second
        assert len(first) > 50


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_has_the_same_history_in_every_process(hash_seed: str) -> None:
    here = "".join(f"{line}\n" for seed in SEEDS for line in play(seed).history)
    assert histories_elsewhere(hash_seed) == here


def test_different_seeds_have_different_histories() -> None:
    assert list(play(1).history) != list(play(2).history)
