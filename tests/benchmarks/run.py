"""The benchmark: complete checkouts over HTTP at 1, 8 and 32 shoppers, beside the ceiling of the same
PostgreSQL; then what integrations cost.

API, PostgreSQL and the driver share the machine, fsync is on, payments of the checkouts are simulated in
process without delay.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

import uvloop

from tests.benchmarks import ceiling, integrations, measure, report, webhooks
from tests.benchmarks.ceiling import Ceiling
from tests.benchmarks.http_client import Connection
from tests.benchmarks.measure import Cost
from tests.benchmarks.service import BenchedService, bench_service
from tests.benchmarks.shoppers import PRODUCTS, single_call, sku, stepwise

Part = Literal["flow", "integrations"]
Story = Callable[[Connection, int], Awaitable[None]]
STORIES: dict[str, Story] = {"stepwise": stepwise, "single call": single_call}
SHOPPERS = (1, 8, 32)
ROUNDS = 4
CORES = os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Result:
    """One row: so many shoppers at one story. Latencies are of whole checkouts, in milliseconds."""

    story: str
    shoppers: int
    per_second: float
    ceiling_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cost: Cost

    @property
    def share_of_ceiling(self) -> float:
        return self.per_second / self.ceiling_per_second


async def run(service: BenchedService, seconds: float, shoppers: tuple[int, ...] = SHOPPERS) -> list[Result]:
    """All stories at all loads."""
    results = []
    await _stock_up(service)
    await ceiling.prepare(service.database_url)
    await measure.prepare(service.database_url)
    for count in shoppers:
        async with Ceiling(service.database_url, count) as best:
            for name, story in STORIES.items():
                await _drive(service, story, count, seconds=min(1.0, seconds))
                results.append(await _measured(service, name, count, seconds, best))
                report.print_row(results[-1])
    return results


async def _measured(
    service: BenchedService, story: str, shoppers: int, seconds: float, best: Ceiling
) -> Result:
    """In turns with the ceiling, so that both have the same machine, whatever else it does."""
    ceilings, latencies, costs = [], list[float](), []
    await measure.vacuum(service.database_url, 1)  # what is left from rows before this one
    for _ in range(ROUNDS):
        ceilings.append(await best.measure(seconds / ROUNDS / 2))
        before = await measure.read(service.database_url, service.process_ids)
        latencies += (done := await _drive(service, STORIES[story], shoppers, seconds / ROUNDS))
        after = await measure.read(service.database_url, service.process_ids)
        costs.append(measure.cost(before, after, len(done)))
    swept = await measure.vacuum(service.database_url, len(latencies))
    latencies.sort()
    return Result(
        story=story,
        shoppers=shoppers,
        per_second=len(latencies) / seconds,
        ceiling_per_second=fmean(ceilings),
        p50_ms=_percentile(latencies, 50),
        p95_ms=_percentile(latencies, 95),
        p99_ms=_percentile(latencies, 99),
        cost=measure.average(costs).with_vacuum(swept),
    )


async def _drive(service: BenchedService, story: Story, shoppers: int, seconds: float) -> list[float]:
    """Each shopper on a connection of its own, one checkout after another; their milliseconds."""
    ends_at = time.perf_counter() + seconds
    latencies: list[float] = []

    async def shop(shopper: int) -> None:
        connection = Connection(service.host, service.port, service.key)
        await connection.open()
        number = shopper * 31
        while time.perf_counter() < ends_at:
            started = time.perf_counter()
            await story(connection, number)
            latencies.append((time.perf_counter() - started) * 1000)
            number += 1
        await connection.close()

    await asyncio.gather(*(shop(shopper) for shopper in range(shoppers)))
    return latencies


async def _stock_up(service: BenchedService) -> None:
    connection = Connection(service.host, service.port, service.key)
    await connection.open()
    for number in range(PRODUCTS):
        product = {
            "title": f"Product {number}",
            "prices": [{"minor": 1200, "currency": "EUR"}],
            "tax_code": "general",
        }
        await connection.ask("PUT", f"/v1/products/{sku(number)}", product)
        await connection.ask("POST", f"/v1/stock/{sku(number)}/receipts", {"quantity": 10_000_000})
    await connection.close()


def _percentile(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def main(
    seconds: float = 8.0, processes: int | None = None, *, with_worker: bool = False, only: Part | None = None
) -> int:
    """Prints the tables; exits 1 when a bar is missed. `only` None: both parts; `processes` None: one for
    each core.
    """
    missed = []
    if only != "integrations":
        with bench_service(processes or CORES, with_worker=with_worker) as service:
            report.print_head(processes or CORES)
            missed += report.missed_bars(uvloop.run(run(service, seconds)))
        report.print_delays(webhooks.measure())
    if only != "flow":
        findings = integrations.measure()
        report.print_integrations(findings)
        missed += report.missed_by_integrations(findings)
    return report.print_verdict(missed)
