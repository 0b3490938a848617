"""Stories: an API key is made, and revoked."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from ports.api_keys import ApiKey, ApiKeys, Role
from ports.clock import Clock

_PREFIXES: Final = {Role.PUBLISHABLE: "fc_pk_", Role.SECRET: "fc_sk_", Role.OPERATOR: "fc_op_"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedApiKey:
    """`secret` is the key itself: shown this once, kept as a hash."""

    key: ApiKey
    secret: str = field(repr=False)


def key_hash(secret: str) -> bytes:
    """How a key is kept: it has at least 192 random bits, so a plain SHA-256 can't be turned back by
    guessing.
    """
    return sha256(secret.encode()).digest()


class CreateApiKey:
    def __init__(self, api_keys: ApiKeys, clock: Clock) -> None:
        self._api_keys = api_keys
        self._clock = clock

    async def __call__(self, role: Role, name: str) -> CreatedApiKey:
        secret = _PREFIXES[role] + self._clock.new_secret()
        key = ApiKey(id=self._clock.new_id("key"), role=role, name=name)
        await self._api_keys.add(key, key_hash(secret), self._clock.now())
        return CreatedApiKey(key=key, secret=secret)


class RevokeApiKey:
    def __init__(self, api_keys: ApiKeys, clock: Clock) -> None:
        self._api_keys = api_keys
        self._clock = clock

    async def __call__(self, key_id: str) -> bool:
        """False if there is no such key, or it was revoked before."""
        return await self._api_keys.revoke(key_id, self._clock.now())
