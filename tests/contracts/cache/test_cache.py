"""The contract of `ports.cache.Cache`: what is put is there until its time is over, and nothing ever
fails.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from adapters.in_memory.cache import InMemoryCache
from adapters.in_memory.clock import ManualClock
from adapters.redis.cache import RedisCache
from adapters.redis.connection import RedisConnection
from entrypoints.embedded.valkey import embedded_valkey
from ports.cache import Cache

NOBODY = "redis://127.0.0.1:1/0"
Pass = Callable[[float], Awaitable[None]]


@pytest.fixture(params=["in memory", "redis"])
async def kept(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Cache, Pass]]:
    """A cache, and how time passes for it: a server's can only be waited for."""
    clock = ManualClock()
    if request.param == "in memory":

        async def pass_time(seconds: float) -> None:
            clock.advance(timedelta(seconds=seconds))

        yield InMemoryCache(clock), pass_time
        return
    connection = RedisConnection(request.getfixturevalue("redis_url"), clock, answers_within_seconds=10)
    yield RedisCache(connection), asyncio.sleep
    await connection.close()


@pytest.fixture
def cache(kept: tuple[Cache, Pass]) -> Cache:
    return kept[0]


@pytest.fixture
def key() -> str:
    """The server is shared by all tests of this worker."""
    return f"tax:{uuid4()}"


async def test_what_was_put_is_there(cache: Cache, key: str) -> None:
    assert await cache.get(key) is None
    await cache.put(key, b"\x00\xff any bytes", 60)
    assert await cache.get(key) == b"\x00\xff any bytes"


async def test_nothing_at_all_can_be_put(cache: Cache, key: str) -> None:
    await cache.put(key, b"", 60)
    assert await cache.get(key) == b""


async def test_what_is_put_again_takes_the_place_of_what_was_there(cache: Cache, key: str) -> None:
    await cache.put(key, b"first", 60)
    await cache.put(key, b"second", 60)
    assert await cache.get(key) == b"second"


async def test_keys_are_kept_apart_however_long_they_are(cache: Cache, key: str) -> None:
    long = key + "é" * 10_000
    await cache.put(long, b"one", 60)
    await cache.put(long + ".", b"other", 60)
    assert await cache.get(long) == b"one"


async def test_of_all_who_put_if_absent_one_did(cache: Cache, key: str) -> None:
    put = await asyncio.gather(*(cache.put_if_absent(key, bytes([n]), 60) for n in range(20)))
    assert put.count(True) == 1
    assert await cache.get(key) == bytes([put.index(True)])


async def test_what_is_forgotten_is_absent(cache: Cache, key: str) -> None:
    assert await cache.put_if_absent(key, b"mine", 60)
    await cache.forget(key)
    assert await cache.get(key) is None
    assert await cache.put_if_absent(key, b"yours", 60)
    await cache.forget(f"{key} was never there")


async def test_what_was_put_is_gone_when_its_time_is_over(kept: tuple[Cache, Pass], key: str) -> None:
    cache, pass_time = kept
    await cache.put(key, b"short", 1)
    await cache.put_if_absent(f"{key}:lock", b"short", 1)
    await cache.put(f"{key}:long", b"long", 60)
    await pass_time(1.05)
    assert await cache.get(key) is None
    assert await cache.put_if_absent(f"{key}:lock", b"again", 60)
    assert await cache.get(f"{key}:long") == b"long"


async def test_the_oldest_goes_when_a_process_has_kept_enough() -> None:
    cache = InMemoryCache(ManualClock(), most_entries=2)
    for key in ("a", "b", "a", "c"):
        await cache.put(key, b"x", 60)
    assert [await cache.get(key) for key in ("a", "b", "c")] == [b"x", None, b"x"]


async def test_a_server_never_learns_what_a_key_is_about(redis_url: str, key: str) -> None:
    connection = RedisConnection(redis_url, ManualClock(), answers_within_seconds=10)
    await RedisCache(connection).put(f"{key}:Unter den Linden 1", b"x", 60)
    await connection.close()
    async with Redis.from_url(redis_url) as redis:
        assert not [name async for name in redis.scan_iter() if b"Linden" in name or key.encode() in name]


async def test_a_cache_that_is_away_is_a_miss_and_says_so_once() -> None:
    connection = RedisConnection(NOBODY, clock := ManualClock())
    cache = RedisCache(connection)
    with capture_logs() as logs:
        for _ in range(3):
            await cache.put("k", b"x", 60)
            assert await cache.get("k") is None
            assert await cache.put_if_absent("k", b"x", 60)
            await cache.forget("k")
            clock.advance(timedelta(seconds=2))
    assert [line["event"] for line in logs] == ["redis_is_away"]
    await connection.close()


async def test_a_cache_that_returns_is_used_again() -> None:
    with embedded_valkey(None) as server:
        connection = RedisConnection(server.url, clock := ManualClock())
        cache = RedisCache(connection)
        await cache.put("k", b"x", 60)
        server.kill()
        with capture_logs() as logs:
            assert await cache.get("k") is None
            server.start()
            assert await cache.get("k") is None, "a Redis that was away a moment ago is left alone"
            clock.advance(timedelta(seconds=2))
            await cache.put("k", b"y", 60)
            assert await cache.get("k") == b"y"
        assert [line["event"] for line in logs] == ["redis_is_away", "redis_is_back"]
        await connection.close()
