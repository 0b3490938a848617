"""The connection to Redis that everything dispensable shares: quick to give up, left alone while it is away,
and told of once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import ConnectionError as ConnectionFailed
from redis.exceptions import RedisError

from ports.clock import Clock

# A request waits for it; whoever needs longer is as good as away.
_ANSWERS_WITHIN_SECONDS: Final = 0.25
_MOST_CONNECTIONS: Final = 16
# A Redis that is away is not asked again before this, so that not every call waits for it.
_LEFT_ALONE: Final = timedelta(seconds=1)

T = TypeVar("T")
log = structlog.get_logger(__name__)


class RedisIsAway(Exception):
    """It did not answer, or was not asked because it didn't a moment ago. Doesn't leave `adapters/redis`."""


class RedisConnection:
    """Connects when it is first used; a Redis that isn't there is no failure."""

    def __init__(
        self, url: str, clock: Clock, *, answers_within_seconds: float = _ANSWERS_WITHIN_SECONDS
    ) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_MOST_CONNECTIONS,
            timeout=answers_within_seconds,
            socket_timeout=answers_within_seconds,
            socket_connect_timeout=answers_within_seconds,
            # Once more at once: a connection that lay idle may be gone although the server is well.
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionFailed,)),
        )
        self._client: Redis = Redis(connection_pool=pool)
        self._clock = clock
        self._asked_again_at: datetime | None = None

    def script(self, text: str) -> AsyncScript:
        """A Lua script, to be called inside `ask`: one round trip once the server knows it."""
        return self._client.register_script(text)

    async def ask(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """Raises RedisIsAway."""
        if self._asked_again_at is not None and self._clock.now() < self._asked_again_at:
            raise RedisIsAway
        try:
            answer = await _heeding_cancellation(question(self._client))
        except (RedisError, OSError, TimeoutError) as error:
            if self._asked_again_at is None:
                log.warning("redis_is_away", error=type(error).__name__)
            self._asked_again_at = self._clock.now() + _LEFT_ALONE
            raise RedisIsAway from None
        if self._asked_again_at is not None:
            log.info("redis_is_back")
            self._asked_again_at = None
        return answer

    async def check(self) -> None:
        """Whether it is there right now. Raises what Redis's client raises."""
        await self._client.ping()

    async def close(self) -> None:
        await self._client.aclose()
        await self._client.connection_pool.aclose()


async def _heeding_cancellation(asked: Awaitable[T]) -> T:
    """Raises CancelledError also when the client swallowed it: it sends by `asyncio.wait_for`, which before
    Python 3.12 answers a cancellation with the result, if that is there in the same moment
    (https://github.com/python/cpython/issues/86296). Whoever set a deadline would wait past it.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        return await asked
    finally:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError
