"""The whole project keeps every house rule, and each rule finds a violation that is planted for it."""

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import pytest

from tests.architecture import code_rules, import_rules
from tests.architecture.sources import Source, all_sources

Rule = Callable[[Source], Iterator[str]]

RULES: tuple[Rule, ...] = (
    import_rules.foreign_imports,
    import_rules.libraries_away_from_home,
    import_rules.wiring_outside_entrypoints,
    code_rules.newer_syntax,
    code_rules.what_differs_between_runs,
    code_rules.floats,
    code_rules.changeable_facts,
    code_rules.vague_names,
    code_rules.unexplained_files,
    code_rules.large_rooms,
)

LONG_FUNCTION = "def long() -> None:\n" + "    pass\n" * 50
LONG_FILE = "x = 1\n" * 351

VIOLATIONS: tuple[tuple[Rule, str, str], ...] = (
    (import_rules.foreign_imports, "domain/a.py", "import stripe"),
    (import_rules.foreign_imports, "ports/a.py", "from msgspec import Struct"),
    (import_rules.foreign_imports, "application/a.py", "def f() -> None:\n    import httpx"),
    (import_rules.libraries_away_from_home, "adapters/taxjar/a.py", "from stripe import StripeClient"),
    (import_rules.libraries_away_from_home, "entrypoints/http/a.py", "import sqlalchemy.ext.asyncio"),
    (import_rules.libraries_away_from_home, "adapters/stripe_too/a.py", "import stripe"),
    (import_rules.libraries_away_from_home, "adapters/fedex/a.py", "import a_library_without_a_row"),
    (import_rules.wiring_outside_entrypoints, "adapters/stripe/a.py", "from entrypoints import container"),
    (import_rules.wiring_outside_entrypoints, "application/a.py", "import entrypoints.container"),
    (code_rules.newer_syntax, "adapters/a.py", "class A[T]: ..."),
    (code_rules.newer_syntax, "tests/a.py", "def f(:"),
    (code_rules.what_differs_between_runs, "domain/a.py", "from datetime import datetime\ndatetime.now()"),
    (code_rules.what_differs_between_runs, "ports/a.py", "import datetime as d\nd.datetime.utcnow()"),
    (code_rules.what_differs_between_runs, "application/a.py", "import datetime\ndatetime.date.today()"),
    (code_rules.what_differs_between_runs, "application/a.py", "from time import time"),
    (code_rules.what_differs_between_runs, "application/a.py", "import random"),
    (code_rules.what_differs_between_runs, "application/a.py", "from secrets import token_hex"),
    (code_rules.what_differs_between_runs, "domain/a.py", "from uuid import uuid4"),
    (code_rules.what_differs_between_runs, "domain/a.py", "import uuid\nuuid.uuid4()"),
    (code_rules.floats, "domain/a.py", "def tax(rate: float) -> int: ..."),
    (code_rules.floats, "domain/a.py", "class A:\n    rate: dict[str, float | None]"),
    (code_rules.floats, "domain/a.py", "rate = 0.5"),
    (code_rules.changeable_facts, "domain/a.py", "@dataclass\nclass A: ..."),
    (code_rules.changeable_facts, "domain/a.py", "@dataclass(frozen=True, slots=True)\nclass A: ..."),
    (code_rules.vague_names, "adapters/a.py", "class OrderManager: ..."),
    (code_rules.vague_names, "adapters/a.py", "class BaseGateway: ..."),
    (code_rules.vague_names, "tests/a.py", "class GatewayImpl: ..."),
    (code_rules.vague_names, "domain/utils.py", ""),
    (code_rules.unexplained_files, "tests/a.py", "x = 1"),
    (code_rules.large_rooms, "domain/a.py", LONG_FUNCTION),
    (code_rules.large_rooms, "domain/a.py", LONG_FUNCTION.replace("def", "async def")),
    (code_rules.large_rooms, "domain/a.py", LONG_FILE),
)

FINE: tuple[tuple[Rule, str, str], ...] = (
    (import_rules.foreign_imports, "domain/a.py", "import decimal\nfrom domain.money import Money"),
    (import_rules.foreign_imports, "tests/a.py", "import pytest"),
    (import_rules.libraries_away_from_home, "adapters/stripe/wire.py", "import stripe"),
    (import_rules.wiring_outside_entrypoints, "entrypoints/http/app.py", "import entrypoints.container"),
    (code_rules.what_differs_between_runs, "application/a.py", "now = self._clock.now()"),
    (code_rules.what_differs_between_runs, "adapters/system_clock.py", "import random"),
    (code_rules.changeable_facts, "domain/errors.py", "@dataclass(kw_only=True)\nclass A: ..."),
    (code_rules.vague_names, "domain/a.py", "class Basket: ..."),
    (code_rules.unexplained_files, "tests/__init__.py", ""),
    (code_rules.large_rooms, "domain/a.py", f"# long: a table that reads best whole\n{LONG_FUNCTION}"),
    (code_rules.large_rooms, "domain/a.py", f"# long: a table that reads best whole\n{LONG_FILE}"),
    (code_rules.large_rooms, "tests/a.py", LONG_FILE),
)


def name_of(value: object) -> str:
    return getattr(value, "__name__", "")


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_the_house_keeps_this_rule(rule: Rule) -> None:
    # A file that can't be read breaks its own rule; the others would only repeat it.
    sources = [source for source in all_sources() if source.is_readable() or rule is code_rules.newer_syntax]
    assert [f"{source.path}:{finding}" for source in sources for finding in rule(source)] == []


@pytest.mark.parametrize(("rule", "path", "text"), VIOLATIONS)
def test_a_planted_violation_is_found(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path=PurePosixPath(path), text=text)))


@pytest.mark.parametrize(("rule", "path", "text"), FINE)
def test_what_is_fine_is_left_alone(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path=PurePosixPath(path), text=text))) == []


def test_every_rule_has_a_planted_violation() -> None:
    assert {rule for rule, _path, _text in VIOLATIONS} == set(RULES)
