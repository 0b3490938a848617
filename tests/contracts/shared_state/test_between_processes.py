"""What is shared is shared: between clients, between processes, and not at all while Redis is away."""

import asyncio
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from adapters.in_memory.clock import ManualClock
from adapters.redis.connection import RedisConnection
from adapters.redis.shared_state import RedisSharedState
from adapters.resilience.breaker import BreakerState
from adapters.resilience.policies import BreakerRule, Each, Policy, RateLimit
from adapters.resilience.shared_state import Admitted, Refused
from entrypoints.embedded.valkey import embedded_valkey
from tests.contracts.vendor_calls import DOUBT, Told, calls_under, in_turn

ROOT: Final = Path(__file__).parents[3]
NOBODY: Final = "redis://127.0.0.1:1/0"


def connected(url: str) -> RedisConnection:
    """Patient: a machine that is busy with other tests is no Redis that is away."""
    return RedisConnection(url, ManualClock(), answers_within_seconds=10)


@pytest.fixture
def policy() -> Policy:
    return Policy(
        integration=f"test_{uuid4().hex}",
        timeout_seconds=10,
        breaker=BreakerRule(failures=4),
        limits=(RateLimit(most=20, per_seconds=60),),
    )


async def test_two_clients_never_get_more_than_one_limit_together(redis_url: str, policy: Policy) -> None:
    one, other = (connected(redis_url) for _ in range(2))
    states = [RedisSharedState(connection, ManualClock()) for connection in (one, other)]
    answers = await asyncio.gather(*(states[n % 2].admit(policy, "rates.list", "") for n in range(60)))
    assert sum(isinstance(answer, Admitted) for answer in answers) == 20
    assert all(answer.is_shared for answer in answers)
    await one.close()
    await other.close()


async def test_failures_seen_by_two_clients_open_the_breaker_for_both(redis_url: str, policy: Policy) -> None:
    one, other = (connected(redis_url) for _ in range(2))
    states = [RedisSharedState(connection, ManualClock()) for connection in (one, other)]
    seen = []
    for n in range(4):
        admitted = await states[n % 2].admit(policy, "rates.list", "")
        assert isinstance(admitted, Admitted)
        seen.append(await states[n % 2].failed(policy, admitted))
    assert seen == [BreakerState.CLOSED] * 3 + [BreakerState.OPEN]
    for state in states:
        assert isinstance(await state.admit(policy, "rates.list", ""), Refused)
    await one.close()
    await other.close()


ASKS: Final = """
    import asyncio, sys
    from adapters.redis.connection import RedisConnection
    from adapters.redis.shared_state import RedisSharedState
    from adapters.resilience.policies import Policy, RateLimit
    from adapters.resilience.shared_state import Admitted
    from adapters.system_clock import SystemClock

    async def main() -> None:
        clock = SystemClock()
        connection = RedisConnection(sys.argv[1], clock, answers_within_seconds=10)
        state = RedisSharedState(connection, clock)
        limits = (RateLimit(most=20, per_seconds=60),)
        policy = Policy(integration=sys.argv[2], timeout_seconds=10, limits=limits)
        answers = [await state.admit(policy, "rates.list", "") for _ in range(30)]
        assert all(answer.is_shared for answer in answers)
        print(sum(isinstance(answer, Admitted) for answer in answers))
        await connection.close()

    asyncio.run(main())
"""


def test_two_processes_never_get_more_than_one_limit_together(redis_url: str, policy: Policy) -> None:
    command = [sys.executable, "-c", textwrap.dedent(ASKS), redis_url, policy.integration]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    admitted = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(admitted) == 20


async def test_a_limit_that_a_release_made_narrower_holds_at_once(redis_url: str, policy: Policy) -> None:
    connection = connected(redis_url)
    state = RedisSharedState(connection, ManualClock())
    for _ in range(10):
        assert isinstance(await state.admit(policy, "rates.list", ""), Admitted)
    narrower = replace(policy, limits=(RateLimit(most=5, per_seconds=60),))
    assert isinstance(await state.admit(narrower, "rates.list", ""), Refused)
    await connection.close()


async def test_every_key_runs_out_by_itself_and_names_nobody(redis_url: str, policy: Policy) -> None:
    connection = connected(redis_url)
    state = RedisSharedState(connection, ManualClock())
    by_sender = replace(policy, limits=(RateLimit(most=1, per_seconds=1, each=Each.PARTY),))
    admitted = await state.admit(by_sender, "sms.send", "+1 555 0100")
    assert isinstance(admitted, Admitted)
    await state.failed(by_sender, admitted)
    await connection.close()
    async with Redis.from_url(redis_url) as redis:
        names = [name async for name in redis.scan_iter(f"*{policy.integration}*")]
        assert len(names) == 2
        assert all([await redis.pttl(name) > 0 for name in names])
        assert b"0100" not in b"".join(names)


async def test_without_redis_each_process_decides_alone_and_says_so_once(policy: Policy) -> None:
    clock, told = ManualClock(), Told()
    connection = RedisConnection(NOBODY, clock)
    calls = calls_under(policy, clock=clock, state=RedisSharedState(connection, clock), told=told)
    with capture_logs() as logs:
        for _ in range(5):
            await calls.call("rates.list", in_turn(DOUBT), repeats_doubts=False)
            clock.advance(timedelta(seconds=2))
    assert [line["event"] for line in logs] == ["redis_is_away"]
    assert told.reasons == ["connection_lost"] * 4 + ["breaker_open"]
    assert not any(record.is_shared for record in told.records)
    await connection.close()


async def test_a_redis_that_comes_back_is_shared_again_from_where_it_stands(policy: Policy) -> None:
    with embedded_valkey(None) as server:
        clock, told = ManualClock(), Told()
        connection = RedisConnection(server.url, clock)
        calls = calls_under(policy, clock=clock, state=RedisSharedState(connection, clock), told=told)

        async def fails() -> None:
            await calls.call("rates.list", in_turn(DOUBT), repeats_doubts=False)

        with capture_logs() as logs:
            await fails()
            server.kill()
            for _ in range(3):
                await fails()
            server.start()
            clock.advance(timedelta(seconds=2))
            await fails()
        assert [record.is_shared for record in told.records] == [True, False, False, False, True]
        assert [line["event"] for line in logs] == ["redis_is_away", "redis_is_back"]
        await connection.close()


async def test_a_redis_that_hangs_is_waited_for_once_not_with_every_call(policy: Policy) -> None:
    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(says_nothing, "127.0.0.1", 0) as server:
        clock = ManualClock()
        port = server.sockets[0].getsockname()[1]
        connection = RedisConnection(f"redis://127.0.0.1:{port}/0", clock)
        state = RedisSharedState(connection, clock)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for _ in range(20):
            assert isinstance(await state.admit(policy, "rates.list", ""), Admitted)
        took_seconds = loop.time() - began
        await connection.close()
    # Twenty of them would take five seconds and more.
    assert took_seconds < 4
