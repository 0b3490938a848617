"""`fastcart plans import` and `fastcart subscriptions list`: on the database alone."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.postgres.pool import open_pool
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from domain.customer import Customer, CustomerState
from domain.identifiers import PlanId
from domain.money import Money
from domain.plan import BillingInterval, Plan, ProviderPrice
from domain.standing import SubscriptionState
from domain.subscription import Subscription
from entrypoints.cli.csv_rows import FileRefused
from entrypoints.cli.plan_csv import read_plans
from tests.builders import NOW
from tests.cli.conftest import Run
from tests.subscribers import a_subscription

GOOD = (
    "id,title,interval,interval_count,price_EUR,price_JPY,stripe_price_EUR\n"
    "gold,Gold,month,,19.00,2900,price_1\n"
    "silver,Silver,week,2,9.50,,\n"
)


def refusals(text: str) -> list[str]:
    with pytest.raises(FileRefused) as refused:
        read_plans(text.splitlines())
    return [f"{problem.line}: {problem.problem}" for problem in refused.value.problems]


def test_a_file_of_plans_is_read() -> None:
    gold, silver = read_plans(GOOD.splitlines())
    assert gold == Plan(
        id=PlanId("gold"),
        title="Gold",
        prices=(Money.of(1900, "EUR"), Money.of(2900, "JPY")),
        interval=BillingInterval.MONTH,
        provider_prices=(ProviderPrice(provider="stripe", currency="EUR", reference="price_1"),),
    )
    assert (silver.interval, silver.interval_count) == (BillingInterval.WEEK, 2)
    assert (silver.prices, silver.provider_prices) == ((Money.of(950, "EUR"),), ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1: column id is missing"),
        ("id,title,interval\n", "1: there is no plan in the file"),
        ("id,title,interval,colour,price_EUR\ngold,Gold,month,red,1.00\n", "1: column colour is not known"),
        (
            "id,title,interval,price_XXX\ngold,Gold,month,1\n",
            "1: column price_XXX names no currency of FastCart",
        ),
        (
            "id,title,interval,stripe_price_XXX\ngold,Gold,month,p\n",
            "1: column stripe_price_XXX names no currency of FastCart",
        ),
        (
            "id,title,interval,price_EUR,price_EUR\ngold,Gold,month,1,2\n",
            "1: column price_EUR stands in the file 2 times",
        ),
        (
            "id,title,interval,price_EUR\ngold,Gold,decade,1\n",
            "2: interval must be one of day, week, month, year",
        ),
        ("id,title,interval,price_EUR\ngold,Gold,month,\n", "2: prices must be at least one price"),
        ("id,title,interval,price_EUR\ngold,Gold,month,0\n", "2: prices/0 must be more than nothing"),
        (
            "id,title,interval,price_EUR\ngold,Gold,month,1.999\n",
            "2: price_EUR must be an amount with at most 2 decimals",
        ),
        (
            "id,title,interval,interval_count,price_EUR\ngold,Gold,month,13,1\n",
            "2: interval_count must be 1 to 12 of month",
        ),
        ("id,title,interval,price_EUR\ngold,,month,1\n", "2: title must be 1 to 500 printable characters"),
        (
            "id,title,interval,price_EUR\ngold,Gold,month,1\ngold,Gold,month,2\n",
            "3: plan gold stands in the file twice",
        ),
        ("id,title,interval,price_EUR\ngold,Gold,month,1,2\n", "2: there are more values than columns"),
    ],
)
def test_each_mistake_is_told_by_its_line(text: str, problem: str) -> None:
    assert problem in refusals(text)


def test_plans_are_imported_all_or_none(
    tmp_path: Path, new_database_url: Callable[[], str], run: Run
) -> None:
    url, file = new_database_url(), tmp_path / "plans.csv"
    file.write_text(GOOD + "bronze,Bronze,month,,free,,\n", encoding="utf-8")
    refused = run("plans", "import", str(file), DATABASE_URL=url)
    assert refused.code == 2
    assert "line 4: price_EUR must be an amount" in refused.told
    file.write_text(GOOD, encoding="utf-8")
    said = run("plans", "import", str(file), DATABASE_URL=url)
    assert (said.code, said.out.strip(), said.err) == (0, "2 plans imported.", "")
    assert run("plans", "import", str(file), DATABASE_URL=url).code == 0

    async def kept() -> list[str]:
        async with open_pool(url, 1) as pool, PostgresUnitOfWork(pool) as uow:
            return [plan.id for plan in await uow.plans.page(None, 10)]

    assert asyncio.run(kept()) == ["gold", "silver"]


@pytest.fixture
def club(new_database_url: Callable[[], str]) -> tuple[str, Subscription, Subscription]:
    """A database with a subscription that is paid, and one that is owed for."""
    url = new_database_url()
    paid, owed = a_subscription(), a_subscription(SubscriptionState.PAST_DUE, reference="sub_2")

    async def fill() -> None:
        async with open_pool(url, 2) as pool:
            for each in (paid, owed):
                async with PostgresUnitOfWork(pool) as uow:
                    customer = Customer(
                        id=each.customer_id, state=CustomerState.ACTIVE, created_at=NOW, email=None
                    )
                    await uow.customers.add(customer, None)
                    await uow.subscriptions.add(each, None)
                    await uow.commit()

    asyncio.run(fill())
    return url, paid, owed


def test_subscriptions_are_listed_by_how_they_stand(
    club: tuple[str, Subscription, Subscription], run: Run
) -> None:
    url, paid, owed = club
    everything = run("subscriptions", "list", DATABASE_URL=url)
    assert everything.code == 0
    for each in (paid, owed):
        assert each.id in everything.out
        assert each.customer_id in everything.out
    owing = run("subscriptions", "list", "--state", "past-due", DATABASE_URL=url)
    assert owed.id in owing.out
    assert paid.id not in owing.out
    for chosen in ("--plan", "bronze"), ("--entitlement", "none"), ("--customer", "cus_nobody"):
        assert run("subscriptions", "list", *chosen, DATABASE_URL=url).told == "No such subscriptions."
    assert run("subscriptions", "list", "--customer", paid.customer_id, DATABASE_URL=url).code == 0
