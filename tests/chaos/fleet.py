"""The stack as in production: two API processes on one port, two workers, PostgreSQL, Valkey, the sandbox.

Each member can be killed with SIGKILL and started again where it was.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import psutil

from adapters.postgres.migrate import upgrade
from entrypoints.embedded.postgres import embedded_postgres
from entrypoints.embedded.server import HOST, free_port
from entrypoints.embedded.valkey import embedded_valkey
from entrypoints.processes import FastCartProcess
from entrypoints.stack import Stack, inventory_environment, stack_environment
from tests.chaos.keepers import Keeper, turn_to

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
# Everything outside is asked: the carriers, TaxJar (as the stack has it), and the inventory service, while
# its flag is on.
_VENDORS: Final = {
    "FASTCART_DELIVERY": "carriers",
    "FASTCART_SHIPS_FROM_COUNTRY": "US",
    "FASTCART_SHIPS_FROM_REGION": "NY",
    "FASTCART_SHIPS_FROM_POSTCODE": "10001",
    "FASTCART_SHIPS_FROM_CITY": "New York",
    "FASTCART_SHIPS_FROM_STREET": "1 Example Plaza",
    "FASTCART_STOCK": "service",
}


class ServersGiven(Exception):
    """DATABASE_URL or REDIS_URL is set: chaos kills its servers, and somebody else's are not for killing."""


class Killable(Protocol):
    """What `Fleet` needs of a server or a process."""

    def kill(self) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Members by name. `stack` says where they are found; `flags` is the file in which flags are turned."""

    stack: Stack
    flags: Path
    servers: Mapping[str, Killable]
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
        child = self.stack.processes[name].child
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
        for name, process in self.stack.processes.items():
            code = process.child.poll() if process.child is not None else None
            if code is not None and name not in self._gone:
                ended[name] = code
        return ended

    def _member(self, name: str) -> Killable:
        return self.servers[name] if name in self.servers else self.stack.processes[name]


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
        told |= inventory_environment(free_port(), logs / "certificates")
        flags = logs / "flags.toml"
        turn_to(Keeper.SERVICE, flags)
        told |= {"FASTCART_FLAGS_FILE": str(flags), "SANDBOX_SEED": str(seed)}
        environment = {**os.environ, **told, **_VENDORS, **_RULES}
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
            processes=processes,
        )
        processes["sandbox"].wait_until_ready(f"{where.sandbox_url}/health/live")
        processes[APIS[0]].wait_until_ready(f"{where.api_url}/health/ready")
        yield Fleet(stack=where, flags=flags, servers={POSTGRES: postgres, VALKEY: valkey})


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
