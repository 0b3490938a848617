"""What must be opened before anything works, and closed afterwards: one exit stack, each resource with its
health check beside it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import dramatiq

from adapters.dramatiq.broker import redis_broker
from adapters.dramatiq.nudges import DramatiqNudges
from adapters.error_log import LoggedErrorReports
from adapters.flags.definitions import NOTHING_AMISS, NotSetUp, from_environment
from adapters.flags.feature_flags import OpenFeatureFlags, tell_problems
from adapters.flags.file import FlagFile
from adapters.in_memory.cache import InMemoryCache
from adapters.in_memory.nudges import InProcessNudges, SilentNudges
from adapters.postgres.connections import Connections
from adapters.postgres.pool import open_pool, ready
from adapters.redis.cache import RedisCache
from adapters.redis.connection import RedisConnection
from adapters.redis.shared_state import RedisSharedState
from adapters.resilience.call_records import CallLog, CallMetrics, Observers
from adapters.resilience.policies import STRIPE
from adapters.resilience.shared_state import ProcessState, SharedState
from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.settings import StripeSettings
from adapters.system_clock import SystemClock
from entrypoints.flag_vendors import not_set_up
from entrypoints.payment_settings import StripeAccess
from entrypoints.settings import FlagSettings, Settings, WorkerMode
from entrypoints.vendor_clients import VendorClients
from ports.cache import Cache
from ports.clock import Clock
from ports.error_reports import ErrorReports
from ports.flags import FeatureFlags, FlagSource
from ports.nudges import Nudges

HealthCheck = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """`broker` is None without Redis: then the sweeper finds everything by itself. `stripe` is None where
    payments are simulated.

    Checks raise when something is away; the API can do without those that are `dispensable`. Vendors are
    asked nothing for a check: they count our calls.
    """

    pool: Connections
    cache: Cache
    vendors: VendorClients
    calls: CallMetrics
    stripe: StripePaymentGateway | None
    error_reports: ErrorReports
    broker: dramatiq.Broker | None
    nudges: Nudges
    flags: FeatureFlags
    health_checks: dict[str, HealthCheck] = field(default_factory=dict)
    dispensable: frozenset[str] = frozenset()


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Opens all of it on the running loop; a failure closes what was opened.

    A database or a Redis that isn't there yet is no failure: whoever needs it is told so each time.
    """
    checks: dict[str, HealthCheck] = {}
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(
            open_pool(settings.database_url, settings.database_connections)
        )
        checks["database"] = lambda: ready(pool)
        clock, calls, error_reports = SystemClock(), CallMetrics(), LoggedErrorReports()
        cache, shared_state = _shared(settings, clock, stack, checks)
        vendors = VendorClients(clock, shared_state, Observers(CallLog(), calls), stack)
        stripe = _stripe(settings.stripe, vendors, clock, error_reports, stack) if settings.stripe else None
        broker = _broker(settings, stack)
        yield Resources(
            pool=pool,
            cache=cache,
            vendors=vendors,
            calls=calls,
            stripe=stripe,
            error_reports=error_reports,
            broker=broker,
            nudges=_nudges(settings, broker, stack),
            flags=await stack.enter_async_context(open_flags(settings.flags, not_set_up(settings))),
            health_checks=checks,
            dispensable=frozenset({"redis"}),
        )


@asynccontextmanager
async def open_flags(
    settings: FlagSettings, not_set_up: NotSetUp = NOTHING_AMISS
) -> AsyncIterator[OpenFeatureFlags]:
    """Their file is read before anybody asks, and looked at again until they are closed."""
    environment = from_environment(settings.values, not_set_up)
    tell_problems(FlagSource.ENVIRONMENT, environment)
    flags = OpenFeatureFlags(environment)
    if settings.file is None:
        yield flags
        return
    file = FlagFile(settings.file, not_set_up)
    await flags.read_again(file)
    reading = asyncio.create_task(flags.keep_reading(file, SystemClock()))
    try:
        yield flags
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def _stripe(
    access: StripeAccess,
    vendors: VendorClients,
    clock: Clock,
    error_reports: ErrorReports,
    stack: AsyncExitStack,
) -> StripePaymentGateway:
    gateway = StripePaymentGateway(stripe_settings(access), vendors.around(STRIPE), clock, error_reports)
    stack.push_async_callback(gateway.close)
    return gateway


def stripe_settings(access: StripeAccess) -> StripeSettings:
    return StripeSettings(
        secret_key=access.secret_key,
        webhook_secret=access.webhook_secret,
        base_url=access.base_url,
        cards_only=access.cards_only,
    )


def _shared(
    settings: Settings, clock: Clock, stack: AsyncExitStack, checks: dict[str, HealthCheck]
) -> tuple[Cache, SharedState]:
    """Through Redis where there is one; otherwise each process has its own."""
    if settings.redis_url is None:
        return InMemoryCache(clock), ProcessState(clock)
    redis = RedisConnection(settings.redis_url, clock)
    stack.push_async_callback(redis.close)
    checks["redis"] = redis.check
    return RedisCache(redis), RedisSharedState(redis, clock)


def _broker(settings: Settings, stack: AsyncExitStack) -> dramatiq.Broker | None:
    """None without Redis, and where the API process does the work: it nudges itself."""
    if settings.redis_url is None or settings.worker is WorkerMode.EMBEDDED:
        return None
    broker = redis_broker(settings.redis_url)
    stack.callback(broker.client.close)
    return broker


def _nudges(settings: Settings, broker: dramatiq.Broker | None, stack: AsyncExitStack) -> Nudges:
    if settings.worker is WorkerMode.EMBEDDED:
        return InProcessNudges()
    if broker is None:
        return SilentNudges()
    nudges = DramatiqNudges(broker)
    stack.callback(nudges.close)
    return nudges
