"""What goes wrong without anybody dying: Stripe's answers, its webhooks, and connections to the database."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import asyncpg

from tests.chaos.sandbox import Sandbox

# Vendor, kind, how often, how late. E-mail fails only a few times: each failure is repeated a minute later.
_FAULTS: Final[tuple[dict[str, object], ...]] = (
    {"vendor": "stripe", "kind": "500", "probability": 0.02, "times": None},
    {"vendor": "stripe", "kind": "500_after", "probability": 0.02, "times": None},
    {"vendor": "stripe", "kind": "lost", "probability": 0.03, "times": None},
    {"vendor": "stripe", "kind": "refuse", "probability": 0.02, "times": None},
    {"vendor": "stripe", "kind": "429", "probability": 0.02, "times": None},
    {"vendor": "stripe", "kind": "invalid", "probability": 0.02, "times": None},
    {"vendor": "stripe", "kind": "delay", "probability": 0.08, "times": None, "delay_ms": 500},
    {"vendor": "sendgrid", "kind": "lost", "probability": 0.2, "times": 2},
    {"vendor": "sendgrid", "kind": "500", "probability": 0.2, "times": 2},
)
_SPELLS: Final[tuple[dict[str, object], ...]] = (
    {"copies": 2, "shuffle_ms": 1_200},
    {"drop": True},
    {"copies": 3, "shuffle_ms": 2_500, "delay_ms": 200},
    {"hold": True},
)
_MUST_HAPPEN: Final = (
    *(f"{fault['vendor']}: {fault['kind']}" for fault in _FAULTS),
    "database connections cut, mid-transaction",
    "webhooks in reverse order",
    "webhooks lost on the way",
    "webhooks repeated after a failure",
    "webhooks sent more than once",
)
_CUT_EVERY_SECONDS: Final = 1.2
_AMBUSH_TRIES, _AMBUSH_SECONDS = 40, 0.01
_CUT: Final = """
SELECT pg_terminate_backend(pid), xact_start IS NOT NULL AS mid_transaction FROM (
    SELECT pid, xact_start FROM pg_stat_activity
    WHERE application_name = 'fastcart' AND (xact_start IS NOT NULL OR $1)
    ORDER BY random() LIMIT 2
) AS victims
"""


class Faults:
    """Switched on for the time of the fires; `counts` tells afterwards what fired how often."""

    def __init__(self, sandbox: Sandbox, database_url: str, seed: int) -> None:
        self._sandbox = sandbox
        self._database_url = database_url
        self._seed = seed
        self.counts: Counter[str] = Counter()

    @asynccontextmanager
    async def raging(self, duration_seconds: float) -> AsyncIterator[None]:
        """All kinds at once, until the block is left."""
        for number, fault in enumerate(_FAULTS):
            body = fault | {"seed": self._seed + number}
            await self._sandbox.ask("POST", "/faults", body)
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
            await self._calm_down()
        for result in results:
            if isinstance(result, Exception):
                raise result

    def never_happened(self) -> list[str]:
        """What was meant to go wrong and didn't: then the run has proved less than it says."""
        return [f"{name}: not once" for name in _MUST_HAPPEN if not self.counts[name]]

    async def count_webhooks(self) -> None:
        """What became of the deliveries, after all of them have ended."""
        deliveries: list[dict[str, Any]] = await self._sandbox.ask("GET", "/webhooks")
        events = Counter(delivery["event_id"] for delivery in deliveries)
        self.counts["webhooks sent more than once"] = sum(count > 1 for count in events.values())
        self.counts["webhooks lost on the way"] = sum(item["state"] == "dropped" for item in deliveries)
        self.counts["webhooks repeated after a failure"] = sum(item["attempts"] > 1 for item in deliveries)
        self.counts["webhooks that Stripe gave up"] = sum(item["state"] == "given_up" for item in deliveries)

    async def _mistreat_webhooks(self, duration_seconds: float) -> None:
        """One spell after the other; what was held back comes in reverse order."""
        spell_seconds = duration_seconds / (2 * len(_SPELLS))
        while True:
            for spell in _SPELLS:
                await self._sandbox.ask("PUT", "/webhooks/mischief", spell)
                await asyncio.sleep(spell_seconds)
                await self._release()

    async def _cut_connections(self) -> None:
        dice = random.Random(f"{self._seed}/cuts")
        while True:
            # The server may be down just now: then there is nothing to cut.
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
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

    async def _calm_down(self) -> None:
        for fault in await self._sandbox.ask("GET", "/faults"):
            self.counts[f"{fault['vendor']}: {fault['kind']}"] += fault["fired"]
        await self._sandbox.ask("DELETE", "/faults")
        await self._release()

    async def _release(self) -> None:
        """Ends the spell; what it held back is sent, the newest first."""
        released = await self._sandbox.ask("POST", "/webhooks/release", {"reverse": True})
        self.counts["webhooks in reverse order"] += released["messages"]
