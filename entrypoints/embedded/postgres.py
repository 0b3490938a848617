"""A real PostgreSQL for development and tests: DATABASE_URL's, else the wheel's, else the system's."""

import json
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from entrypoints.embedded.binaries import postgres_programs
from entrypoints.embedded.folders import kept_folder, scratch_folder
from entrypoints.embedded.processes import give, service_user, spawn
from entrypoints.embedded.server import (
    HOST,
    GivenServer,
    OwnServer,
    Recipe,
    Server,
    ServerFailed,
    free_port,
)

_NAME: Final = "fastcart"
"""The superuser and the database."""

_BUILTIN_LOCALE_SINCE: Final = 17
_STATUS_LINE: Final = 7
"""Where postmaster.pid says `ready`: what pg_ctl waits for. TCP connects before recovery is over."""

_SETTINGS: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    "wal_compression": "on",  # pglz: the wheel is built without lz4
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
_DURABLE: Final = {"fsync": "on", "full_page_writes": "on"}
_FORGETFUL: Final = {"fsync": "off", "full_page_writes": "off"}
"""Loses data with the machine's power, not with the server's: a killed server still recovers every commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cluster:
    """What must be known to start the same data again."""

    port: int
    password: str


@contextmanager
def embedded_postgres(
    data_dir: Path | None, *, durable: bool = True, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server with a database `fastcart`, empty at first; stopped at the end. `data_dir` None: forgotten.

    `durable` False spares the disk, for tests; `settings` are further ones of postgresql.conf. Raises
    ServerNotFound, ServerFailed.
    """
    if given := os.environ.get("DATABASE_URL"):
        yield GivenServer(url=given)
        return
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder())
        programs = postgres_programs(scratch)
        home = stack.enter_context(kept_folder(data_dir)) if data_dir else scratch
        cluster = _known_cluster(home) or _new_cluster(home, programs)
        chosen = _SETTINGS | (_DURABLE if durable else _FORGETFUL) | dict(settings or {})
        server = OwnServer(_recipe(home, programs, cluster, chosen), cluster.port)
        _remember(home, _Cluster(port=server.port, password=cluster.password))
        stack.callback(server.stop)
        server.start()
        yield server


def _recipe(home: Path, programs: Path, cluster: _Cluster, settings: Mapping[str, str]) -> Recipe:
    options = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
    return Recipe(
        command=lambda port: (programs / "postgres", "-D", home / "data", "-p", str(port), *options),
        is_ready=lambda pid, _port: _says_ready(home / "data" / "postmaster.pid", pid),
        url=lambda port: f"postgresql://{_NAME}:{cluster.password}@{HOST}:{port}/{_NAME}",
        folder=home,
        log=home / "postgres.log",
        stop_signals=(signal.SIGINT, signal.SIGQUIT),  # fast shutdown, then immediate
    )


def _says_ready(pid_file: Path, pid: int) -> bool:
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > _STATUS_LINE and lines[0] == str(pid) and lines[_STATUS_LINE].strip() == "ready"


def _known_cluster(home: Path) -> _Cluster | None:
    try:
        return _Cluster(**json.loads((home / "server.json").read_text()))
    except FileNotFoundError:
        return None


def _remember(home: Path, cluster: _Cluster) -> None:
    draft = home / "server.json.new"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(cluster)))
    draft.replace(home / "server.json")


def _new_cluster(home: Path, programs: Path) -> _Cluster:
    """`initdb`, then the database. An attempt that broke off left no server.json: its data is thrown away."""
    data, password_file = home / "data", home / "new-password"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    cluster = _Cluster(port=free_port(), password=secrets.token_urlsafe(18))
    password_file.touch(mode=0o600)
    password_file.write_text(cluster.password)
    for path in (data, password_file):
        give(path, service_user())
    login = ("-U", _NAME, "-A", "scram-sha-256", f"--pwfile={password_file}")
    _run(home, (programs / "initdb", "-D", data, "-E", "UTF8", *login, *_locale(programs), "--no-sync"))
    password_file.unlink()
    # Single-user mode: no client library is needed, and nobody can connect in between.
    create = f"CREATE DATABASE {_NAME}\n".encode()
    _run(home, (programs / "postgres", "--single", "-D", data, "postgres"), create)
    return cluster


def _locale(programs: Path) -> tuple[str, ...]:
    """PostgreSQL's own C.UTF-8 where it has one, so that no index depends on a system library's version."""
    version = subprocess.run(  # noqa: S603 - our own command line
        [programs / "postgres", "--version"], check=True, capture_output=True, text=True
    ).stdout
    major = int(version.split()[2].partition(".")[0])
    if major >= _BUILTIN_LOCALE_SINCE:
        return ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    return ("--locale=C.UTF-8",)


def _run(home: Path, command: Sequence[str | Path], stdin: bytes = b"") -> None:
    log = home / "initdb.log"
    with log.open("ab") as output:
        child = spawn(command, folder=home, output=output, on_our_death=signal.SIGTERM, stdin=stdin)
    try:
        exit_code = child.wait()
    except BaseException:  # Ctrl-C: the child has a session of its own, so the terminal doesn't tell it
        child.kill()
        child.wait()
        raise
    if exit_code:
        raise ServerFailed(f"{command[0]} failed ({exit_code}):\n{log.read_text(errors='replace')[-2_000:]}")
