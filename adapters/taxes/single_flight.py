"""Whoever asks while the same question is under way waits for its answer, and asks nobody."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """For one event loop. A caller that gives up takes nobody along: the question goes on for the others."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Task[T]] = {}

    async def join(self, key: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Raises what the question that was joined raises."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(_asked(ask))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(task)

    def _land(self, key: str, task: asyncio.Task[T]) -> None:
        self._under_way.pop(key, None)
        # When all who waited have given up, nobody else looks at its failure.
        if not task.cancelled():
            task.exception()


async def _asked(ask: Callable[[], Awaitable[T]]) -> T:
    return await ask()
