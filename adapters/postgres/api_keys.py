"""API keys by the hash of their secret."""

from datetime import datetime

from sqlalchemy import Integer, insert, select, update

from adapters.postgres.connections import Connections
from adapters.postgres.session import run_alone
from adapters.postgres.statement import Row, Statement, parameter
from adapters.postgres.tables import AT, CODE, api_keys
from ports.api_keys import ApiKey, KeptApiKey, Role

_ADD = Statement(insert(api_keys))
_FIND = Statement(
    select(api_keys).where(
        api_keys.c.key_hash == parameter("key_hash", api_keys.c.key_hash.type),
        api_keys.c.revoked_at.is_(None),
    )
)
_NEWEST = Statement(
    select(api_keys.c.id, api_keys.c.role, api_keys.c.name, api_keys.c.created_at, api_keys.c.revoked_at)
    .order_by(api_keys.c.created_at.desc(), api_keys.c.id.desc())
    .limit(parameter("limit", Integer()))
)
_REVOKE = Statement(
    update(api_keys)
    .where(api_keys.c.id == parameter("key_id", CODE), api_keys.c.revoked_at.is_(None))
    .values(revoked_at=parameter("now", AT))
    .returning(api_keys.c.id)
)


class PostgresApiKeys:
    """Implements `ports.api_keys.ApiKeys`."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def add(self, key: ApiKey, key_hash: bytes, now: datetime) -> None:
        await run_alone(
            self._connections,
            _ADD,
            writes=True,
            id=key.id,
            role=key.role.value,
            name=key.name,
            key_hash=key_hash,
            created_at=now,
        )

    async def find(self, key_hash: bytes) -> ApiKey | None:
        rows = await run_alone(self._connections, _FIND, key_hash=key_hash)
        return _key(rows[0]) if rows else None

    async def newest(self, limit: int) -> list[KeptApiKey]:
        rows = await run_alone(self._connections, _NEWEST, limit=limit)
        return [
            KeptApiKey(key=_key(row), created_at=row["created_at"], revoked_at=row["revoked_at"])
            for row in rows
        ]

    async def revoke(self, key_id: str, now: datetime) -> bool:
        return bool(await run_alone(self._connections, _REVOKE, writes=True, key_id=key_id, now=now))


def _key(row: Row) -> ApiKey:
    return ApiKey(id=row["id"], role=Role(row["role"]), name=row["name"])
