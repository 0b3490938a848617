"""`make chaos`: calm, fires, quiet, then the books. Exit code 0 only if every invariant holds.

Everything that is decided by chance is drawn from the seed: who buys what, who dies when, which fault falls
due at which call. How the processes interleave is the machine's affair.
"""

import asyncio
import logging
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import httpx

from ports.api_keys import Role
from tests.chaos import fires, goods, logs, report
from tests.chaos.audit import Auditor
from tests.chaos.books import violations
from tests.chaos.client import PatientClient, Transcript, connection
from tests.chaos.faults import Faults
from tests.chaos.fires import Kill
from tests.chaos.fleet import Fleet, running_fleet
from tests.chaos.keepers import keepers_in_turns
from tests.chaos.recoveries import LONGEST_SECONDS, recoveries_of, too_slow
from tests.chaos.report import LiveLog, checkouts_per_second
from tests.chaos.sandbox import Sandbox
from tests.chaos.shoppers import Crowd, Shop
from tests.chaos.vendors import (
    LONGEST_AWAY_SECONDS,
    LONGEST_OPTIONS_SECONDS,
    options_told,
    too_long_for_options,
    vendor_recoveries,
)

_CALM_SECONDS: Final = 8.0
_SETTLES_WITHIN_SECONDS: Final = 95.0
"""The last shoppers' payment window, and a minute: so long an order waits that could not be read."""
_HEARTBEAT_SECONDS: Final = 5.0
_LEAST_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`seconds` is how long the fires last; `rate` is how many shoppers come in a second."""

    seed: int
    seconds: float
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """When what began, in seconds of the monotonic clock."""

    calm: float
    fire: float
    quiet: float


def main(seed: int = 1, seconds: float = 40.0, rate: float = 5.0, keep_logs: Path | None = None) -> int:
    """`seconds` is how long the fires last; with `keep_logs` what the processes said stays there."""
    signal.signal(signal.SIGTERM, _interrupted)
    for chatty in ("alembic", "adapters"):  # their steps don't belong among the kills
        logging.getLogger(chatty).setLevel(logging.WARNING)
    print(f"Chaos with seed {seed}: {rate:.0f} shoppers a second, {seconds:.0f} s of fires\n")
    say = LiveLog()
    with tempfile.TemporaryDirectory(prefix="fastcart-chaos-") as folder:
        folder_of_logs = keep_logs or Path(folder)
        folder_of_logs.mkdir(parents=True, exist_ok=True)
        with running_fleet(folder_of_logs, seed) as fleet:
            say("up       2 API processes, 2 workers, PostgreSQL, Valkey, vendor sandbox")
            return asyncio.run(_play(fleet, Plan(seed=seed, seconds=seconds, rate=rate), say))


async def _play(fleet: Fleet, plan: Plan, say: LiveLog) -> int:
    publishable, secret = await asyncio.to_thread(_new_keys, fleet)
    async with httpx.AsyncClient(base_url=fleet.stack.sandbox_url, timeout=30, trust_env=False) as http:
        sandbox = Sandbox(http)
        shop = Shop(
            api_url=fleet.stack.api_url, sandbox=sandbox, publishable_key=publishable, secret_key=secret
        )
        await _stock_up(shop)
        run = Run(
            fleet=fleet,
            crowd=Crowd(shop=shop, seed=plan.seed),
            faults=Faults(sandbox, fleet.stack.database_url, plan.seed),
            auditor=Auditor(shop, fleet.stack.database_url),
            say=say,
        )
        return await run.judged(await run.played(plan))


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What happened. `left` is what was still unsettled when the time for it was over."""

    watch: Watch
    kills: list[Kill]
    left: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run over a running fleet."""

    fleet: Fleet
    crowd: Crowd
    faults: Faults
    auditor: Auditor
    say: LiveLog

    async def played(self, plan: Plan) -> Played:
        """Calm, fires, quiet."""
        calm = time.monotonic()
        await self.faults.silence_carriers()
        async with self._heartbeat(), keepers_in_turns(self.fleet.flags, plan.seed):
            shopping = asyncio.create_task(self.crowd.shop_until_closed(plan.rate))
            await asyncio.sleep(_CALM_SECONDS / 2)
            self.say("taxjar   answers nonsense, and then not at all")
            await self.faults.trouble_taxjar()
            await asyncio.sleep(max(0.0, calm + _CALM_SECONDS - time.monotonic()))
            self.say("fires    from now on; vendors err, webhooks get lost and doubled, connections are cut")
            fire = time.monotonic()
            async with self.faults.raging(plan.seconds):
                planned = fires.planned(plan.seed, plan.seconds)
                kills = await fires.burn(self.fleet, planned, plan.seconds, self.say)
            quiet = time.monotonic()
            self.crowd.closed.set()
            self.say("quiet    no more faults, no new shoppers; what was begun has to end")
            await shopping
        self.say(f"         the last shopper has left, {time.monotonic() - quiet:.1f} s later")
        left = await self.auditor.until_settled(quiet + _SETTLES_WITHIN_SECONDS - time.monotonic())
        settled = "not yet" if left else "settled"
        self.say(f"{settled}  {time.monotonic() - quiet:.1f} s after the fires")
        return Played(watch=Watch(calm=calm, fire=fire, quiet=quiet), kills=kills, left=left)

    async def judged(self, played: Played) -> int:
        """Reads all books, prints what was found, and answers with the exit code."""
        logged = logs.failures(self.fleet.stack.logs)
        books = await self.auditor.books(self.crowd, logs.defects(logged, self.fleet.ended_by_themselves()))
        killed = await recoveries_of(played.kills, self.crowd.purchases, self.auditor)
        failed = vendor_recoveries(self.fleet.stack.logs)
        timed = self.crowd.transcript.timed
        await self.faults.count_the_rest()
        self.faults.count_orders(books)
        told = f"{len(books.orders)} orders, {len(books.payments)} payments, {len(books.letters)} letters"
        self.say(f"read     {told}")
        report.print_stories(self.crowd.purchases)
        report.print_counts("Faults", self.faults.counts)
        report.print_counts("What clients got", self.crowd.transcript.answers)
        report.print_counts("What processes logged", logged)
        report.print_counts("Open cases", Counter(await self.auditor.cases()))
        report.print_recoveries([*killed, *failed])
        print(f"\n{options_told(timed)}")
        self._print_load(played.watch)
        found = violations(books) | {
            f"everything is settled {_SETTLES_WITHIN_SECONDS:.0f} s after the fires": [
                f"{count} {kind} are left" for kind, count in played.left.items()
            ],
            f"everything killed worked again within {LONGEST_SECONDS:.0f} s": too_slow(
                killed, LONGEST_SECONDS
            ),
            f"every vendor answered again within {LONGEST_AWAY_SECONDS:.0f} s": (
                too_slow(failed, LONGEST_AWAY_SECONDS)
            ),
            f"delivery options came within {LONGEST_OPTIONS_SECONDS} s and what the load adds": (
                too_long_for_options(timed)
            ),
            "everything that should go wrong went wrong": self.faults.never_happened(),
            "the shop went on selling under fire": self._too_little_sold(played.watch),
        }
        return report.print_verdict(found)

    @asynccontextmanager
    async def _heartbeat(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            task.cancel()

    async def _beat(self) -> None:
        while True:
            since = time.monotonic()
            await asyncio.sleep(_HEARTBEAT_SECONDS)
            purchases = self.crowd.purchases
            waiting = sum(not purchase.ended_at for purchase in purchases)
            rate = checkouts_per_second(purchases, since, time.monotonic())
            self.say(f"         {rate:5.1f} paid checkouts/s, {waiting} shoppers in the shop")

    def _load(self, watch: Watch) -> tuple[float, float]:
        """Paid checkouts a second, in calm and under fire."""
        calm = checkouts_per_second(self.crowd.purchases, watch.calm, watch.fire)
        return calm, checkouts_per_second(self.crowd.purchases, watch.fire, watch.quiet)

    def _too_little_sold(self, watch: Watch) -> list[str]:
        calm, fire = self._load(watch)
        return [] if fire >= _LEAST_SHARE * calm > 0 else [f"{fire:.1f} checkouts/s, {calm:.1f} in calm"]

    def _print_load(self, watch: Watch) -> None:
        calm, fire = self._load(watch)
        print(f"\nLoad: {calm:.1f} paid checkouts/s in calm, {fire:.1f} under fire")


def _new_keys(fleet: Fleet) -> tuple[str, str]:
    return fleet.stack.new_key(Role.PUBLISHABLE, "chaos"), fleet.stack.new_key(Role.SECRET, "chaos")


async def _stock_up(shop: Shop) -> None:
    async with connection(shop.api_url) as http:
        client = PatientClient(http, shop.secret_key, Transcript(), random.Random(0))
        for sku, quantity in goods.RECEIVED.items():
            pieces = {"pieces": quantity}
            await shop.sandbox.ask("POST", f"/inventory/products/{sku}/receive", pieces)
            for answer in (
                await client.ask("PUT", f"/v1/products/{sku}", goods.product(sku)),
                await client.ask("POST", f"/v1/stock/{sku}/receipts", {"quantity": quantity}),
            ):
                assert answer.is_success, answer


def _interrupted(*_: object) -> NoReturn:
    """SIGTERM ends it as Ctrl-C does: everything that was started is stopped."""
    raise KeyboardInterrupt
