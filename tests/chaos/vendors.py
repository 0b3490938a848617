"""What vendors' failures cost: shoppers waiting for delivery options, and vendors being asked again."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.chaos import logs
from tests.chaos.client import Timed
from tests.chaos.report import Recovery

LONGEST_OPTIONS_SECONDS: Final = 3.2
LONGEST_AWAY_SECONDS: Final = 45.0
"""A breaker stays open for 30 s; then one call finds out, and the next shopper has to come for that."""
# A request is compared with those that were under way so shortly before or after it.
_NEARBY_SECONDS: Final = 2.0
# Whose recovery is told, by what shoppers wait for. Carriers don't recover in a run.
_ASKED: Final = {"taxjar": ("taxes.calculate",), "inventory": ("reservations.create", "orders.confirm")}
_ANSWERED: Final = "answered"


def too_long_for_options(timed: Sequence[Timed]) -> list[str]:
    """Delivery options that came later than carriers may take and the load adds.

    What the load adds is twice what a change of the address took at the same time, which asks no vendor: the
    checkout is read before the carriers are asked, and what they offered is kept after it.
    """
    changes = [request for request in timed if request.is_change]
    found = []
    for request in (each for each in timed if each.is_for_options):
        nearby = (change.seconds for change in changes if _is_near(change, request))
        allowed = LONGEST_OPTIONS_SECONDS + 2 * max(nearby, default=0.0)
        if request.seconds > allowed:
            found.append(f"they came after {request.seconds:.2f} s, and {allowed:.2f} s are allowed")
    return found


def options_told(timed: Sequence[Timed]) -> str:
    """One line for a person."""
    seconds = sorted(request.seconds for request in timed if request.is_for_options)
    if not seconds:
        return "Delivery options: nobody has seen any"
    slow = sum(each > LONGEST_OPTIONS_SECONDS for each in seconds)
    return (
        f"Delivery options without a carrier: {len(seconds)} times, median {median(seconds):.2f} s,"
        f" longest {seconds[-1]:.2f} s, {slow} over {LONGEST_OPTIONS_SECONDS} s"
    )


def vendor_recoveries(folder: Path) -> list[Recovery]:
    """For each vendor the longest time from a failed call to the next that was answered, by all processes."""
    calls: dict[str, list[tuple[datetime, bool]]] = {vendor: [] for vendor in _ASKED}
    for call in _calls(folder):
        at = datetime.fromisoformat(call["timestamp"])
        calls[call["integration"]].append((at, call["outcome"] == _ANSWERED))
    return [
        Recovery(victims=vendor, what="answers again, longest wait", seconds=_longest_away(sorted(its)))
        for vendor, its in calls.items()
    ]


def _calls(folder: Path) -> Iterator[dict[str, Any]]:
    for log in folder.glob("*.log"):
        for event in logs.events(log):
            is_call = event.get("event") == "vendor_call"
            if is_call and event.get("operation") in _ASKED.get(str(event.get("integration")), ()):
                yield event


def _longest_away(calls: Sequence[tuple[datetime, bool]]) -> float | None:
    """None where it was never answered again."""
    longest, failed_at = 0.0, None
    for at, is_answered in calls:
        if not is_answered:
            failed_at = failed_at or at
        elif failed_at is not None:
            longest, failed_at = max(longest, (at - failed_at).total_seconds()), None
    return longest if failed_at is None else None


def _is_near(one: Timed, other: Timed) -> bool:
    return (
        one.began_at <= other.began_at + other.seconds + _NEARBY_SECONDS
        and other.began_at <= one.began_at + one.seconds + _NEARBY_SECONDS
    )
