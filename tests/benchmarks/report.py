"""The benchmark's table, and the bars that it is held against."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.benchmarks.integrations import Findings, Latency
    from tests.benchmarks.run import Result
    from tests.benchmarks.webhooks import Delays

MOST_STATEMENTS = 40
MOST_WAL_BYTES = 12_000
LEAST_SHARE = {"stepwise": 0.05, "single call": 0.15}
LOADS_WITH_BARS = (8, 32)
MOST_OWN_SHARE_MS = 5
MOST_DELIVERY_OPTIONS_SECONDS = 3.2


def print_head(processes: int) -> None:
    print(f"API processes: {processes}")
    print(
        f"{'story':<12}{'shoppers':>9}{'checkouts/s':>13}{'ceiling/s':>11}{'share':>8}"
        f"{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'SQL':>7}{'WAL kB':>8}{'CPU ms':>8}{'MiB':>7}"
    )


def print_row(result: "Result") -> None:
    speed = f"{result.per_second:>13.1f}{result.ceiling_per_second:>11.0f}{result.share_of_ceiling:>8.1%}"
    latency = f"{result.p50_ms:>9.1f}{result.p95_ms:>9.1f}{result.p99_ms:>9.1f}"
    cost = f"{result.cost.statements:>7.1f}{result.cost.wal_bytes / 1000:>8.1f}{result.cost.cpu_ms:>8.2f}"
    memory = f"{result.cost.peak_memory_mib:>7.0f}"
    print(f"{result.story:<12}{result.shoppers:>9}{speed}{latency}{cost}{memory}", flush=True)


def print_delays(delays: "Delays") -> None:
    print(
        f"\nwebhook received to order paid: p50 {delays.p50_ms:.0f} ms, p95 {delays.p95_ms:.0f} ms"
        f" ({delays.orders} orders; worker, Valkey and sandbox on the same machine)"
    )


def missed_bars(results: list["Result"]) -> list[str]:
    """What falls short, in words."""
    missed = []
    for result in results:
        if result.shoppers not in LOADS_WITH_BARS:
            continue
        where = f"{result.story} at {result.shoppers} shoppers"
        if result.share_of_ceiling < (least := LEAST_SHARE[result.story]):
            missed.append(f"{where}: {result.share_of_ceiling:.1%} of the ceiling, below {least:.0%}")
        if result.cost.statements > MOST_STATEMENTS:
            missed.append(f"{where}: {result.cost.statements:.1f} SQL statements, above {MOST_STATEMENTS}")
        if result.cost.wal_bytes > MOST_WAL_BYTES:
            missed.append(f"{where}: {result.cost.wal_bytes:.0f} bytes of WAL, above {MOST_WAL_BYTES}")
    return missed


def print_integrations(findings: "Findings") -> None:
    print(f"\n{'our own share of a call':<36}{'calls':>7}{'p50 ms':>9}{'p95 ms':>9}{'CPU ms':>9}")
    for name, share in findings.own_share.items():
        _print_latency(name, share)
    _print_latency("a tax question, from the cache", findings.cached_tax)
    seconds = findings.hanging_seconds
    print(
        f"delivery options while every carrier hangs: {max(seconds):.2f} s"
        f" (the longest of {len(seconds)} shoppers who ask at once)"
    )


def _print_latency(name: str, latency: "Latency") -> None:
    times = f"{latency.p50_ms:>9.2f}{latency.p95_ms:>9.2f}{latency.cpu_ms:>9.2f}"
    print(f"{name:<36}{latency.calls:>7}{times}")


def missed_by_integrations(findings: "Findings") -> list[str]:
    """What falls short, in words."""
    missed = [
        f"{name}: our own share is {share.p95_ms:.1f} ms at p95, not below {MOST_OWN_SHARE_MS} ms"
        for name, share in findings.own_share.items()
        if share.p95_ms >= MOST_OWN_SHARE_MS
    ]
    if (longest := max(findings.hanging_seconds)) > MOST_DELIVERY_OPTIONS_SECONDS:
        most = MOST_DELIVERY_OPTIONS_SECONDS
        missed.append(f"delivery options while every carrier hangs: {longest:.2f} s, above {most} s")
    return missed


def print_verdict(missed: list[str]) -> int:
    print("\nEvery bar is met." if not missed else "\nMissed:\n" + "\n".join(f"  {line}" for line in missed))
    return 1 if missed else 0
