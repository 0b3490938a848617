"""API keys in memory."""

from datetime import datetime

from ports.api_keys import ApiKey


class InMemoryApiKeys:
    def __init__(self) -> None:
        self._keys: dict[bytes, ApiKey] = {}

    async def add(self, key: ApiKey, key_hash: bytes, now: datetime) -> None:
        self._keys[key_hash] = key

    async def find(self, key_hash: bytes) -> ApiKey | None:
        return self._keys.get(key_hash)

    async def revoke(self, key_id: str, now: datetime) -> bool:
        hashes = [key_hash for key_hash, key in self._keys.items() if key.id == key_id]
        for key_hash in hashes:
            del self._keys[key_hash]
        return bool(hashes)
