"""Dramatiq's actors: each hands its nudge to a story on the application's own event loop.

The database pool belongs to that loop, and an asyncpg pool used from two loops crashes the interpreter; so
actors are plain functions on Dramatiq's threads that wait for the loop.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import dramatiq

from adapters.dramatiq.broker import QUEUE

# A story ends by its own deadlines long before this; it bounds a thread's wait should the loop be stuck.
_LONGEST_STORY_SECONDS: Final = 55


def register_actors(
    broker: dramatiq.Broker,
    loop: asyncio.AbstractEventLoop,
    stories: dict[str, Callable[[str], Awaitable[object]]],
) -> None:
    """An actor for each story, under the story's name."""
    for name, story in stories.items():
        dramatiq.actor(broker=broker, actor_name=name, queue_name=QUEUE)(_on_loop(loop, story))


def _on_loop(
    loop: asyncio.AbstractEventLoop, story: Callable[[str], Awaitable[object]]
) -> Callable[[str], None]:
    async def told(subject_id: str) -> Any:
        return await story(subject_id)

    def actor(subject_id: str) -> None:
        asyncio.run_coroutine_threadsafe(told(subject_id), loop).result(timeout=_LONGEST_STORY_SECONDS)

    return actor
