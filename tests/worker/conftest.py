"""A shop for each test, whose processes the test starts, with a sandbox and a Valkey of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from entrypoints.embedded.server import Server, free_port
from entrypoints.embedded.valkey import embedded_valkey
from tests.worker.service import Service, running_sandbox


@pytest.fixture
def valkey(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """One of the test's own, to wipe and to kill."""
    monkeypatch.delenv("REDIS_URL", raising=False)
    with embedded_valkey(None) as server:
        yield server


@pytest.fixture
def service(new_database_url: Callable[[], str], valkey: Server, tmp_path: Path) -> Iterator[Service]:
    port = free_port()
    with running_sandbox(tmp_path, port) as sandbox_url:
        made = Service(new_database_url(), valkey.url, sandbox_url, port, tmp_path)
        try:
            yield made
        finally:
            made.close()
