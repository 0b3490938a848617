"""One sandbox for all tests of a worker, as new before each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from tests.sandbox.server import RunningSandbox, running_sandbox
from tests.sandbox.sink import Sink, running_sink

_SDK_WARNING = (
    "ignore:Use 'content=:DeprecationWarning"  # stripe's HTTPXClient posts its form with httpx's old name
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.filterwarnings(_SDK_WARNING))


@pytest.fixture(scope="session")
def _server() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(_server: RunningSandbox) -> RunningSandbox:
    _server.control.post("/_control/reset").raise_for_status()
    return _server


@pytest.fixture
def client(sandbox: RunningSandbox) -> Iterator[stripe.StripeClient]:
    with sandbox.stripe_client() as opened:
        yield opened


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as running:
        yield running
