"""Starts child processes that die with us, never run as root, and don't hear the terminal's Ctrl-C."""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from entrypoints.embedded import leash

# Linux sends the death signal when the *thread* that forked ends, so one thread that lives as long as the
# interpreter forks every server. Short-lived threads, `asyncio.to_thread` among them, may then restart one.
_forker: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedded-servers")

_ENVIRONMENT: Final[Mapping[str, str]] = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
"""Nothing is inherited: PGPORT, PGDATA or a locale of the caller must not change a server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceUser:
    uid: int
    gid: int


def service_user() -> ServiceUser | None:
    """Whom servers run as; None is ourselves. PostgreSQL refuses to be root, so root makes it `nobody`."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return ServiceUser(uid=nobody.pw_uid, gid=nobody.pw_gid)


def give(path: Path, user: ServiceUser | None) -> Path:
    """Makes the service user the owner of a file or folder; answers with the path."""
    if user is not None:
        os.chown(path, user.uid, user.gid)
    return path


def spawn(
    command: Sequence[str | Path],
    *,
    folder: Path,
    output: IO[bytes],
    on_our_death: signal.Signals,
    stdin: bytes = b"",
) -> subprocess.Popen[bytes]:
    """A child in a session of its own that gets `on_our_death` when this process ends, SIGKILLed or not."""
    user = service_user()
    identity = (user.uid, user.gid) if user else (-1, -1)
    arguments = [os.getpid(), int(on_our_death), *identity, *command]
    # `-I -S`: no environment, no site-packages; the launcher lives for some milliseconds and needs neither.
    full_command = [sys.executable, "-I", "-S", leash.__file__, *map(str, arguments)]
    return _forker.submit(_popen, full_command, folder, output, stdin).result()


def _popen(command: list[str], folder: Path, output: IO[bytes], stdin: bytes) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(  # noqa: S603 - our own command line
        command,
        cwd=folder,
        env=dict(_ENVIRONMENT),
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert child.stdin is not None  # noqa: S101 - said to the type checker: PIPE was asked for
    try:
        child.stdin.write(stdin)
        child.stdin.close()
    except BrokenPipeError:
        pass  # it ended at once; its exit code and output tell why
    return child


def end(child: subprocess.Popen[bytes], signals: Sequence[signal.Signals], patience_seconds: float) -> None:
    """Sends one signal after another, each with as much patience, until the child is gone; last SIGKILL."""
    for next_signal in (*signals, signal.SIGKILL):
        child.send_signal(next_signal)
        try:
            child.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            continue
        return
