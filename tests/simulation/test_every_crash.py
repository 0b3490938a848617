"""The main stories, broken at every single commit, vendor call and nudge, one at a time, none left out:
whoever dies there is replaced, and the story ends as it would have.
"""

import pytest

from tests.simulation.faults import Fault, NoFaults, Place
from tests.simulation.stories import ENDS, Story, play_story, unexpected

_CALLS = frozenset({Place.VENDOR_WRITE, Place.VENDOR_READ, Place.QUOTE, Place.MAIL})
_WITH_EFFECT = frozenset({Place.VENDOR_WRITE, Place.MAIL})
# Which moments each fault is tried at.
PLACES = {
    Fault.CRASH_BEFORE: _CALLS | {Place.COMMIT, Place.NUDGE},
    Fault.CRASH_AFTER: _CALLS | {Place.COMMIT, Place.NUDGE},
    Fault.REFUSED: _CALLS,
    Fault.ANSWER_LOST: _WITH_EFFECT | {Place.COMMIT},
    Fault.NEVER_ARRIVED: _WITH_EFFECT | {Place.VENDOR_READ, Place.COMMIT},
    Fault.BEYOND_DEADLINE: _WITH_EFFECT | {Place.VENDOR_READ},
}


class OneFault(NoFaults):
    """Counts the moments, and lets one of them go wrong."""

    def __init__(self, fault: Fault, moment: int | None = None) -> None:
        super().__init__()
        self._fault = fault
        self._moment = moment
        self.moments: list[str] = []

    def at(self, place: Place, call: str) -> Fault | None:
        if place not in PLACES[self._fault]:
            return None
        self.moments.append(call)
        if len(self.moments) - 1 != self._moment:
            return None
        self.fired[self._fault, call] += 1
        return self._fault


@pytest.mark.parametrize("fault", PLACES, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("story", ENDS, ids=lambda story: story.__name__)
@pytest.mark.parametrize("tells_later", [False, True], ids=["at once", "told later"])
def test_a_fault_at_any_single_moment_changes_nothing(
    story: Story, fault: Fault, *, tells_later: bool
) -> None:
    calm = OneFault(fault)
    ended = play_story(story, calm, tells_later=tells_later)
    assert (ended.violations, unexpected(story, ended)) == ({}, [])
    for moment, call in enumerate(calm.moments):
        faults = OneFault(fault, moment)
        ended = play_story(story, faults, tells_later=tells_later)
        assert faults.fired[fault, call] == 1
        wrong = (ended.violations, unexpected(story, ended))
        assert wrong == ({}, []), "\n".join((f"{fault.value} at moment {moment}, {call}", *ended.history))


def test_the_moments_are_all_there() -> None:
    """A story that is paid has its commits and calls, so that none of the above is empty."""
    counted = OneFault(Fault.CRASH_AFTER)
    play_story(next(iter(ENDS)), counted)
    assert {"storage.commit", "payments.create", "payments.confirm", "payments.capture", "email.send"} <= set(
        counted.moments
    )
    assert counted.moments.count("storage.commit") > 15
