"""The processes of a FastCart on one machine: started, stopped politely, killed as a crash would do it."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

import httpx

_READY_WITHIN_SECONDS: Final = 30
_STOPS_WITHIN_SECONDS: Final = 30


class StackNotReady(Exception):
    """A process of the stack did not come up; the message says which, and what it last said."""


class FastCartProcess:
    """An API, worker or sandbox process. `start` returns at once; within `with`, it is stopped at the end.

    It runs in a session of its own, so that Ctrl-C reaches the parent first.
    """

    def __init__(
        self, command: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self._command = command
        self._arguments = arguments
        self._environment = environment
        self._log = log
        self.child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        with self._log.open("ab") as output:
            self.child = subprocess.Popen(  # noqa: S603 - our own command line
                [sys.executable, "-m", "entrypoints.cli.app", self._command, *self._arguments],
                env=dict(self._environment),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL: no shutdown, no last write."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self.child = None

    def stop(self) -> None:
        """Politely first. One that has ended already is just as well."""
        child, self.child = self.child, None
        if child is None:
            return
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(_STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def wait_until_ready(self, url: str) -> None:
        """Until the URL answers 200. Raises StackNotReady with the last lines of the process's log."""
        give_up_at = time.monotonic() + _READY_WITHIN_SECONDS
        while time.monotonic() < give_up_at and self.child is not None and self.child.poll() is None:
            try:
                if httpx.get(url, timeout=2).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        last_words = self._log.read_text(errors="replace")[-2_000:]
        raise StackNotReady(f"{url} did not answer; its log ends:\n{last_words}")
