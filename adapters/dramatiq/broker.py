"""The Redis broker, set so that the jobs of a killed worker come back within seconds.

A worker's heartbeat rides on its polling, about once a second. One that was not heard of for the heartbeat
timeout is dead, and the next command of any other gives its jobs back; with Dramatiq's defaults that took
three minutes. https://dramatiq.io/reference.html#dramatiq.brokers.redis.RedisBroker
"""

from typing import Final

from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

QUEUE: Final = "fastcart"
_HEARTBEAT_TIMEOUT_MS: Final = 5_000
_MAINTENANCE_WITH_EVERY_COMMAND: Final = 1_000_000
# By then the sweeper has long done what the nudge was about.
_OLDEST_NUDGE_MS: Final = 600_000
# Nobody reads dead nudges.
_DEAD_NUDGE_KEPT_MS: Final = 60_000
_ANSWERS_WITHIN_SECONDS: Final = 5


def redis_broker(url: str) -> RedisBroker:
    """No retries and no time limit of Dramatiq's: a nudge is done once its story was tried. What failed stays
    due in PostgreSQL, and stories bound their own time.

    Connects when it is first used. A Redis that is away is asked once more, not again and again.
    """
    client = Redis.from_url(
        url,
        socket_timeout=_ANSWERS_WITHIN_SECONDS,
        socket_connect_timeout=_ANSWERS_WITHIN_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )
    broker: RedisBroker = RedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq leaves this constructor untyped
        client=client,
        middleware=[AgeLimit(max_age=_OLDEST_NUDGE_MS)],
        heartbeat_timeout=_HEARTBEAT_TIMEOUT_MS,
        maintenance_chance=_MAINTENANCE_WITH_EVERY_COMMAND,
        dead_message_ttl=_DEAD_NUDGE_KEPT_MS,
    )
    return broker
