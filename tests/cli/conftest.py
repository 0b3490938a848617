"""The command line, run in this process as a person would: arguments in; exit code, output and errors out."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import structlog

from entrypoints.cli.app import run as run_command

# Wide enough that no word of a message is broken.
_COLUMNS = "200"


@dataclass(frozen=True, kw_only=True)
class Said:
    """How a command ended, and what it wrote; `told` is all of it on one line."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        return " ".join((self.out + self.err).split())


Run = Callable[..., Said]


@pytest.fixture(autouse=True)
def log_on_stderr() -> Iterator[None]:
    """As the program itself sets it up: what a command prints is its answer and nothing else."""
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    yield
    structlog.reset_defaults()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("keys", "create", DATABASE_URL=…)`, with no other setting than those that are given."""
    for name in ("DATABASE_URL", "REDIS_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", _COLUMNS)

    def run(*arguments: str, **environment: str) -> Said:
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            capsys.readouterr()
            code: int | str | None = None
            try:
                run_command(arguments)
            except SystemExit as left:
                code = left.code
        output = capsys.readouterr()
        assert not isinstance(code, str), "Python would end with 1 for it, which means something else"
        return Said(code=code or 0, out=output.out, err=output.err)

    return run
