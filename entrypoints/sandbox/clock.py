"""The sandbox's own time and randomness: seeded for a replay, moved forward by hand to see a day pass."""

import asyncio
import base64
import random
import time
from datetime import UTC, datetime, timedelta

from domain.identifiers import prefixed

_VERSION_AND_VARIANT = (7 << 76) | (2 << 62)


class AdjustableClock:
    """A `ports.clock.Clock` over the machine's time, plus whatever it was advanced by."""

    def __init__(self, seed: int | None = None) -> None:
        # A seed is for replays: these ids and secrets open nothing but the sandbox itself.
        self._random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311
        self._offset = timedelta()
        self._last_tick = 0

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), UTC) + self._offset

    def advance(self, by: timedelta) -> None:
        self._offset += by

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def new_id(self, prefix: str) -> str:
        return prefixed(prefix, self._uuid7())

    def random_fraction(self) -> float:
        return self._random.random()

    def new_secret(self) -> str:
        return base64.urlsafe_b64encode(self._random.randbytes(24)).decode()

    def _uuid7(self) -> int:
        """Milliseconds and a 12-bit counter that borrows from the next millisecond: ids always ascend."""
        present = int(self.now().timestamp() * 1000) << 12
        self._last_tick = max(present, self._last_tick + 1)
        milliseconds, counter = divmod(self._last_tick, 1 << 12)
        return (milliseconds << 80) | (counter << 64) | _VERSION_AND_VARIANT | self._random.getrandbits(62)
