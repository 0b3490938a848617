"""What goes wrong without anybody dying: vendors' answers, Stripe's webhooks, connections to the database."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Container, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import asyncpg

from tests.chaos.books import Books
from tests.chaos.keepers import Keeper
from tests.chaos.outages import (
    CARRIERS_TIME_OUT,
    INVENTORY_FAULTS,
    MUST_HAPPEN,
    count_nonsense,
    name_of,
    trouble_taxjar,
)
from tests.chaos.sandbox import Sandbox

# Vendor, kind, how often, how late. E-mail fails only a few times: each failure is repeated a minute later.
_FAULTS: Final[tuple[Mapping[str, object], ...]] = (
    {"vendor": "stripe", "kind": "500", "probability": 0.02, "times": None},
    {"vendor": "stripe", "kind": "500_after", "probability": 0.02, "times": None},
    {"vendor": "stripe", "kind": "lost", "probability": 0.03, "times": None},
    {"vendor": "stripe", "kind": "refuse", "probability": 0.02, "times": None},
    {"vendor": "stripe", "kind": "429", "probability": 0.02, "times": None},
    {"vendor": "stripe", "kind": "invalid", "probability": 0.02, "times": None},
    {"vendor": "stripe", "kind": "delay", "probability": 0.08, "times": None, "delay_ms": 500},
    {"vendor": "sendgrid", "kind": "lost", "probability": 0.2, "times": 2},
    {"vendor": "sendgrid", "kind": "500", "probability": 0.2, "times": 2},
    *INVENTORY_FAULTS,
)
_SPELLS: Final[tuple[dict[str, object], ...]] = (
    {"copies": 2, "shuffle_ms": 1_200},
    {"drop": True},
    {"copies": 3, "shuffle_ms": 2_500, "delay_ms": 200},
    {"hold": True},
)
_ESTIMATED: Final = "orders with an estimated tax"
_KEPT: Final = {
    Keeper.OWN: "orders with goods in our own stock",
    Keeper.SERVICE: "orders with goods at the inventory service",
}
_MUST_HAPPEN: Final = (
    *(name_of(fault) for fault in (*_FAULTS, *CARRIERS_TIME_OUT)),
    *MUST_HAPPEN,
    "database connections cut, mid-transaction",
    *(_ESTIMATED, *_KEPT.values()),
    "webhooks in reverse order",
    "webhooks lost on the way",
    "webhooks repeated after a failure",
    "webhooks sent more than once",
)
_CUT_EVERY_SECONDS: Final = 1.2
_AMBUSH_TRIES, _AMBUSH_SECONDS = 40, 0.01
# The internal one is what asyncpg makes of a server that dies between two messages.
_SERVER_DOWN: Final = (
    *(OSError, TimeoutError),
    *(asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError),
)
_CUT: Final = """
SELECT pg_terminate_backend(pid), xact_start IS NOT NULL AS mid_transaction FROM (
    SELECT pid, xact_start FROM pg_stat_activity
    WHERE application_name = 'fastcart' AND (xact_start IS NOT NULL OR $1)
    ORDER BY random() LIMIT 2
) AS victims
"""


class Faults:
    """Switched on for the time of the fires; TaxJar's just before, and the carriers are silent for all of the
    run. `counts` tells afterwards what fired how often.
    """

    def __init__(self, sandbox: Sandbox, database_url: str, seed: int) -> None:
        self._sandbox = sandbox
        self._database_url = database_url
        self._seed = seed
        self.counts: Counter[str] = Counter()

    async def silence_carriers(self) -> None:
        """All of them time out from now on: the shop lives on its own flat rates."""
        for fault in CARRIERS_TIME_OUT:
            await self._sandbox.ask("POST", "/faults", fault)

    async def trouble_taxjar(self) -> None:
        """Invalid answers, then away for half a minute; before the fires, so that somebody asks."""
        await trouble_taxjar(self._sandbox)

    @asynccontextmanager
    async def raging(self, duration_seconds: float) -> AsyncIterator[None]:
        """All kinds at once, until the block is left."""
        before = await self._added()
        for number, fault in enumerate(_FAULTS):
            await self._sandbox.ask("POST", "/faults", {**fault, "seed": self._seed + number})
        tasks = [
            asyncio.create_task(self._mistreat_webhooks(duration_seconds)),
            asyncio.create_task(self._cut_connections()),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            await self._calm_down(before)
        for result in results:
            if isinstance(result, Exception):
                raise result

    def never_happened(self) -> list[str]:
        """What was meant to go wrong and didn't: then the run has proved less than it says."""
        return [f"{name}: not once" for name in _MUST_HAPPEN if not self.counts[name]]

    async def count_the_rest(self) -> None:
        """TaxJar's and the carriers' faults, and what became of webhooks, after all shoppers have left."""
        self.counts += await count_nonsense(self._sandbox)
        self.counts.update({name_of(fault): fault["fired"] for fault in (await self._added()).values()})
        deliveries: list[dict[str, Any]] = await self._sandbox.ask("GET", "/webhooks")
        events = Counter(delivery["event_id"] for delivery in deliveries)
        self.counts["webhooks sent more than once"] = sum(count > 1 for count in events.values())
        self.counts["webhooks lost on the way"] = sum(item["state"] == "dropped" for item in deliveries)
        self.counts["webhooks repeated after a failure"] = sum(item["attempts"] > 1 for item in deliveries)
        self.counts["webhooks that Stripe gave up"] = sum(item["state"] == "given_up" for item in deliveries)

    def count_orders(self, books: Books) -> None:
        """How many the vendors' failures have reached."""
        self.counts[_ESTIMATED] = sum(order.tax_is_estimated for order in books.orders)
        for keeper, name in _KEPT.items():
            self.counts[name] = sum(order.keeper is keeper for order in books.orders)

    async def _mistreat_webhooks(self, duration_seconds: float) -> None:
        """One spell after the other; what was held back comes in reverse order."""
        spell_seconds = duration_seconds / (4 * len(_SPELLS))
        while True:
            for spell in _SPELLS:
                await self._sandbox.ask("PUT", "/webhooks/mischief", spell)
                await asyncio.sleep(spell_seconds)
                await self._release()

    async def _cut_connections(self) -> None:
        dice = random.Random(f"{self._seed}/cuts")
        while True:
            # The server may be down just now: then there is nothing to cut.
            with suppress(*_SERVER_DOWN):
                await self._cut_some()
            await asyncio.sleep(_CUT_EVERY_SECONDS * dice.uniform(0.5, 1.5))

    async def _cut_some(self) -> None:
        """Lies in wait for backends in the middle of a transaction; if none comes by, takes any."""
        connection = await asyncpg.connect(self._database_url, timeout=1, command_timeout=1)
        try:
            for left in reversed(range(_AMBUSH_TRIES)):
                victims = await connection.fetch(_CUT, left == 0)
                for victim in victims:
                    where = "mid-transaction" if victim["mid_transaction"] else "idle"
                    self.counts[f"database connections cut, {where}"] += 1
                if victims:
                    return
                await asyncio.sleep(_AMBUSH_SECONDS)
        finally:
            connection.terminate()

    async def _calm_down(self, staying: Container[str]) -> None:
        """Takes away all faults but those that were there before."""
        for fault_id, fault in (await self._added()).items():
            if fault_id not in staying:
                self.counts[name_of(fault)] += fault["fired"]
                await self._sandbox.ask("DELETE", f"/faults/{fault_id}")
        await self._release()

    async def _added(self) -> dict[str, dict[str, Any]]:
        """The faults that are switched on now or were used up, by id."""
        faults: list[dict[str, Any]] = await self._sandbox.ask("GET", "/faults")
        return {fault["id"]: fault for fault in faults}

    async def _release(self) -> None:
        """Ends the spell; what it held back is sent, the newest first."""
        released = await self._sandbox.ask("POST", "/webhooks/release", {"reverse": True})
        self.counts["webhooks in reverse order"] += released["messages"]
