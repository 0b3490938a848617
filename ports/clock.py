"""Time, ids and randomness: whatever differs from one run to the next comes through here, so that a run
can be replayed.
"""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The time now, in UTC, timezone-aware."""

    async def sleep(self, seconds: float) -> None: ...

    def new_id(self, prefix: str) -> str:
        """A new prefixed UUIDv7 (`domain.identifiers.prefixed`), never the same twice, sortable by
        creation time.
        """

    def random_fraction(self) -> float:
        """At least 0 and below 1, evenly spread: for spreading retries, never for secrets."""

    def new_secret(self) -> str:
        """An unguessable token of at least 192 bits, URL-safe."""
