"""What can go wrong at a port call, and who decides when it does.

Each seed rages in its own way: some kinds of faults never come, some come often, a vendor may be down for an
hour. So rare meetings of two kinds are found as well as common ones.
"""

from collections import Counter
from enum import Enum
from random import Random
from typing import Final, Protocol


class Fault(Enum):
    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    REFUSED = "refused"
    SAID_NO = "said no"
    ANSWER_LOST = "done, answer lost"
    NEVER_ARRIVED = "not done, nobody knows"
    ERROR_KEPT = "error kept for the key"
    BEYOND_DEADLINE = "beyond the deadline"
    SLOW = "slow"
    INVALID_DATA = "invalid data"
    DOWN_FOR_AN_HOUR = "down for an hour"
    PAUSED = "paused past its lease"
    STORAGE_AWAY = "storage away for a moment"
    NUDGE_LOST = "nudge lost"
    MODIFICATION_FAILS = "taken on, and failed"
    CAPTURE_FAILS = "captured, and failed later"
    PAID_BESIDES = "authorized once more"
    WEBHOOK_LOST = "webhook lost"
    WEBHOOK_TWICE = "webhook twice"
    WEBHOOK_LATE = "webhook late"
    WEBHOOK_OVERTAKEN = "webhook overtaken by the next"
    WEBHOOK_FORGED = "webhook forged"


class Place(Enum):
    """Where in the program a fault can come, and so of which kinds it can be."""

    VENDOR_WRITE = "a call with an effect and a key"
    VENDOR_READ = "a call without an effect"
    QUOTE = "a price that somebody else gives"
    MAIL = "a mail, without a key"
    STATEMENT = "a statement, or a connection"
    COMMIT = "a commit"
    NUDGE = "a nudge"
    MODIFICATION = "what a provider took on"
    CAPTURED = "money that a provider has told as captured"
    ENDED = "a payment that was captured or voided"
    WEBHOOK = "a webhook on its way"


KINDS: Final[dict[Place, tuple[Fault, ...]]] = {
    Place.VENDOR_WRITE: (
        Fault.CRASH_BEFORE,
        Fault.CRASH_AFTER,
        Fault.REFUSED,
        Fault.SAID_NO,
        Fault.ANSWER_LOST,
        Fault.NEVER_ARRIVED,
        Fault.ERROR_KEPT,
        Fault.BEYOND_DEADLINE,
        Fault.SLOW,
    ),
    Place.VENDOR_READ: (
        Fault.CRASH_BEFORE,
        Fault.CRASH_AFTER,
        Fault.REFUSED,
        Fault.NEVER_ARRIVED,
        Fault.BEYOND_DEADLINE,
        Fault.SLOW,
        Fault.INVALID_DATA,
    ),
    Place.QUOTE: (Fault.CRASH_BEFORE, Fault.REFUSED, Fault.SLOW, Fault.INVALID_DATA),
    Place.MAIL: (
        Fault.CRASH_BEFORE,
        Fault.CRASH_AFTER,
        Fault.REFUSED,
        Fault.ANSWER_LOST,
        Fault.NEVER_ARRIVED,
        Fault.BEYOND_DEADLINE,
        Fault.SLOW,
    ),
    Place.STATEMENT: (Fault.CRASH_BEFORE, Fault.STORAGE_AWAY),
    Place.COMMIT: (
        Fault.CRASH_BEFORE,
        Fault.CRASH_AFTER,
        Fault.STORAGE_AWAY,
        Fault.ANSWER_LOST,
        Fault.NEVER_ARRIVED,
        Fault.PAUSED,
    ),
    Place.NUDGE: (Fault.NUDGE_LOST, Fault.CRASH_BEFORE, Fault.CRASH_AFTER),
    Place.MODIFICATION: (Fault.MODIFICATION_FAILS,),
    Place.CAPTURED: (Fault.CAPTURE_FAILS,),
    Place.ENDED: (Fault.PAID_BESIDES,),
    Place.WEBHOOK: (
        Fault.WEBHOOK_LOST,
        Fault.WEBHOOK_TWICE,
        Fault.WEBHOOK_LATE,
        Fault.WEBHOOK_OVERTAKEN,
        Fault.WEBHOOK_FORGED,
    ),
}

# How often a kind comes at a call of its place, where a seed has it at all. A purchase takes some twenty
# calls to vendors and two hundred statements.
_RATES: Final[dict[Place, tuple[float, float]]] = {
    Place.VENDOR_WRITE: (0.01, 0.12),
    Place.VENDOR_READ: (0.005, 0.08),
    Place.QUOTE: (0.005, 0.05),
    Place.MAIL: (0.01, 0.15),
    Place.STATEMENT: (0.0002, 0.003),
    Place.COMMIT: (0.002, 0.03),
    Place.NUDGE: (0.005, 0.2),
    Place.MODIFICATION: (0.05, 0.5),
    Place.CAPTURED: (0.2, 0.9),
    Place.ENDED: (0.2, 0.9),
    Place.WEBHOOK: (0.01, 0.2),
}
_SEEDS_WITH_A_KIND: Final = 0.5
_SEEDS_WITH_A_LONG_FAILURE: Final = 0.08
_HOUR_SECONDS: Final = 3600.0
_VENDORS: Final = ("payments", "email", "taxes", "delivery", "places", "inventory")


class Faults(Protocol):
    fired: Counter[tuple[Fault, str]]

    def at(self, place: Place, call: str) -> Fault | None:
        """Whether something goes wrong with this call. `call` is port and operation, `payments.create`."""

    def is_down(self, vendor: str, seconds: float) -> bool:
        """Whether this vendor takes no calls at all now."""


class NoFaults:
    """The calm, and the quiet after a storm."""

    def __init__(self) -> None:
        self.fired: Counter[tuple[Fault, str]] = Counter()

    def at(self, place: Place, call: str) -> Fault | None:
        return None

    def is_down(self, vendor: str, seconds: float) -> bool:
        return False


class SeededFaults(NoFaults):
    """Drawn from the seed, until the storm is over."""

    def __init__(self, random: Random, storm_seconds: float) -> None:
        super().__init__()
        self._random = random
        self._is_over = False
        self._chances = {place: self._chances_at(place) for place in Place}
        # Nearly all calls go well: they are told by this alone.
        self._highest = max(total for total, _ in self._chances.values())
        self._down = {
            vendor: random.uniform(0, storm_seconds)
            for vendor in _VENDORS
            if random.random() < _SEEDS_WITH_A_LONG_FAILURE
        }

    def stop(self) -> None:
        """Quiet returns."""
        self._is_over = True

    def at(self, place: Place, call: str) -> Fault | None:
        drawn = self._random.random()
        if drawn >= self._highest or self._is_over:
            return None
        total, chances = self._chances[place]
        if drawn >= total:
            return None
        for fault, chance in chances:
            if drawn < chance:
                self.fired[fault, call] += 1
                return fault
            drawn -= chance
        return None

    def is_down(self, vendor: str, seconds: float) -> bool:
        since = self._down.get(vendor)
        if since is None or self._is_over or not since <= seconds < since + _HOUR_SECONDS:
            return False
        self.fired[Fault.DOWN_FOR_AN_HOUR, vendor] += 1
        return True

    def _chances_at(self, place: Place) -> tuple[float, list[tuple[Fault, float]]]:
        lowest, highest = _RATES[place]
        chances = [
            (fault, lowest * (highest / lowest) ** self._random.random())
            for fault in KINDS[place]
            if self._random.random() < _SEEDS_WITH_A_KIND
        ]
        return sum(chance for _, chance in chances), chances
