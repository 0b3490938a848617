"""`fastcart reconcile`: what it prints, and what its exit code tells a script."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from application.buy_now import Purchase
from domain.catalog import Product
from domain.money import Money
from domain.order import SkuQuantity
from domain.order_facts import OrderFacts
from domain.payment import Instrument
from domain.period import Period
from entrypoints.cli.reconciliation import period_of
from entrypoints.container import Container
from entrypoints.resources import open_resources
from entrypoints.settings import settings_from
from tests.application.shop import EUR, TEA, TOTAL_MINOR, draft
from tests.cli.conftest import Run
from tests.sandbox.server import RunningSandbox, running_sandbox

# The SDK's transport posts its form with httpx's old name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

NOW = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def environment(sandbox: RunningSandbox, new_database_url: Callable[[], str]) -> Mapping[str, str]:
    """A shop that nothing was ever bought in."""
    sandbox.control.post("/_control/reset").raise_for_status()
    return {
        "DATABASE_URL": new_database_url(),
        "STRIPE_SECRET_KEY": "sk_test_sandbox",
        "STRIPE_WEBHOOK_SECRET": "whsec_sandbox",
        "STRIPE_BASE_URL": f"{sandbox.url}/stripe",
    }


def bought(environment: Mapping[str, str], card: str = "pm_card_visa") -> OrderFacts:
    async def buy() -> OrderFacts:
        settings = settings_from(environment)
        async with open_resources(settings) as resources:
            container = Container(settings=settings, resources=resources)
            await container.put_products()(
                [Product(sku=TEA, title="Tea", prices=(Money.of(1200, "EUR"),))],
                [SkuQuantity(sku=TEA, quantity=10)],
            )
            purchase = Purchase(
                currency=EUR,
                draft=draft(),
                accepted_total_minor=TOTAL_MINOR,
                instrument=Instrument(token=card),
            )
            return (await container.buy_now()(purchase)).facts

    return asyncio.run(buy())


def around_today() -> tuple[str, ...]:
    """The sandbox goes by the real clock, whatever the hour."""
    today = datetime.now(UTC)
    return ("--from", f"{today - DAY:%Y-%m-%d}", "--to", f"{today + 2 * DAY:%Y-%m-%d}")


def test_a_shop_whose_books_agree_is_told_so(environment: Mapping[str, str], run: Run) -> None:
    bought(environment)
    said = run("reconcile", *around_today(), **environment)
    assert said.code == 0, said.err
    assert "1 payments, 0 refunds and 0 disputes at the provider, 1 orders of ours" in said.told
    assert "EUR 20.23 EUR 20.23 EUR 0.00 EUR 0.00 EUR" in said.told
    assert "Everything agrees." in said.told


def test_what_was_missed_is_repaired_and_the_next_run_is_clean(
    environment: Mapping[str, str], sandbox: RunningSandbox, run: Run
) -> None:
    facts = bought(environment, "pm_card_threeDSecure2Required")
    sandbox.do(f"payments/{facts.payments[0].reference}/complete_authentication")
    said = run("reconcile", *around_today(), **environment)
    assert said.code == 0, said.told
    assert "payment state" in said.told
    assert "awaiting_action 20.23 EUR" in said.told
    assert "1 repaired, 0 cases opened" in said.told
    assert "Everything agrees." in run("reconcile", *around_today(), **environment).told


def test_a_case_is_an_exit_code_of_one_and_the_same_report_as_the_api_shows(
    environment: Mapping[str, str], sandbox: RunningSandbox, run: Run
) -> None:
    facts = bought(environment)
    form = {"payment_intent": facts.payments[0].reference or "", "amount": "500"}
    sandbox.post("/refunds", form).raise_for_status()
    said = run("reconcile", *around_today(), "--json", **environment)
    assert said.code == 1
    report = json.loads(said.out)
    assert report["summary"]["needs_person"]
    (finding,) = report["findings"]
    assert (finding["kind"], finding["done"]) == ("unexpected_refund", "case_opened")
    assert finding["order_id"] == facts.order.id


def test_a_dry_run_leaves_everything_as_it_is(
    environment: Mapping[str, str], sandbox: RunningSandbox, run: Run
) -> None:
    facts = bought(environment, "pm_card_threeDSecure2Required")
    sandbox.do(f"payments/{facts.payments[0].reference}/complete_authentication")
    for _ in range(2):
        said = run("reconcile", *around_today(), "--dry-run", **environment)
        assert said.code == 1
        assert "dry run" in said.told
        assert "0 repaired, 0 cases opened, 0 noted, 0 unresolved, 1 left as they are." in said.told


def test_the_day_before_is_the_period_unless_another_is_named(
    environment: Mapping[str, str], run: Run
) -> None:
    bought(environment)
    said = run("reconcile", "--json", **environment)
    assert said.code == 0
    summary = json.loads(said.out)["summary"]
    assert summary["counts"]["payments"] == 0
    assert summary["until"][10:] == summary["since"][10:] == "T00:00:00Z"


@pytest.mark.parametrize(
    ("since", "until", "period"),
    [
        (None, None, Period(since=MIDNIGHT - DAY, until=MIDNIGHT)),
        (
            (MIDNIGHT - 9 * DAY).replace(tzinfo=None),
            None,
            Period(since=MIDNIGHT - 9 * DAY, until=MIDNIGHT - 8 * DAY),
        ),
        (None, NOW, Period(since=NOW - DAY, until=NOW)),
        (NOW - 7 * DAY, NOW, Period(since=NOW - 7 * DAY, until=NOW)),
    ],
    ids=["yesterday", "a day", "up to", "from to"],
)
def test_which_period_is_meant(since: datetime | None, until: datetime | None, period: Period) -> None:
    assert period_of(since, until, NOW) == period


def test_a_period_that_ends_before_it_begins_is_refused(environment: Mapping[str, str], run: Run) -> None:
    said = run("reconcile", "--from", "2026-11-25", "--to", "2026-11-24", **environment)
    assert said.code == 2
    assert said.err.strip() == "--to must be later than --from."


@pytest.mark.parametrize("command", ["reconcile", "stock-report"])
def test_without_keys_it_could_not_be_finished_and_nobody_has_to_look(command: str, run: Run) -> None:
    said = run(command)
    assert said.code == 2
    assert said.out == ""
    assert "STRIPE_SECRET_KEY is not set" in said.err


def test_simulated_payments_have_no_provider_to_compare_with(
    environment: Mapping[str, str], run: Run
) -> None:
    said = run("reconcile", **environment, FASTCART_PAYMENTS="simulated")
    assert said.code == 2
    assert "there is no provider to compare with" in said.told


def test_a_provider_that_is_away_is_an_exit_code_of_its_own(
    environment: Mapping[str, str], sandbox: RunningSandbox, run: Run
) -> None:
    sandbox.fault("payment_intents.list", "500", times=9)
    said = run("reconcile", **environment)
    assert said.code == 2
    assert "Not finished, run it again" in said.err
