"""The cache that all processes share. Keys are hashed: what they are about may be somebody's address."""

from hashlib import sha256

from adapters.redis.connection import RedisConnection, RedisIsAway


class RedisCache:
    """Implements `ports.cache.Cache`."""

    def __init__(self, connection: RedisConnection) -> None:
        self._connection = connection

    async def get(self, key: str) -> bytes | None:
        try:
            value = await self._connection.ask(lambda redis: redis.get(_kept_as(key)))
        except RedisIsAway:
            return None
        return value if isinstance(value, bytes) else None

    async def put(self, key: str, value: bytes, ttl_seconds: int) -> None:
        try:
            await self._connection.ask(lambda redis: redis.set(_kept_as(key), value, ex=ttl_seconds))
        except RedisIsAway:
            return

    async def put_if_absent(self, key: str, value: bytes, ttl_seconds: int) -> bool:
        try:
            return bool(
                await self._connection.ask(
                    lambda redis: redis.set(_kept_as(key), value, ex=ttl_seconds, nx=True)
                )
            )
        except RedisIsAway:
            return True

    async def forget(self, key: str) -> None:
        try:
            await self._connection.ask(lambda redis: redis.delete(_kept_as(key)))
        except RedisIsAway:
            return


def _kept_as(key: str) -> str:
    return f"fastcart:cache:{sha256(key.encode()).hexdigest()}"
