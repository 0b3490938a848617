"""A clock that stands still until it is told to go on, with ids and secrets that repeat from run to run."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from domain.identifiers import prefixed

_START: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)


class ManualClock:
    """Implements `ports.clock.Clock`. `sleep` passes the time instead of waiting for it."""

    def __init__(self, start: datetime = _START, seed: int = 0) -> None:
        self._now = start
        self._random = Random(seed)  # noqa: S311 - repeatable on purpose
        self._ids = 0

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by

    async def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def new_id(self, prefix: str) -> str:
        """A UUIDv7's bits: the time, then a counter where randomness would be, so that ids sort as they were
        made.
        """
        self._ids += 1
        return prefixed(prefix, int(self._now.timestamp() * 1000) << 80 | 7 << 76 | self._ids)

    def random_fraction(self) -> float:
        return self._random.random()

    def new_secret(self) -> str:
        return f"{self._random.getrandbits(192):048x}"
