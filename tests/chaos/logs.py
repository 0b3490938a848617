"""Reads what the processes logged: a defect of ours is a finding even if no shopper noticed it."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# What a vendor or a database that is away looks like from inside: expected here, and survived.
_WEATHER: Final = frozenset({"Unavailable", "OutcomeUnknown", "ConcurrentChange"})
# As structlog writes it, for a console or as JSON.
_FAILURE: Final = re.compile(
    r"\b(request_failed|work_failed|sweep_failed|answer_not_kept)\b.*\berror\W{1,4}(\w+)"
)


def failures(logs: Path) -> Counter[str]:
    """How often which failure was logged: `worker-1 work_failed Unavailable`."""
    counts: Counter[str] = Counter()
    for log in sorted(logs.glob("*.log")):
        for line in log.read_text(errors="replace").splitlines():
            if found := _FAILURE.search(line):
                counts[f"{log.stem} {found[1]} {found[2]}"] += 1
    return counts


def defects(logged: Counter[str], ended: Mapping[str, int]) -> list[str]:
    """Failures that no fault explains, and processes that ended by themselves."""
    strange = {name: count for name, count in logged.items() if name.split()[-1] not in _WEATHER}
    found = [f"{failure}, {count} times" for failure, count in strange.items()]
    return found + [f"{name} ended by itself, exit code {code}" for name, code in ended.items()]
