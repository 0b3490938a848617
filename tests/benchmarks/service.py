"""The service that is measured: a real PostgreSQL with fsync on, and API processes that share one port.

Payments are simulated in process without delay, so that no vendor's time is measured.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from adapters.postgres.migrate import upgrade
from entrypoints.embedded.postgres import embedded_postgres
from entrypoints.embedded.server import HOST, Server, ServerNotOurs, free_port
from entrypoints.stack import new_key
from ports.api_keys import Role

# Vacuum is done and counted by `measure.vacuum`.
_COUNTED: Final = {
    "autovacuum": "off",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track_utility": "off",
}
_READY_WITHIN_SECONDS: Final = 30
_STOPS_WITHIN_SECONDS: Final = 10


class ServiceNotReady(Exception):
    """The API did not come up; the message ends with what it said last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchedService:
    """Where it listens, a secret key, and the processes whose CPU time and memory count."""

    host: str
    port: int
    key: str = field(repr=False)
    database_url: str = field(repr=False)
    process_ids: list[int]


@contextmanager
def bench_service(processes: int, *, with_worker: bool) -> Iterator[BenchedService]:
    """Starts it with so many API processes, and leaves nothing running. Raises ServiceNotReady.

    `with_worker`: a worker beside them sends confirmations and sweeps what is due.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fastcart-bench-")))
        database = stack.enter_context(embedded_postgres(None, settings=_COUNTED))
        upgrade(database.url)
        environment = {
            **os.environ,
            "DATABASE_URL": database.url,
            "FASTCART_PAYMENTS": "simulated",
            "FASTCART_WORKER": "separate",
        }
        port = free_port()
        log = folder / "api.log"
        api = ("api", "--port", str(port))
        commands = [api] * processes + [("worker",)] * with_worker
        started = [stack.enter_context(_process(command, environment, log)) for command in commands]
        _wait_for(port, log)
        yield BenchedService(
            host=HOST,
            port=port,
            key=new_key(environment, Role.SECRET, "benchmark"),
            database_url=database.url,
            process_ids=[*_pid_of(database), *(process.pid for process in started)],
        )


def _pid_of(database: Server) -> list[int]:
    try:
        return [database.pid]
    except ServerNotOurs:
        return []


@contextmanager
def _process(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "entrypoints.cli.app", *command],
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, log: Path) -> None:
    give_up_at = time.monotonic() + _READY_WITHIN_SECONDS
    while time.monotonic() < give_up_at:
        try:
            if httpx.get(f"http://{HOST}:{port}/health/ready", timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise ServiceNotReady(log.read_text(errors="replace")[-2_000:])
