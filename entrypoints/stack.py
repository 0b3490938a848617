"""The whole of FastCart on one machine:

PostgreSQL, Valkey, vendor sandbox, API and worker on free loopback ports.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from adapters.postgres.migrate import upgrade
from entrypoints.container import Container
from entrypoints.embedded.postgres import embedded_postgres
from entrypoints.embedded.server import HOST, free_port
from entrypoints.embedded.valkey import embedded_valkey
from entrypoints.resources import open_resources
from entrypoints.settings import settings_from
from ports.api_keys import Role

_READY_WITHIN_SECONDS: Final = 30
_STOPS_WITHIN_SECONDS: Final = 30


class StackNotReady(Exception):
    """A process of the stack did not come up; the message says which, and what it last said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Where everything is.

    `environment` is what its processes run with; `logs` is the folder of their output.
    """

    api_url: str
    sandbox_url: str
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    logs: Path
    process_ids: tuple[int, ...]

    def new_key(self, role: Role, name: str) -> str:
        """A new API key of this stack."""
        return new_key(self.environment, role, name)


def new_key(environment: Mapping[str, str], role: Role, name: str) -> str:
    """A new API key of the installation that runs with this environment."""

    async def make() -> str:
        settings = settings_from(environment)
        async with open_resources(settings) as resources:
            return (
                await Container(settings=settings, resources=resources).create_api_key()(role, name)
            ).secret

    return asyncio.run(make())


@contextmanager
def running_stack(
    *,
    data: Path | None,
    logs: Path,
    overrides: Mapping[str, str] | None = None,
    api_port: int = 0,
    sandbox_port: int = 0,
) -> Iterator[Stack]:
    """Starts everything, waits until it answers, and leaves nothing running.

    `data` None: forgotten afterwards.

    `overrides` are environment variables of the API and the worker. Raises StackNotReady.
    """
    with ExitStack() as stack:
        database = stack.enter_context(embedded_postgres(data / "postgres" if data else None))
        valkey = stack.enter_context(embedded_valkey(data / "valkey" if data else None))
        upgrade(database.url)
        processes = running_processes(
            database_url=database.url,
            redis_url=valkey.url,
            logs=logs,
            overrides=overrides,
            api_port=api_port,
            sandbox_port=sandbox_port,
        )
        yield stack.enter_context(processes)


@contextmanager
def running_processes(
    *,
    database_url: str,
    redis_url: str,
    logs: Path,
    overrides: Mapping[str, str] | None = None,
    api_port: int = 0,
    sandbox_port: int = 0,
) -> Iterator[Stack]:
    """API, worker and sandbox on servers that run already, the database migrated. Raises StackNotReady."""
    logs.mkdir(parents=True, exist_ok=True)
    api_port, sandbox_port = api_port or free_port(), sandbox_port or free_port()
    environment = {
        **os.environ,
        **stack_environment(database_url, redis_url, api_port, sandbox_port),
        **(overrides or {}),
    }
    with ExitStack() as stack:
        sandbox = stack.enter_context(_process("sandbox", ["--port", str(sandbox_port)], environment, logs))
        wait_until_ready(f"http://{HOST}:{sandbox_port}/health/live", sandbox, logs / "sandbox.log")
        api = stack.enter_context(_process("api", ["--port", str(api_port)], environment, logs))
        worker = stack.enter_context(_process("worker", [], environment, logs))
        wait_until_ready(f"http://{HOST}:{api_port}/health/ready", api, logs / "api.log")
        yield Stack(
            api_url=f"http://{HOST}:{api_port}",
            sandbox_url=f"http://{HOST}:{sandbox_port}",
            database_url=database_url,
            redis_url=redis_url,
            environment=environment,
            logs=logs,
            process_ids=(api.pid, worker.pid, sandbox.pid),
        )


def stack_environment(database_url: str, redis_url: str, api_port: int, sandbox_port: int) -> dict[str, str]:
    """What the API, the worker and the sandbox are told, so that they find each other."""
    sandbox = f"http://{HOST}:{sandbox_port}"
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "STRIPE_SECRET_KEY": "sk_test_sandbox",
        "STRIPE_WEBHOOK_SECRET": "whsec_sandbox",
        "STRIPE_BASE_URL": f"{sandbox}/stripe",
        "FASTCART_EMAIL": "sendgrid",
        "SENDGRID_API_KEY": "SG.sandbox",
        "SENDGRID_BASE_URL": f"{sandbox}/sendgrid",
        "FASTCART_MAIL_FROM": "orders@shop.example",
        "SANDBOX_STRIPE_WEBHOOK_URL": f"http://{HOST}:{api_port}/v1/webhooks/stripe",
        "SANDBOX_STRIPE_WEBHOOK_SECRET": "whsec_sandbox",
        "FASTCART_SWEEP_INTERVAL_MS": "250",
        "FASTCART_PUBLIC_URL": f"http://{HOST}:{api_port}",
    }


@contextmanager
def _process(
    command: str, arguments: list[str], environment: Mapping[str, str], logs: Path
) -> Iterator[subprocess.Popen[bytes]]:
    process = start_process(command, arguments, environment, logs / f"{command}.log")
    try:
        yield process
    finally:
        stop_process(process)


def start_process(
    command: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """One `fastcart` process, in a session of its own so that Ctrl-C reaches the parent first."""
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, "-m", "entrypoints.cli.app", command, *arguments],
            env=dict(environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def stop_process(process: subprocess.Popen[bytes]) -> None:
    """Politely first. One that has ended already is just as well."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOPS_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the URL answers 200. Raises StackNotReady with the last lines of the process's log."""
    give_up_at = time.monotonic() + _READY_WITHIN_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        try:
            if httpx.get(url, timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    last_words = log.read_text(errors="replace")[-2_000:]
    raise StackNotReady(f"{url} did not answer; its log ends:\n{last_words}")
