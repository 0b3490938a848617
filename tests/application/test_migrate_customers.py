"""Customers go to another provider with the ids that it gave, all of a file or none; and what is left is
counted.
"""

from collections.abc import Sequence

import pytest

from adapters.in_memory.subscriptions import InMemorySubscriptionLists
from application.migrate_customers import (
    CountLeft,
    MappedId,
    MappingRefused,
    MigrateCustomers,
)
from application.register_customer import NewCustomer
from domain.customer import AccountState, Customer
from domain.identifiers import CustomerId
from domain.payment import PaymentState
from tests.application.shop import ASKS_BANK, Shop

OLD, NEW = "simulated", "adyen"


async def registered(shop: Shop, *names: str) -> list[Customer]:
    return [
        await shop.register_customer(NewCustomer(email=f"{name}@example.com", name=name)) for name in names
    ]


def at(customer: Customer, provider: str) -> str:
    account = customer.account_at(provider)
    assert account is not None
    assert account.reference is not None
    return account.reference


def lines(*pairs: tuple[str, str]) -> list[MappedId]:
    """As they stand in a file with one line above them."""
    return [MappedId(line=line, old=old, new=new) for line, (old, new) in enumerate(pairs, start=2)]


async def again(shop: Shop, customer: Customer) -> Customer:
    async with shop.unit_of_work() as uow:
        found = await uow.customers.get(CustomerId(customer.id))
    assert found is not None
    return found


async def test_customers_have_both_ids_afterwards(shop: Shop) -> None:
    ada, bob = await registered(shop, "ada", "bob")
    migrate = MigrateCustomers(shop.unit_of_work, shop.clock)
    mapping = lines((at(ada, OLD), "SHOPPER_1"), (at(bob, OLD), "SHOPPER_2"))
    assert (await migrate(OLD, NEW, mapping)).moved == 2
    ada = await again(shop, ada)
    account = ada.account_at(NEW)
    assert account is not None
    assert (account.reference, account.state) == ("SHOPPER_1", AccountState.REGISTERED)
    assert at(ada, OLD)


async def test_a_file_can_be_brought_twice(shop: Shop) -> None:
    (ada,) = await registered(shop, "ada")
    migrate, mapping = MigrateCustomers(shop.unit_of_work, shop.clock), lines((at(ada, OLD), "SHOPPER_1"))
    await migrate(OLD, NEW, mapping)
    before = await again(shop, ada)
    done = await migrate(OLD, NEW, mapping)
    assert (done.moved, done.before) == (0, 1)
    assert await again(shop, ada) == before


async def refusals(shop: Shop, mapping: Sequence[MappedId]) -> list[tuple[int, str]]:
    with pytest.raises(MappingRefused) as refused:
        await MigrateCustomers(shop.unit_of_work, shop.clock)(OLD, NEW, mapping)
    return [(each.line, each.problem) for each in refused.value.problems]


async def test_one_mistake_moves_nobody_and_each_is_told_by_its_line(shop: Shop) -> None:
    ada, bob = await registered(shop, "ada", "bob")
    mapping = lines(
        (at(ada, OLD), "SHOPPER_1"),
        ("cus_nobody", "SHOPPER_2"),
        (at(bob, OLD), "SHOPPER_3"),
        (at(bob, OLD), "SHOPPER_4"),
    )
    assert await refusals(shop, mapping) == [
        (3, "no customer is known as cus_nobody"),
        (4, f"{at(bob, OLD)} stands in the file 2 times"),
        (5, f"{at(bob, OLD)} stands in the file 2 times"),
    ]
    assert (await again(shop, ada)).account_at(NEW) is None


async def test_an_id_is_nobody_elses(shop: Shop) -> None:
    ada, bob = await registered(shop, "ada", "bob")
    twice = lines((at(ada, OLD), "SHOPPER_1"), (at(bob, OLD), "SHOPPER_1"))
    assert [line for line, _ in await refusals(shop, twice)] == [2, 3]
    await MigrateCustomers(shop.unit_of_work, shop.clock)(OLD, NEW, twice[:1])
    assert await refusals(shop, twice[1:]) == [(3, "SHOPPER_1 is another customer's already")]
    assert await refusals(shop, lines((at(ada, OLD), "SHOPPER_9"))) == [
        (2, f"{at(ada, OLD)} has another id at adyen already")
    ]


async def test_what_is_left_is_counted(shop: Shop) -> None:
    ada, _ = await registered(shop, "ada", "bob")
    await shop.bought()
    await shop.tries(await shop.placed(), ASKS_BANK, "https://shop.example/thanks")
    lists = InMemorySubscriptionLists(shop.storage)
    count = CountLeft(shop.unit_of_work, shop.queries, lists, shop.clock)
    left = await count(OLD, NEW)
    assert (left.customers, left.subscriptions, left.disputes) == (2, 0, 0)
    assert left.payments == {PaymentState.AWAITING_ACTION: 1}
    assert not left.is_nothing
    await MigrateCustomers(shop.unit_of_work, shop.clock)(OLD, NEW, lines((at(ada, OLD), "SHOPPER_1")))
    assert (await count(OLD, NEW)).customers == 1
    assert (await count("nobody", NEW)).is_nothing
