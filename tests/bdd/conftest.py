"""The sentences, and the scene that they share. The module that binds the scenarios says in which shop."""

from collections.abc import Generator, Iterator

import pytest

from tests.bdd.club import Club
from tests.bdd.http_club import HttpClub
from tests.bdd.http_shop import HttpShop
from tests.bdd.in_memory_club import InMemoryClub
from tests.bdd.in_memory_shop import InMemoryShop
from tests.bdd.last_words import LAST_WORDS
from tests.bdd.scene import Scene
from tests.bdd.shop import Shop
from tests.bdd.steps.books import *  # noqa: F403 - pytest-bdd keeps each sentence as a fixture of its module
from tests.bdd.steps.cart import *  # noqa: F403
from tests.bdd.steps.customers import *  # noqa: F403
from tests.bdd.steps.delivery import *  # noqa: F403
from tests.bdd.steps.merchant import *  # noqa: F403
from tests.bdd.steps.money_back import *  # noqa: F403
from tests.bdd.steps.operator import *  # noqa: F403
from tests.bdd.steps.order import *  # noqa: F403
from tests.bdd.steps.payment import *  # noqa: F403
from tests.bdd.steps.reconciliation import *  # noqa: F403
from tests.bdd.steps.subscriptions import *  # noqa: F403
from tests.bdd.steps.taxes import *  # noqa: F403


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and (last_words := item.stash.get(LAST_WORDS, None)) is not None:
        report.sections.append(("the service's last words", last_words()))
    return report


@pytest.fixture
def club(shop: Shop) -> Club:
    """The same shop, as far as it sells plans."""
    if isinstance(shop, HttpShop):
        return HttpClub(shop._merchant, shop._sandbox, shop._suffix)
    assert isinstance(shop, InMemoryShop)
    return InMemoryClub(shop._stories, shop._run)


@pytest.fixture
def scene(shop: Shop) -> Iterator[Scene]:
    played = Scene(shop=shop)
    yield played
    played.require_no_surprise()
