"""One embedded server: on a free loopback port, ready when it says so, killed and restarted at will."""

import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from entrypoints.embedded.processes import end, spawn

HOST: Final = "127.0.0.1"
_PORTS: Final = range(15_000, 32_000)
"""Below those that the kernel lends to outgoing connections: one could take a restarting server's port."""

_READY_WITHIN_SECONDS: Final = 60
_STOPS_WITHIN_SECONDS: Final = 20
_POLL_SECONDS: Final = 0.01

_PASSING_TROUBLE: Final = ("Address already in use", "pre-existing shared memory block")
"""What a server says whose predecessor's last child is still ending."""


class ServerFailed(Exception):
    """A server did not come up; the message ends with what it said last."""


class ServerNotOurs(Exception):
    """DATABASE_URL or REDIS_URL named the server: whoever started it may stop it, we don't."""


class Server(Protocol):
    """A PostgreSQL or Valkey that is running."""

    @property
    def url(self) -> str: ...
    @property
    def pid(self) -> int: ...
    def kill(self) -> None: ...
    def stop(self) -> None: ...
    def start(self) -> None: ...
    def restart(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenServer:
    """A server that somebody else runs."""

    url: str

    @property
    def pid(self) -> int:
        raise ServerNotOurs

    def kill(self) -> None:
        raise ServerNotOurs

    def stop(self) -> None:
        raise ServerNotOurs

    def start(self) -> None:
        raise ServerNotOurs

    def restart(self) -> None:
        raise ServerNotOurs


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a kind of server is run. The first stop signal is the polite one, and its answer to our death."""

    command: Callable[[int], Sequence[str | Path]]
    is_ready: Callable[[int, int], bool]
    url: Callable[[int], str]
    folder: Path
    log: Path
    stop_signals: tuple[signal.Signals, ...]
    stdin: Callable[[int], bytes] = lambda _port: b""


class OwnServer:
    """A server that we run. Its URL stays the same over restarts."""

    def __init__(self, recipe: Recipe, port: int | None = None) -> None:
        """`port`: the one to use if it is free."""
        self._recipe = recipe
        self._child: subprocess.Popen[bytes] | None = None
        self.port = port if port is not None and _is_free(port) else free_port()

    @property
    def url(self) -> str:
        return self._recipe.url(self.port)

    @property
    def pid(self) -> int:
        """The server's process id. Raises ServerFailed when it is not running."""
        if self._child is None:
            raise ServerFailed("the server is not running")
        return self._child.pid

    def start(self) -> None:
        """Returns when the server answers. Raises ServerFailed with its last words, or if it runs already."""
        if self._child is not None:
            raise ServerFailed("the server is running already")
        give_up_at = time.monotonic() + _READY_WITHIN_SECONDS
        while not self._try_to_start(give_up_at):
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Ends it politely; one that was killed before is just as well."""
        if self._child is not None:
            self._end(self._child)
            self._child = None

    def kill(self) -> None:
        """SIGKILL, as a crash: no shutdown, no last write."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def restart(self) -> None:
        """Stops it unless it was killed, and starts it again on the same port with the same data."""
        self.stop()
        self.start()

    def _try_to_start(self, give_up_at: float) -> bool:
        """False: it stumbled over a predecessor that is still ending; try again."""
        log = self._recipe.log
        said_before = log.stat().st_size if log.exists() else 0
        child = self._spawn()
        try:
            ready = self._becomes_ready(child, give_up_at)
        except BaseException:  # Ctrl-C while we wait: nothing may stay behind
            self._end(child)
            raise
        if ready:
            self._child = child
            return True
        self._end(child)
        last_words = log.read_bytes()[said_before:].decode(errors="replace")
        if time.monotonic() < give_up_at and any(trouble in last_words for trouble in _PASSING_TROUBLE):
            return False
        raise ServerFailed(f"{log.stem} did not start (exit code {child.returncode}):\n{last_words[-2_000:]}")

    def _spawn(self) -> subprocess.Popen[bytes]:
        recipe = self._recipe
        with recipe.log.open("ab") as log:
            return spawn(
                recipe.command(self.port),
                folder=recipe.folder,
                output=log,
                on_our_death=recipe.stop_signals[0],
                stdin=recipe.stdin(self.port),
            )

    def _becomes_ready(self, child: subprocess.Popen[bytes], give_up_at: float) -> bool:
        while time.monotonic() < give_up_at and child.poll() is None:
            if self._recipe.is_ready(child.pid, self.port):
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        end(child, self._recipe.stop_signals, _STOPS_WITHIN_SECONDS)


def free_port() -> int:
    """A loopback port that nobody listens on just now and that the kernel won't lend to a client."""
    while not _is_free(port := secrets.choice(_PORTS)):
        pass
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the servers do: connections of a predecessor that linger in TIME_WAIT are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
