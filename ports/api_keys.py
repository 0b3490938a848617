"""Who may call. Keys are stored hashed; whoever loses one gets a new one."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol


class Role(Enum):
    """PUBLISHABLE: a shopper's browser.

    SECRET: the merchant's server. OPERATOR: a person who looks after orders.
    """

    PUBLISHABLE = "publishable"
    SECRET = "secret"  # noqa: S105 - a role's name
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    id: str
    role: Role
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptApiKey:
    """A key as whoever looks after the keys sees it; `revoked_at` None: it is accepted."""

    key: ApiKey
    created_at: datetime
    revoked_at: datetime | None = None


class ApiKeys(Protocol):
    async def add(self, key: ApiKey, key_hash: bytes, now: datetime) -> None: ...

    async def find(self, key_hash: bytes) -> ApiKey | None:
        """The key with this hash, unless it was revoked."""

    async def newest(self, limit: int) -> list[KeptApiKey]:
        """So many keys at the most, the newest first, revoked ones among them."""

    async def revoke(self, key_id: str, now: datetime) -> bool: ...
