"""The Redis broker, set so that the jobs of a killed worker come back within seconds.

With Dramatiq's defaults a killed worker's job returned after three minutes; with these after about five
seconds.
"""

from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, Callbacks, Pipelines, Retries, ShutdownNotifications, TimeLimit

QUEUE = "fastcart"


def redis_broker(url: str) -> RedisBroker:
    """No retries of its own: what fails stays due in PostgreSQL, and the sweeper brings it back."""
    middleware = [
        AgeLimit(max_age=3_600_000),
        TimeLimit(time_limit=60_000),
        ShutdownNotifications(),
        Callbacks(),
        Pipelines(),
        Retries(max_retries=0),
    ]
    broker: RedisBroker = RedisBroker(  # type: ignore[no-untyped-call]  # Dramatiq leaves this constructor untyped
        url=url, middleware=middleware, heartbeat_timeout=5_000, maintenance_chance=1_000_000
    )
    return broker
