"""The parts of a worker: nudges, actors, jobs and the sweeper, each with somebody who stands in its way."""

import asyncio
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, cast

import pytest
import structlog
from dramatiq import Broker
from redis import Redis

from adapters.dramatiq.broker import redis_broker
from adapters.dramatiq.nudges import DramatiqNudges
from adapters.in_memory.error_reports import InMemoryErrorReports, Reported
from adapters.in_memory.nudges import InProcessNudges, Nudge
from application.sweep import Sweep, Swept
from entrypoints.embedded.server import Server
from entrypoints.worker.actors import Actors
from entrypoints.worker.jobs import Jobs
from entrypoints.worker.sweeper import keep_sweeping
from ports.errors import Unavailable
from tests.application.shop import Shop

ROOT: Final = Path(__file__).parents[2]
NOBODY: Final = "redis://127.0.0.1:1/0"
SOON_SECONDS: Final = 10


class Told:
    """A story that remembers what it was told, and does with it what the test says."""

    def __init__(self, then: Callable[[str], Awaitable[None]] | None = None) -> None:
        self.subjects: list[str] = []
        self._then = then

    async def __call__(self, subject_id: str) -> None:
        self.subjects.append(subject_id)
        if self._then is not None:
            await self._then(subject_id)


def jobs_of(story: Told) -> Jobs:
    return Jobs({"advance_order": story}, InMemoryErrorReports())


async def until(holds: Callable[[], bool], within_seconds: float = SOON_SECONDS) -> None:
    async with asyncio.timeout(within_seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in another thread or process
            await asyncio.sleep(0.01)


# A worker that takes a nudge, says so, and never ends: what a test kills.
STUCK: Final = """
    import asyncio, sys
    from redis import Redis
    from adapters.dramatiq.broker import redis_broker
    from adapters.in_memory.error_reports import InMemoryErrorReports
    from entrypoints.worker.actors import Actors
    from entrypoints.worker.jobs import Jobs

    async def never_ends(subject_id):
        Redis.from_url(sys.argv[1]).set("taken", subject_id)
        await asyncio.sleep(3600)

    async def main():
        jobs = Jobs({"advance_order": never_ends}, InMemoryErrorReports())
        actors = Actors(redis_broker(sys.argv[1]), jobs, asyncio.get_running_loop())
        await asyncio.sleep(3600)

    asyncio.run(main())
"""


def stuck_worker(redis_url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(STUCK), redis_url], cwd=ROOT, stderr=subprocess.DEVNULL
    )


async def test_the_nudge_of_a_killed_worker_comes_back_within_30_seconds(valkey: Server) -> None:
    broker = redis_broker(valkey.url)
    nudges = DramatiqNudges(broker)
    with Redis.from_url(valkey.url) as redis:
        worker = stuck_worker(valkey.url)
        try:
            await nudges.order_is_due("ord_1")
            await until(lambda: redis.get("taken") == b"ord_1")
        finally:
            worker.kill()
            worker.wait()
    died_at = time.monotonic()
    story = Told()
    actors = Actors(
        broker, Jobs({"advance_order": story}, InMemoryErrorReports()), asyncio.get_running_loop()
    )
    await until(lambda: story.subjects == ["ord_1"], within_seconds=30)
    assert time.monotonic() - died_at < 30
    await actors.stop(SOON_SECONDS)
    nudges.close()
    broker.client.close()


async def test_actors_hand_nudges_to_jobs_on_the_loop_and_a_failure_is_the_end_of_one_only(
    valkey: Server,
) -> None:
    async def fails(subject_id: str) -> None:
        assert asyncio.get_running_loop() is loop
        if subject_id == "whk_1":
            raise ZeroDivisionError

    loop, story, broker = asyncio.get_running_loop(), Told(fails), redis_broker(valkey.url)
    reports = InMemoryErrorReports()
    jobs = Jobs({"advance_order": Told(), "handle_webhook": story}, reports)
    nudges, actors = DramatiqNudges(broker), Actors(broker, jobs, loop)
    await nudges.webhook_arrived("whk_1")
    await nudges.webhook_arrived("whk_2")
    await until(lambda: len(story.subjects) == 2)
    told = Reported(where="job.handle_webhook", error="ZeroDivisionError", subject="whk_1")
    assert reports.reported == (told,)
    await actors.stop(SOON_SECONDS)
    nudges.close()
    # A failed nudge is done with: the work itself is due in PostgreSQL.
    with Redis.from_url(valkey.url) as redis:
        assert not [key for key in redis.scan_iter() if b"msgs" in key or b"XQ" in key]
    broker.client.close()


async def test_what_was_not_begun_is_given_back(valkey: Server) -> None:
    async def takes_long(_: str) -> None:
        await asyncio.sleep(1.5)

    broker, story = redis_broker(valkey.url), Told(takes_long)
    nudges = DramatiqNudges(broker)
    actors = Actors(
        broker, Jobs({"advance_order": story}, InMemoryErrorReports()), asyncio.get_running_loop()
    )
    for number in range(14):
        await nudges.order_is_due(f"ord_{number}")
    await until(lambda: len(story.subjects) >= 8)
    await actors.stop(SOON_SECONDS)
    nudges.close()
    with Redis.from_url(valkey.url) as redis:
        waiting = cast(int, redis.llen("dramatiq:fastcart"))
    assert waiting + len(story.subjects) == 14
    broker.client.close()


