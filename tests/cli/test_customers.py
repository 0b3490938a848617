"""`fastcart customers`: a person is listed, exported and forgotten, with what each mistake needs to hear."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.postgres.pool import open_pool
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from domain.customer import Customer, CustomerState, Payer
from domain.identifiers import CustomerId, OrderId
from tests.builders import NOW, new_id, placed_facts
from tests.cli.conftest import Run

SIMULATED = {"FASTCART_PAYMENTS": "simulated"}


@pytest.fixture
def shop(new_database_url: Callable[[], str]) -> tuple[str, Customer, Customer, OrderId]:
    """A database with somebody whose order is open, and somebody who has bought nothing."""
    url = new_database_url()
    buyer, idle = (
        Customer(
            id=CustomerId(new_id("cus")),
            state=CustomerState.ACTIVE,
            created_at=NOW,
            email=f"{name}@example.com",
        )
        for name in ("ada", "eva")
    )
    facts = placed_facts(payer=Payer(customer_id=buyer.id))

    async def fill() -> None:
        async with open_pool(url, 2) as pool, PostgresUnitOfWork(pool) as uow:
            for customer in (buyer, idle):
                await uow.customers.add(customer, None)
            await uow.orders.add(facts, None)
            await uow.commit()

    asyncio.run(fill())
    return url, buyer, idle, facts.order.id


def test_customers_are_listed(shop: tuple[str, Customer, Customer, OrderId], run: Run) -> None:
    url, buyer, idle, _ = shop
    everybody = run("customers", "list", DATABASE_URL=url)
    assert everybody.code == 0
    for customer in (buyer, idle):
        assert customer.id in everybody.out
        assert str(customer.email) in everybody.out
    first = run("customers", "list", "--limit", "1", DATABASE_URL=url)
    assert f"--after {idle.id}" in first.told
    assert buyer.id in run("customers", "list", "--after", idle.id, DATABASE_URL=url).out
    assert run("customers", "list", "--after", buyer.id, DATABASE_URL=url).told == "No such customers."


def test_a_customer_is_exported_to_the_screen_or_a_file(
    shop: tuple[str, Customer, Customer, OrderId], run: Run, tmp_path: Path
) -> None:
    url, buyer, _, order_id = shop
    shown = json.loads(run("customers", "export", buyer.id, DATABASE_URL=url, **SIMULATED).out)
    assert shown["customer"]["email"] == "ada@example.com"
    assert [order["id"] for order in shown["orders"]] == [order_id]
    file = tmp_path / "ada.json"
    said = run("customers", "export", buyer.id, "--to", str(file), DATABASE_URL=url, **SIMULATED)
    assert "personal data" in said.told
    written = json.loads(file.read_text())
    assert {**written, "exported_at": None} == {**shown, "exported_at": None}


def test_a_customer_is_forgotten_unless_something_is_open(
    shop: tuple[str, Customer, Customer, OrderId], run: Run
) -> None:
    url, buyer, idle, order_id = shop
    refused = run("customers", "delete", buyer.id, DATABASE_URL=url)
    assert refused.code == 2
    assert order_id in refused.told
    begun = run("customers", "delete", idle.id, DATABASE_URL=url)
    assert (begun.code, "leaving" in begun.told) == (0, True)
    assert "leaving" in run("customers", "list", DATABASE_URL=url).out


@pytest.mark.parametrize("command", ["export", "delete"])
def test_somebody_unknown_is_said_to_be_so(
    shop: tuple[str, Customer, Customer, OrderId], run: Run, command: str
) -> None:
    said = run("customers", command, "cus_nobody", DATABASE_URL=shop[0], **SIMULATED)
    assert said.code == 2
    assert "There is no customer cus_nobody" in said.told
