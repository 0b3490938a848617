"""What the tests of embedded servers share: none of them may touch a server that the environment names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrypoints.embedded.folders import scratch_folder


@pytest.fixture(autouse=True)
def _no_given_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that a server may use. pytest's own lies where root's unprivileged servers can't go."""
    with scratch_folder() as scratch:
        yield scratch
