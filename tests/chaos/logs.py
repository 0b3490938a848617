"""Reads what the processes logged: a defect of ours is a finding even if no shopper noticed it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

# What a vendor or a database that is away looks like from inside: expected here, and survived.
_WEATHER: Final = frozenset({"Unavailable", "OutcomeUnknown", "ConcurrentChange"})
_GRAVE: Final = frozenset({"error", "critical"})
# Dramatiq calls it critical that its Redis is away.
_WEATHER_REPORTS: Final = ("Consumer encountered a connection error",)


def failures(logs: Path) -> Counter[str]:
    """How often which failure was logged: `worker-1 work_failed Unavailable`."""
    counts: Counter[str] = Counter()
    for log in sorted(logs.glob("*.log")):
        for event in events(log):
            told = str(event.get("event", ""))
            if event.get("level") in _GRAVE and not told.startswith(_WEATHER_REPORTS):
                kind = (event.get("failure") or {}).get("type") or event.get("error") or "?"
                counts[f"{log.stem} {told[:60]} {kind}"] += 1
    return counts


def defects(logged: Mapping[str, int], ended: Mapping[str, int]) -> list[str]:
    """Failures that no fault explains, and processes that ended by themselves."""
    strange = {name: count for name, count in logged.items() if name.split()[-1] not in _WEATHER}
    found = [f"{failure}, {count} times" for failure, count in strange.items()]
    return found + [f"{name} ended by itself, exit code {code}" for name, code in ended.items()]


def events(log: Path) -> Iterator[dict[str, Any]]:
    """What a log says, in whole lines.

    A process that was killed may have left half a one, and its successor goes on in it.
    """
    for line in log.read_text(errors="replace").splitlines():
        try:
            event = json.loads(line[max(0, line.rfind('{"event"')) :])
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event
