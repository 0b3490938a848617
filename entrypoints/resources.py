"""What must be opened before anything works, and closed afterwards: one exit stack, each resource with its
health check.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import dramatiq
import httpx

from adapters.dramatiq.broker import redis_broker
from adapters.dramatiq.nudges import DramatiqNudges
from adapters.in_memory.nudges import SilentNudges
from adapters.postgres.connections import Connections
from adapters.postgres.pool import open_pool, ready
from entrypoints.settings import Settings
from ports.nudges import Nudges

HealthCheck = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """`broker` is None without Redis: then the sweeper finds everything by itself.

    Checks raise when something is away.
    """

    pool: Connections
    http: httpx.AsyncClient
    broker: dramatiq.Broker | None
    nudges: Nudges
    health_checks: dict[str, HealthCheck]


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Opens all of it on the running loop; a failure closes what was opened.

    A database or a Redis that isn't there yet is no failure: whoever needs it is told so each time.
    """
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(
            open_pool(settings.database_url, settings.database_connections)
        )
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=10))
        broker = redis_broker(settings.redis_url) if settings.redis_url else None
        nudges: Nudges = SilentNudges()
        if broker is not None:
            stack.callback(broker.close)
            nudges = dramatiq_nudges = DramatiqNudges(broker)
            stack.callback(dramatiq_nudges.close)

        async def database() -> None:
            await ready(pool)

        yield Resources(
            pool=pool, http=http, broker=broker, nudges=nudges, health_checks={"database": database}
        )
