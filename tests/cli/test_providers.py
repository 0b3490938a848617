"""`fastcart providers migrate`: new ids from a file, and what is left, without any vendor's key."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.postgres.pool import open_pool
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from domain.attempt import Attempt, AttemptState, Operation
from domain.customer import Customer, CustomerState, ProviderAccount
from domain.identifiers import AttemptId, CustomerId
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from tests.builders import NOW, a_payment, an_order
from tests.cli.conftest import Run

MOVE = ("providers", "migrate", "--from", "stripe", "--to", "adyen")


def known_to_stripe(name: str) -> Customer:
    customer_id = CustomerId(f"cus_{name}")
    attempt = Attempt(
        id=AttemptId(f"att_{name}"),
        operation=Operation.REGISTER_CUSTOMER,
        subject_id=customer_id,
        state=AttemptState.SUCCEEDED,
        tries=1,
        started_at=NOW,
        until=NOW,
    )
    return Customer(
        id=customer_id,
        state=CustomerState.ACTIVE,
        created_at=NOW,
        email=f"{name}@example.com",
        accounts=(ProviderAccount(provider="stripe").registered_as(f"cus_at_{name}", attempt),),
    )


@pytest.fixture
def url(new_database_url: Callable[[], str]) -> str:
    """A shop with two customers and an order whose shopper has yet to pay."""
    database, order = new_database_url(), an_order()
    open_one = a_payment(order, state=PaymentState.AWAITING_METHOD, provider="stripe")

    async def fill() -> None:
        async with open_pool(database, 2) as pool, PostgresUnitOfWork(pool) as uow:
            for name in ("ada", "bob"):
                await uow.customers.add(known_to_stripe(name), None)
            await uow.orders.add(OrderFacts(order=order, payments=(open_one,)), None)
            await uow.commit()

    asyncio.run(fill())
    return database


def test_customers_are_moved_and_what_is_left_is_told(url: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("old_id,new_id\ncus_at_ada,SHOPPER_1\n", encoding="utf-8")
    first = run(*MOVE, "--mapping", str(file), DATABASE_URL=url)
    assert first.code == 0
    assert "1 customers were moved to adyen; 0 had been before" in first.told
    assert "1 customers that adyen doesn't know yet" in first.told
    assert "1 payments that are awaiting_method" in first.told
    assert "Leave stripe's settings and webhooks in place" in first.told
    second = run(*MOVE, "--mapping", str(file), DATABASE_URL=url)
    assert "0 customers were moved to adyen; 1 had been before" in second.told


def test_all_of_a_file_is_moved_or_nothing(url: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("old_id,new_id\ncus_at_ada,SHOPPER_1\ncus_at_eve,SHOPPER_2\n,\n", encoding="utf-8")
    said = run(*MOVE, "--mapping", str(file), DATABASE_URL=url)
    assert said.code == 2
    assert "line 4: old_id must be" in said.told
    file.write_text("old_id,new_id\ncus_at_ada,SHOPPER_1\ncus_at_eve,SHOPPER_2\n", encoding="utf-8")
    said = run(*MOVE, "--mapping", str(file), DATABASE_URL=url)
    assert said.code == 2
    assert "line 3: no customer is known as cus_at_eve" in said.told
    assert "2 customers that adyen doesn't know yet" in run(*MOVE, DATABASE_URL=url).told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "column old_id is missing"),
        (b"old_id,new_id\n", "there is no customer in the file"),
        (b"old_id,new_id\na,b,c\n", "line 2: there are more values than columns"),
        (b"old,new_id\na,b\n", "line 1: column old_id is missing"),
        (b'old_id,new_id\n"a,b\n', "this is no CSV from here on"),
        (b"old_id,new_id\n\xff,b\n", "is not UTF-8 text"),
    ],
)
def test_each_mistake_in_a_file_is_told(run: Run, tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes(content)
    said = run(*MOVE, "--mapping", str(file), DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert said.code == 2
    assert told in said.told


def test_a_provider_that_nobody_knows_is_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "ids.csv"
    file.write_text("old_id,new_id\ncus_1,shopper_1\n")
    said = run("providers", "migrate", "--from", "stripe", "--to", "adyn", "--mapping", str(file))
    assert (said.code, "adyen" in said.told) == (2, True)


def test_from_and_to_are_two_providers(run: Run) -> None:
    said = run("providers", "migrate", "--from", "stripe", "--to", "stripe")
    assert (said.code, "name the same provider" in said.told) == (2, True)