async def test_actors_end_in_time_although_redis_is_away(valkey: Server) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def waits(_: str) -> None:
        begun.set()
        await go_on.wait()

    broker, story = redis_broker(valkey.url), Told(waits)
    nudges = DramatiqNudges(broker)
    actors = Actors(
        broker, Jobs({"advance_order": story}, InMemoryErrorReports()), asyncio.get_running_loop()
    )
    await nudges.order_is_due("ord_1")
    await begun.wait()
    valkey.kill()
    go_on.set()
    began = time.monotonic()
    await actors.stop(2)
    assert time.monotonic() - began < 4
    valkey.start()  # so that the threads left behind find an end
    nudges.close()


async def test_nudges_hold_nobody_up_while_redis_is_away_and_say_so_once() -> None:
    broker = redis_broker(NOBODY)
    with structlog.testing.capture_logs() as logs:
        nudges = DramatiqNudges(broker)
        began = time.monotonic()
        for number in range(100):
            await nudges.order_is_due(f"ord_{number}")
        assert time.monotonic() - began < 0.5
        await until(lambda: nudges.dropped == 100)
        nudges.close()
    assert [line["event"] for line in logs] == ["redis_is_away"]


async def test_nudges_beyond_what_fits_are_dropped() -> None:
    class Hangs:
        """A broker that takes for ever."""

        def enqueue(self, *_: object) -> None:
            time.sleep(0.2)

    nudges = DramatiqNudges(cast(Broker, Hangs()))
    for number in range(10_100):
        await nudges.order_is_due(f"ord_{number}")
    assert nudges.dropped >= 99
    in_process = InProcessNudges()
    for number in range(10_001):
        await in_process.webhook_arrived(f"whk_{number}")
    assert await in_process.next() == Nudge("handle_webhook", "whk_0")


async def test_jobs_in_hand_are_finished() -> None:
    async def takes_a_moment(_: str) -> None:
        await asyncio.sleep(0.05)
        ended.append(1)

    ended: list[int] = []
    jobs = Jobs({"advance_order": Told(takes_a_moment)}, InMemoryErrorReports())
    for number in range(3):
        jobs.begin("advance_order", f"ord_{number}")
    await jobs.finish(SOON_SECONDS)
    assert len(ended) == 3


async def test_a_job_that_takes_too_long_is_broken_off() -> None:
    async def never_ends(_: str) -> None:
        await asyncio.sleep(3600)

    jobs = Jobs({"advance_order": Told(never_ends)}, InMemoryErrorReports())
    task = jobs.begin("advance_order", "ord_1")
    with structlog.testing.capture_logs() as logs:
        await jobs.finish(0.05)
    assert task.cancelled()
    assert logs == [{"event": "jobs_broken_off", "jobs": 1, "log_level": "warning"}]


class Rounds:
    """A sweep whose rounds the test tells one by one; the last one stops it."""

    def __init__(self, stop: asyncio.Event, *rounds: Swept | Exception) -> None:
        self._rounds, self._stop = list(rounds), stop
        self.at: list[float] = []

    async def __call__(self) -> Swept:
        self.at.append(time.monotonic())
        done = self._rounds.pop(0)
        if not self._rounds:
            self._stop.set()
        if isinstance(done, Exception):
            raise done
        return done


async def swept(*rounds: Swept | Exception) -> tuple[Rounds, list[str], list[Reported]]:
    """The rounds, the events that were logged, and the defects that were reported."""
    stop, reports = asyncio.Event(), InMemoryErrorReports()
    sweep = Rounds(stop, *rounds)
    with structlog.testing.capture_logs() as logs:
        await keep_sweeping(cast(Sweep, sweep), 0.2, stop, reports)
    return sweep, [line["event"] for line in logs], [*reports.reported]


NOTHING: Final = Swept(found=0, failures=())


async def test_a_sweeper_goes_on_whatever_a_round_ends_with() -> None:
    defect = KeyError()
    defect.add_note("ord_1")
    failing = Swept(found=2, failures=(defect, Unavailable("refused")))
    sweep, events, defects = await swept(
        Unavailable("refused"), ZeroDivisionError(), OSError(), failing, NOTHING
    )
    assert len(sweep.at) == 5
    assert events == ["sweep_failed", "sweep_failed", "work_failed"]
    assert defects == [
        Reported(where="sweep", error="ZeroDivisionError", subject=None),
        Reported(where="sweep.work", error="KeyError", subject="ord_1"),
    ]


async def test_a_sweeper_comes_again_at_once_while_there_is_more() -> None:
    more = Swept(found=50, failures=(), may_be_more=True)
    sweep, *_ = await swept(more, more, NOTHING, NOTHING)
    first, _, third, fourth = sweep.at
    assert third - first < 0.2 <= fourth - third


async def test_a_sweep_says_that_there_may_be_more(shop: Shop) -> None:
    for _ in range(60):
        await shop.placed()
    shop.clock.advance(shop.rules.payment_window)
    first = await shop.sweep()
    assert (first.found, first.may_be_more) == (50, True)
    second = await shop.sweep()
    assert not second.may_be_more


@pytest.fixture
async def shop() -> Shop:
    return await Shop(pieces=100).stocked()
