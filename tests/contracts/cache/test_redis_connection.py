"""Whoever waits for Redis under a deadline is let go when it is over, whatever Redis's client makes of it."""

import asyncio

import pytest
from redis.asyncio import Redis

from adapters.redis.connection import RedisConnection, RedisIsAway
from adapters.system_clock import SystemClock


@pytest.fixture
def connection() -> RedisConnection:
    return RedisConnection("redis://127.0.0.1:1", SystemClock())


async def test_a_deadline_holds_although_the_client_swallowed_the_cancellation(
    connection: RedisConnection,
) -> None:
    async def deaf(_: Redis) -> bytes:
        """As `asyncio.wait_for` of Python 3.11 is when the result is there in the same moment."""
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return b"late"
        return b"never"

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await connection.ask(deaf)


async def test_a_deadline_holds_although_the_client_made_an_error_of_the_cancellation(
    connection: RedisConnection,
) -> None:
    async def confused(_: Redis) -> bytes:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise OSError from None
        return b"never"

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await connection.ask(confused)


async def test_a_deadline_inside_a_question_is_its_own_affair(connection: RedisConnection) -> None:
    async def slow(_: Redis) -> bytes:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(60)
        return b"never"

    with pytest.raises(RedisIsAway):
        await connection.ask(slow)
