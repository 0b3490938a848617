"""The sandbox starts as a process of its own, from nothing but a port."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

_DEADLINE_SECONDS = 20.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_life(url: str) -> httpx.Response:
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while True:
        try:
            return httpx.get(f"{url}/health/live", trust_env=False)
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the sandbox did not start"
            time.sleep(0.02)


def test_it_starts_lives_and_stops() -> None:
    port = _free_port()
    command = [sys.executable, "-m", "entrypoints.sandbox.process", "--port", str(port)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as process:
        try:
            assert _await_life(f"http://127.0.0.1:{port}").json() == {"status": "ok"}
        finally:
            process.terminate()
    assert process.returncode is not None
