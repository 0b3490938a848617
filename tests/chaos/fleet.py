"""The stack as in production: two API processes on one port, two workers, PostgreSQL, Valkey, the sandbox.

Each member can be killed with SIGKILL and started again where it was.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import psutil

from adapters.postgres.migrate import upgrade
from entrypoints.embedded.postgres import embedded_postgres
from entrypoints.embedded.server import HOST, free_port
from entrypoints.embedded.valkey import embedded_valkey
from entrypoints.stack import (
    Stack,
    stack_environment,
    start_process,
    stop_process,
    wait_until_ready,
)

POSTGRES: Final = "postgres"
VALKEY: Final = "valkey"
APIS: Final = ("api-1", "api-2")
WORKERS: Final = ("worker-1", "worker-2")

# Long enough to pay in under fire, short enough that those who walk away are gone before the run ends.
_RULES: Final = {
    "FASTCART_PAYMENT_WINDOW_SECONDS": "25",
    "FASTCART_PAYMENT_TRY_SECONDS": "15",
    "FASTCART_HOLD_MARGIN_SECONDS": "5",
}


class ServersGiven(Exception):
    """DATABASE_URL or REDIS_URL is set: chaos kills its servers, and somebody else's are not for killing."""


class Killable(Protocol):
    """What `Fleet` needs of a server or a process."""

    def kill(self) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


class FastCartProcess:
    """An API, worker or sandbox process; `start` returns at once."""

    def __init__(
        self, command: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self._command = command
        self._arguments = arguments
        self._environment = environment
        self.log = log
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.child = start_process(self._command, self._arguments, self._environment, self.log)

    def kill(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self.child = None

    def stop(self) -> None:
        if self.child is not None:
            stop_process(self.child)
            self.child = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Members by name. `stack` says where they are found."""

    stack: Stack
    servers: Mapping[str, Killable]
    processes: Mapping[str, FastCartProcess]
    _gone: set[str] = field(default_factory=set)

    def kill(self, name: str) -> None:
        """SIGKILL: no shutdown, no last write."""
        self._gone.add(name)
        self._member(name).kill()

    def revive(self, name: str) -> None:
        """As its supervisor would: a process at once, a server when it answers again."""
        self._member(name).start()
        self._gone.discard(name)

    def serves(self, name: str) -> bool:
        """Whether an API process that was started listens by now."""
        child = self.processes[name].child
        if child is None:
            return False
        try:
            sockets = psutil.Process(child.pid).net_connections(kind="tcp")
        except psutil.Error:
            return False
        return any(socket.status == psutil.CONN_LISTEN for socket in sockets)

    def ended_by_themselves(self) -> dict[str, int]:
        """Processes that nobody killed and that are gone all the same, with their exit codes."""
        ended = {}
        for name, process in self.processes.items():
            code = process.child.poll() if process.child is not None else None
            if code is not None and name not in self._gone:
                ended[name] = code
        return ended

    def _member(self, name: str) -> Killable:
        return self.servers[name] if name in self.servers else self.processes[name]


@contextmanager
def running_fleet(logs: Path, seed: int) -> Iterator[Fleet]:
    """Everything up and migrated; nothing left of it afterwards. Raises ServersGiven, StackNotReady."""
    if "DATABASE_URL" in os.environ or "REDIS_URL" in os.environ:
        raise ServersGiven("chaos starts and kills servers of its own: unset DATABASE_URL and REDIS_URL")
    with ExitStack() as stack:
        postgres = stack.enter_context(embedded_postgres(None))
        valkey = stack.enter_context(embedded_valkey(None))
        upgrade(postgres.url)
        api_port, sandbox_port = free_port(), free_port()
        told = stack_environment(postgres.url, valkey.url, api_port, sandbox_port)
        environment = {**os.environ, **told, **_RULES, "SANDBOX_SEED": str(seed)}
        processes = _processes(environment, logs, api_port, sandbox_port)
        for process in processes.values():
            stack.callback(process.stop)
            process.start()
        where = Stack(
            api_url=f"http://{HOST}:{api_port}",
            sandbox_url=f"http://{HOST}:{sandbox_port}",
            database_url=postgres.url,
            redis_url=valkey.url,
            environment=environment,
            logs=logs,
            process_ids=tuple(process.child.pid for process in processes.values() if process.child),
        )
        _wait(processes["sandbox"], f"{where.sandbox_url}/health/live")
        _wait(processes[APIS[0]], f"{where.api_url}/health/ready")
        yield Fleet(stack=where, servers={POSTGRES: postgres, VALKEY: valkey}, processes=processes)


def _processes(
    environment: Mapping[str, str], logs: Path, api_port: int, sandbox_port: int
) -> dict[str, FastCartProcess]:
    def process(name: str, command: str, *arguments: str) -> FastCartProcess:
        return FastCartProcess(command, arguments, environment, logs / f"{name}.log")

    return {
        "sandbox": process("sandbox", "sandbox", "--port", str(sandbox_port)),
        **{name: process(name, "api", "--port", str(api_port)) for name in APIS},
        **{name: process(name, "worker") for name in WORKERS},
    }


def _wait(process: FastCartProcess, url: str) -> None:
    assert process.child is not None
    wait_until_ready(url, process.child, process.log)
