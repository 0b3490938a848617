"""API keys by the hash of their secret."""

from datetime import datetime

from ports.api_keys import ApiKey


class InMemoryApiKeys:
    """Implements `ports.api_keys.ApiKeys`."""

    def __init__(self) -> None:
        self._keys: dict[bytes, ApiKey] = {}

    async def add(self, key: ApiKey, key_hash: bytes, now: datetime) -> None:
        self._keys[key_hash] = key

    async def find(self, key_hash: bytes) -> ApiKey | None:
        return self._keys.get(key_hash)

    async def revoke(self, key_id: str, now: datetime) -> bool:
        """Whether there was such a key that was not revoked before."""
        for key_hash, key in self._keys.items():
            if key.id == key_id:
                del self._keys[key_hash]
                return True
        return False
