"""What a person reads: a live log while it happens, then load, recoveries, faults and the verdict."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.chaos.purchase import Ending, Purchase

_MOST_SHOWN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How long after a kill, or a vendor's failure, the first thing of a kind worked again; None: it never
    did.
    """

    victims: str
    what: str
    seconds: float | None


class LiveLog:
    """Prints lines with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, text: str) -> None:
        print(f"{time.monotonic() - self._started:6.1f} s  {text}", flush=True)


def checkouts_per_second(purchases: Sequence[Purchase], since: float, until: float) -> float:
    """Purchases that were paid in this time."""
    paid = sum(p.ending is Ending.PAID and since <= p.ended_at < until for p in purchases)
    return paid / max(until - since, 0.001)


def print_stories(purchases: Sequence[Purchase]) -> None:
    print("\nWhat became of the shoppers")
    stories: dict[str, Counter[Ending]] = {}
    for purchase in purchases:
        stories.setdefault(purchase.story, Counter())[purchase.ending] += 1
    for story, endings in sorted(stories.items()):
        told = ", ".join(f"{count} {ending.value}" for ending, count in endings.most_common())
        print(f"  {story:<36} {told}")


def print_counts(title: str, counts: Mapping[str, int]) -> None:
    print(f"\n{title}")
    for name, count in sorted(counts.items()):
        print(f"  {count:>6}  {name}")


def print_recoveries(recoveries: Sequence[Recovery]) -> None:
    print("\nRecovery, from the kill or the first failure on")
    for recovery in recoveries:
        after = "never" if recovery.seconds is None else f"{recovery.seconds:5.2f} s"
        print(f"  {recovery.victims:<22} {recovery.what:<32} {after}")


def print_verdict(violations: Mapping[str, Sequence[str]]) -> int:
    """The exit code: 0 only if every invariant holds."""
    print("\nVerdict")
    for name, found in violations.items():
        print(f"  {'BROKEN' if found else 'holds ':<7} {name}")
        for violation in found[:_MOST_SHOWN]:
            print(f"            {violation}")
        if len(found) > _MOST_SHOWN:
            print(f"            … and {len(found) - _MOST_SHOWN} more")
    broken = sum(bool(found) for found in violations.values())
    print(f"\n{f'{broken} invariants are broken.' if broken else 'Every invariant holds.'}")
    return 1 if broken else 0
