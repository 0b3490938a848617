"""A cache of this process alone: the fake, and what serves where there is no Redis."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from ports.clock import Clock

_MOST_ENTRIES: Final = 10_000


class InMemoryCache:
    """Implements `ports.cache.Cache`. Of so many entries, the one that was put longest ago goes first."""

    def __init__(self, clock: Clock, most_entries: int = _MOST_ENTRIES) -> None:
        self._clock = clock
        self._most_entries = most_entries
        self._entries: OrderedDict[str, tuple[bytes, datetime]] = OrderedDict()

    async def get(self, key: str) -> bytes | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        value, ends_at = entry
        if self._clock.now() < ends_at:
            return value
        del self._entries[key]
        return None

    async def put(self, key: str, value: bytes, ttl_seconds: int) -> None:
        self._entries[key] = (value, self._clock.now() + timedelta(seconds=ttl_seconds))
        self._entries.move_to_end(key)
        if len(self._entries) > self._most_entries:
            self._entries.popitem(last=False)

    async def put_if_absent(self, key: str, value: bytes, ttl_seconds: int) -> bool:
        if await self.get(key) is not None:
            return False
        await self.put(key, value, ttl_seconds)
        return True

    async def forget(self, key: str) -> None:
        self._entries.pop(key, None)
