"""The benchmark: complete checkouts over HTTP at 1, 8 and 32 shoppers, beside the ceiling of the same
PostgreSQL.

API, PostgreSQL and the driver share the machine, fsync is on, payments are simulated in process without
delay.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.benchmarks import ceiling, measure, report
from tests.benchmarks.http_client import Connection
from tests.benchmarks.measure import Cost
from tests.benchmarks.service import BenchedService, bench_service
from tests.benchmarks.shoppers import PRODUCTS, single_call, sku, stepwise

Story = Callable[[Connection, int], Awaitable[None]]
STORIES: dict[str, Story] = {"stepwise": stepwise, "single call": single_call}
SHOPPERS = (1, 8, 32)


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


async def run(seconds: float, shoppers: tuple[int, ...] = SHOPPERS) -> list[Result]:
    """All stories at all loads, each next to the ceiling at the same load."""
    results = []
    async with bench_service() as service:
        await _stock_up(service)
        await measure.prepare(service.database_url)
        await ceiling.prepare(service.database_url)
        for step, count in enumerate(shoppers):
            best = await ceiling.measure(
                service.database_url, count, seconds / 2, first_id=step * 1_000_000_000
            )
            for name, story in STORIES.items():
                await _drive(service, story, count, seconds=min(1.0, seconds))
                results.append(await _measured(service, name, story, count, seconds, best))
                report.print_row(results[-1])
    return results


async def _measured(
    service: BenchedService, name: str, story: Story, shoppers: int, seconds: float, best: float
) -> Result:
    before = await measure.read(service.database_url, service.process_ids)
    started = time.perf_counter()
    latencies = sorted(await _drive(service, story, shoppers, seconds))
    elapsed = time.perf_counter() - started
    after = await measure.read(service.database_url, service.process_ids)
    done = len(latencies)
    return Result(
        story=name,
        shoppers=shoppers,
        per_second=done / elapsed,
        ceiling_per_second=best,
        p50_ms=_percentile(latencies, 50),
        p95_ms=_percentile(latencies, 95),
        p99_ms=_percentile(latencies, 99),
        cost=measure.cost(before, after, done),
    )


async def _drive(service: BenchedService, story: Story, shoppers: int, seconds: float) -> list[float]:
    """Each shopper on a connection of its own, one checkout after another; whole checkouts in milliseconds."""
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


def main(seconds: float = 8.0) -> int:
    """Prints the table; exits 1 when a bar is missed."""
    report.print_head()
    return report.print_verdict(asyncio.run(run(seconds)))
