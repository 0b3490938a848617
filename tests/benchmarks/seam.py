"""What the seam to vendors costs for each call: the same request bare, under a policy, and with breaker and
limits shared through Redis. `python -m tests.benchmarks.seam`
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Final

import httpx

from adapters.redis.connection import RedisConnection
from adapters.redis.shared_state import RedisSharedState
from adapters.resilience.call_records import CallLog, CallMetrics, CallObserver, Observers, Outcome
from adapters.resilience.policed_calls import PolicedCalls, Tried
from adapters.resilience.policies import STRIPE, Policy
from adapters.resilience.shared_state import ProcessState, SharedState
from adapters.resilience.transport import resilient_client
from adapters.system_clock import SystemClock
from entrypoints import logs
from entrypoints.embedded.valkey import embedded_valkey

ROUNDS: Final = 5
CALLS: Final = 2_000
AT_ONCE: Final = 16
# Stripe's two limits, so wide that nothing is refused.
POLICY: Final = replace(STRIPE, limits=tuple(replace(limit, most=1_000_000) for limit in STRIPE.limits))
MARK: Final = {"operation": "payment_intents.create", "writes": True}

Work = Callable[[], Awaitable[object]]


async def one_after_the_other(work: Work) -> float:
    """Microseconds for each call, the median of some rounds."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(CALLS):
            await work()
        took.append((time.perf_counter() - began) / CALLS * 1e6)
    return median(took)


async def many_at_once(work: Work) -> float:
    """Processor time in microseconds for each call of several under way."""

    async def some() -> None:
        for _ in range(CALLS // AT_ONCE):
            await work()

    began = time.process_time()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return (time.process_time() - began) / CALLS * 1e6


async def answers_at_once(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b"{}")


async def well() -> Tried[str]:
    return Tried(outcome=Outcome.ANSWERED, reason="http_200", answer="well")


@asynccontextmanager
async def redis_state(url: str) -> AsyncIterator[SharedState]:
    clock = SystemClock()
    connection = RedisConnection(url, clock)
    yield RedisSharedState(connection, clock)
    await connection.close()


async def measured(name: str, work: Work) -> None:
    await work()
    alone, together = await one_after_the_other(work), await many_at_once(work)
    print(f"{name:54} {alone:9.0f} µs {together:9.0f} µs of processor")


async def through_httpx(name: str, policy: Policy, state: SharedState, observer: CallObserver) -> None:
    mock = httpx.MockTransport(answers_at_once)
    async with resilient_client(
        policy, clock=SystemClock(), shared_state=state, observer=observer, transport=mock
    ) as http:
        await measured(name, lambda: http.post("https://vendor.example/", content=b"{}", extensions=MARK))


async def around_an_sdk(name: str, state: SharedState, observer: CallObserver) -> None:
    calls = PolicedCalls(POLICY, clock=SystemClock(), shared_state=state, observer=observer)
    await measured(name, lambda: calls.call("payment_intents.create", well, repeats_doubts=True))


async def main() -> None:
    process, metrics = ProcessState(SystemClock()), CallMetrics()
    logged = Observers(CallLog(), metrics)
    async with httpx.AsyncClient(transport=httpx.MockTransport(answers_at_once)) as bare:
        await measured("httpx, bare", lambda: bare.post("https://vendor.example/", content=b"{}"))
    await through_httpx("httpx under a policy, state in the process", POLICY, process, metrics)
    await through_httpx("  and a line in the log for each try", POLICY, process, logged)
    await around_an_sdk("policy around an SDK's call, state in the process", process, metrics)
    with embedded_valkey(None) as server:
        async with redis_state(server.url) as shared:
            await around_an_sdk("  state in Redis: one round trip", shared, metrics)
            await around_an_sdk("  and a line in the log for each try", shared, logged)
            unlimited = replace(POLICY, limits=())
            calls = PolicedCalls(unlimited, clock=SystemClock(), shared_state=shared, observer=metrics)
            await measured(
                "  state in Redis, breaker alone",
                lambda: calls.call("payment_intents.create", well, repeats_doubts=True),
            )


if __name__ == "__main__":
    with Path(os.devnull).open("w") as nowhere:
        logs.configure(nowhere)
        asyncio.run(main())
