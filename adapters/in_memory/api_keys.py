"""API keys by the hash of their secret."""

from dataclasses import replace
from datetime import datetime

from ports.api_keys import ApiKey, KeptApiKey


class InMemoryApiKeys:
    """Implements `ports.api_keys.ApiKeys`."""

    def __init__(self) -> None:
        self._keys: dict[bytes, KeptApiKey] = {}

    async def add(self, key: ApiKey, key_hash: bytes, now: datetime) -> None:
        self._keys[key_hash] = KeptApiKey(key=key, created_at=now)

    async def find(self, key_hash: bytes) -> ApiKey | None:
        kept = self._keys.get(key_hash)
        return kept.key if kept is not None and kept.revoked_at is None else None

    async def newest(self, limit: int) -> list[KeptApiKey]:
        newest = sorted(self._keys.values(), key=lambda kept: (kept.created_at, kept.key.id), reverse=True)
        return newest[:limit]

    async def revoke(self, key_id: str, now: datetime) -> bool:
        """Whether there was such a key that was not revoked before."""
        for key_hash, kept in self._keys.items():
            if kept.key.id == key_id and kept.revoked_at is None:
                self._keys[key_hash] = replace(kept, revoked_at=now)
                return True
        return False
