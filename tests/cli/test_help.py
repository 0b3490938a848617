"""The command line teaches: every command says what it does, shows how, and answers a mistake with what can
be done about it.
"""

from collections.abc import Iterator

import pytest
from cyclopts import App

from entrypoints.cli.app import app
from tests.cli.conftest import Run

FLAGS = ("-h", "--help", "--version")


def all_commands(of: App = app, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and group of commands, by the words that call it."""
    for name in of:
        if name not in FLAGS:
            yield (*above, name)
            yield from all_commands(of[name], (*above, name))


COMMANDS = list(all_commands())
GROUPS = [
    *(("keys",), ("catalog",), ("cases",), ("parked",), ("payments",), ("customers",)),
    *(("providers",), ("plans",), ("subscriptions",)),
]
LISTS = ("keys", "payments", "customers", "subscriptions")
ACTING = [command for command in COMMANDS if command not in GROUPS]
# What they do takes no argument and needs no setting.
WITHOUT_EXAMPLE = [("demo",)]
# What a command can't be called without; that it is missing would be told first.
NEEDED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("keys", "create"): ("--role", "secret"),
    ("keys", "revoke"): ("key_1",),
    ("cases", "show"): ("case_1",),
    ("cases", "assign"): ("case_1", "--as", "Kim", "--why", "mine"),
    ("cases", "resolve"): ("case_1", "accept", "--as", "Kim", "--why", "agreed"),
    ("customers", "export"): ("cus_1",),
    ("customers", "delete"): ("cus_1",),
    ("providers", "migrate"): ("--from", "stripe", "--to", "adyen"),
    ("parked", "replay"): ("msg_1", "--as", "Kim", "--why", "mended"),
    ("plans", "import"): ("plans.csv",),
}
ON_THE_DATABASE = [
    ["migrate"],
    ["keys", "create", "--role", "secret"],
    ["keys", "list"],
    ["catalog", "import"],
    ["cases", "list"],
    ["cases", "show", "case_1"],
    ["cases", "assign", "case_1", "--as", "Kim", "--why", "mine"],
    ["cases", "resolve", "case_1", "accept", "--as", "Kim", "--why", "agreed"],
    ["parked", "list"],
    ["payments", "list"],
    ["payments", "stats"],
    ["customers", "list"],
    ["customers", "delete", "cus_1"],
    ["providers", "migrate", "--from", "stripe", "--to", "adyen"],
    ["subscriptions", "list"],
    ["parked", "replay", "msg_1", "--as", "Kim", "--why", "mended"],
]


def test_every_command_is_looked_at() -> None:
    assert {" ".join(command) for command in COMMANDS} >= {
        "demo",
        "up",
        "api",
        "worker",
        "sandbox",
        "migrate",
        "keys create",
        "keys list",
        "keys revoke",
        "catalog import",
        "cases list",
        "cases show",
        "cases assign",
        "cases resolve",
        "parked list",
        "payments list",
        "payments stats",
        "plans import",
        "subscriptions list",
        "parked replay",
    }


@pytest.mark.parametrize("command", [(), *COMMANDS], ids=" ".join)
def test_help_says_what_the_command_does(command: tuple[str, ...], run: Run) -> None:
    said = run(*command, "--help")
    assert said.code == 0
    assert said.err == ""
    usage, _, text = said.out.partition("\n")
    assert usage.startswith(" ".join(("Usage: fastcart", *command)))
    description = text.split("╭")[0].strip()
    assert len(description.split()) >= 4
    assert description.endswith(".") or "For example" in description


@pytest.mark.parametrize("command", [c for c in ACTING if c not in WITHOUT_EXAMPLE], ids=" ".join)
def test_help_shows_an_example_that_calls_the_command(command: tuple[str, ...], run: Run) -> None:
    _, _, example = run(*command, "--help").told.partition("For example: ")
    assert " ".join(("fastcart", *command)) in example


@pytest.mark.parametrize("command", ACTING, ids=" ".join)
def test_every_parameter_is_explained(command: tuple[str, ...]) -> None:
    of = app
    for word in command:
        of = of[word]
    arguments = of.assemble_argument_collection()
    assert [a.name for a in arguments if not (a.parameter.help or "").strip()] == []


@pytest.mark.parametrize("command", [(), *COMMANDS], ids=" ".join)
def test_an_unknown_option_is_refused_with_where_to_read_on(command: tuple[str, ...], run: Run) -> None:
    said = run(*command, *NEEDED.get(command, ()), "--frobnicate")
    assert said.code == 2
    assert "--frobnicate" in said.told
    assert f"Try `{' '.join(('fastcart', *command, '--help'))}`." in said.told
    assert said.out == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["frobnicate"], "Available commands: "),
        (["keys", "frobnicate"], "Available commands: create, list, revoke."),
        (["api", "--prot", "8000"], "Did you mean --port?"),
        (["api", "--port", "http"], "--port"),
        (["api", "--port", "65536"], "Must be <= 65535."),
        (["api", "--port", "-1"], "--port"),
        (["sandbox", "--port", "65536"], "--port"),
        (["up", "--sandbox-port", "65536"], "--sandbox-port"),
        (["api", "8000"], "8000"),
        (["bench", "--seconds", "soon"], "--seconds"),
        *((["simulate", "--seeds", none], "Must be >= 1.") for none in ("0", "-3")),
        *((["simulate", option, "-1"], "Must be >= 0.") for option in ("--seed", "--first-seed")),
        *((["chaos", option, "-1"], option) for option in ("--seed", "--seconds", "--rate")),
        *((["bench", option, "0"], option) for option in ("--seconds", "--processes")),
        (["replay", "--baskets", "0"], "Must be >= 1."),
        *(([of, "list", "--limit", "0"], "Must be >= 1.") for of in LISTS),
        (["keys", "create"], "--role"),
        (["keys", "create", "--role", "admin"], 'Choose from: "publishable", "secret", "operator".'),
        (["keys", "revoke"], "key-id"),
        (["catalog", "import", "a.csv", "b.csv"], "b.csv"),
        (["cases", "list", "--state", "closed"], 'Choose from: "open", "assigned", "resolved".'),
        (["cases", "resolve", "case_1", "retry", "--as", "Kim"], "--why"),
        (["cases", "resolve", "case_1", "retry", "--why", "agreed"], "--as"),
        (["cases", "resolve", "case_1", "undo"], 'Choose from: "retry", "refund", "cancel", "accept".'),
        (["cases", "assign", "--as", "Kim", "--why", "mine"], "case-id"),
        (["parked", "replay", "msg_1", "--as", "Kim"], "--why"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_named(arguments: list[str], told: str, run: Run) -> None:
    said = run(*arguments)
    assert said.code == 2
    assert told.lower() in said.told.lower()
    assert "--help`." in said.told


@pytest.mark.parametrize("command", ["api", "worker"])
def test_a_process_that_lacks_settings_names_all_of_them_and_does_not_start(command: str, run: Run) -> None:
    said = run(command)
    assert said.code == 2
    for name in ("DATABASE_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"):
        assert f"{name} is not set" in said.told


def test_a_sandbox_with_wrong_settings_names_them_and_does_not_start(run: Run) -> None:
    said = run("sandbox", SANDBOX_LATENCY_MS="slow", SANDBOX_SEED="x")
    assert said.code == 2
    assert "SANDBOX_LATENCY_MS" in said.told
    assert "SANDBOX_SEED" in said.told


@pytest.mark.parametrize("command", ON_THE_DATABASE, ids=" ".join)
class TestCommandsOnTheDatabase:
    """They need DATABASE_URL and nothing else."""

    def test_without_a_database_they_say_what_its_url_looks_like(self, command: list[str], run: Run) -> None:
        said = run(*command)
        assert said.code == 2
        assert "DATABASE_URL is not set; it looks like postgresql://" in said.told
        assert "STRIPE" not in said.told

    def test_a_database_that_is_away_is_named_without_its_password(
        self, command: list[str], run: Run
    ) -> None:
        said = run(*command, DATABASE_URL="postgresql://fastcart:s3cret@127.0.0.1:1/fastcart")
        assert said.code == 2
        assert "DATABASE_URL can't be reached" in said.told
        assert "s3cret" not in said.told
