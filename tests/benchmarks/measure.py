"""What a run costs:

WAL, SQL statements, CPU seconds and memory, read from PostgreSQL and the operating system.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import asyncpg
import psutil

# Transaction control doesn't count: track_utility is off. Neither does what the ceiling does meanwhile.
_WAL = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"
_TABLES = r"""SELECT string_agg(oid::regclass::text, ', ') FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'ceiling\_%'"""
_STATEMENTS = """SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements
    WHERE query NOT LIKE '%pg_stat_statements%' AND query NOT LIKE '%ceiling\\_%'"""


@dataclass(frozen=True, slots=True)
class Reading:
    wal_bytes: int
    statements: int
    cpu_seconds: float
    peak_memory_mib: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What one checkout cost on average, and the most memory that the service's processes held together."""

    wal_bytes: float
    statements: float
    cpu_ms: float
    peak_memory_mib: float

    def with_vacuum(self, wal_bytes: float) -> "Cost":
        return replace(self, wal_bytes=self.wal_bytes + wal_bytes)


async def prepare(url: str) -> None:
    """Statements are counted, and the planner has the statistics that autovacuum would keep."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements; ANALYZE")
    finally:
        await connection.close()


async def vacuum(url: str, checkouts: int) -> float:
    """Does at once what autovacuum would do some time later, in another row of the table; how many bytes of
    WAL it wrote for each of so many checkouts.
    """
    connection = await asyncpg.connect(url)
    try:
        before = await connection.fetchval(_WAL)
        await connection.execute(f"VACUUM {await connection.fetchval(_TABLES)}")
        written: int = await connection.fetchval(_WAL) - before
    finally:
        await connection.close()
    return written / checkouts


async def read(url: str, process_ids: list[int]) -> Reading:
    """`process_ids` are those whose CPU time counts: PostgreSQL, the API and what they started."""
    connection = await asyncpg.connect(url)
    try:
        lsn = await connection.fetchval(_WAL)
        statements = await connection.fetchval(_STATEMENTS)
    finally:
        await connection.close()
    cpu, memory = 0.0, 0
    for process in _family(process_ids):
        try:
            times = process.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            memory += process.memory_full_info().pss  # shared memory is counted once
        except psutil.NoSuchProcess:
            continue
    return Reading(lsn, statements, cpu, memory / 2**20)


def cost(before: Reading, after: Reading, checkouts: int) -> Cost:
    return Cost(
        wal_bytes=(after.wal_bytes - before.wal_bytes) / checkouts,
        statements=(after.statements - before.statements) / checkouts,
        cpu_ms=(after.cpu_seconds - before.cpu_seconds) * 1000 / checkouts,
        peak_memory_mib=after.peak_memory_mib,
    )


def average(costs: Sequence[Cost]) -> Cost:
    """Over rounds of the same length; memory is the peak of them."""
    return Cost(
        wal_bytes=fmean(cost.wal_bytes for cost in costs),
        statements=fmean(cost.statements for cost in costs),
        cpu_ms=fmean(cost.cpu_ms for cost in costs),
        peak_memory_mib=max(cost.peak_memory_mib for cost in costs),
    )


def _family(process_ids: list[int]) -> list[psutil.Process]:
    family: dict[int, psutil.Process] = {}
    for process_id in process_ids:
        process = psutil.Process(process_id)
        for member in (process, *process.children(recursive=True)):
            family[member.pid] = member
    return list(family.values())
