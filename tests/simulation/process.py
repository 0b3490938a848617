"""A process of ours: the real application on ports that can fail it. When it dies, everything in its hands
dies at that point; a new one with the same name starts a little later and knows nothing.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar, cast

from domain.errors import DomainRefusal, TotalsDoNotAddUp
from ports.errors import PortError
from tests.simulation.wiring import Application, wired

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")
SWEEP_EVERY_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 300.0
_CLOCKS_OFF_SECONDS = (-1.0, 1.0)


class ProcessDied(BaseException):
    """No `except Exception` of the program may get in its way: the process is not there any more."""


class ConnectionLost(Exception):
    """What a client sees of a server that died before it answered."""


class Process:
    """Begins alive. `name` is that of a place; who dies is replaced in it."""

    def __init__(self, name: str, world: "World") -> None:
        self.name = name
        self.is_alive = True
        # Whether it sleeps until work comes.
        self.is_idle = False
        self._world = world
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._work_came = asyncio.Event()
        # No two machines agree on the time.
        self.clock = world.clock.off_by(world.random.uniform(*_CLOCKS_OFF_SECONDS))
        self.application = wired(self, world)

    def require_alive(self) -> None:
        """Whatever a task of a dead process still tries has no effect."""
        if not self.is_alive:
            raise ProcessDied

    def dies(self, how: str) -> ProcessDied:
        """Ends it, everything it has in hand with it; to be raised where it happened."""
        if self.is_alive:
            self.is_alive = False
            self._world.history(self.name, "DIES", how)
            for task in self._tasks:
                if task is not asyncio.current_task():
                    task.cancel()
            self._world.replace(self)
        return ProcessDied()

    def begin(self, what: str, story: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Lets a story run in this process. A defect of ours that ends it is noted."""
        task = asyncio.get_running_loop().create_task(story)
        self._tasks[task] = None

        def ended(task: asyncio.Task[T]) -> None:
            self._tasks.pop(task, None)
            if not task.cancelled() and (error := task.exception()) is not None:
                self._world.watch.story_failed(f"{what} in {self.name}", error)

        task.add_done_callback(ended)
        return task

    async def serve(self, what: str, story: Callable[[Application], Coroutine[Any, Any, T]]) -> T:
        """A request from outside. Raises ConnectionLost if the process dies over it, and what the story
        raises.
        """
        task = self.begin(what, story(self.application))
        await self._world.end_of(task)
        if task.cancelled() or isinstance(task.exception(), ProcessDied):
            raise ConnectionLost
        return task.result()

    def do(self, story: str, subject_id: str) -> None:
        """What a nudge asks a worker for."""
        stories: dict[str, Callable[[str], Coroutine[Any, Any, object]]] = {
            "advance_order": cast(
                Callable[[str], Coroutine[Any, Any, object]], self.application.advance_order
            ),
            "handle_webhook": self.application.handle_webhook,
        }
        self.begin(f"{story} of {subject_id}", stories[story](subject_id))

    def work_came(self) -> None:
        self._work_came.set()

    async def keep_sweeping(self) -> None:
        """A worker's rhythm. Rounds that would find nothing are left out: the world says when there is
        something.
        """
        pause = SWEEP_EVERY_SECONDS
        while self.is_alive:
            self._work_came.clear()
            if self._world.has_due_work():
                # What isn't due by our own clock is in a moment; what others have in hand is theirs.
                pause = SWEEP_EVERY_SECONDS if await self._found() else min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                self.is_idle = True
                await self._work_came.wait()
                self.is_idle = False
            await self._world.sleep(pause * self._world.random.random())

    async def _found(self) -> bool:
        """A storage that is away may hold something."""
        try:
            swept = await self.application.sweep()
        except PortError:
            return True
        for failure in swept.failures:
            self._world.watch.story_failed(f"sweep in {self.name}", failure)
        return bool(swept.found)


def is_defect(error: BaseException) -> bool:
    """Refusals, and vendors and storage that fail, are expected; a tax that doesn't add up was ours to
    make up.
    """
    if isinstance(error, TotalsDoNotAddUp):
        return not error.what.startswith("tax")
    return not isinstance(error, DomainRefusal | PortError | ProcessDied)
