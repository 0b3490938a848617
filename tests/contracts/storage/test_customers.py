"""What both storages promise of customers: one an e-mail address, and each provider's id for one of them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.attempt import Attempt, AttemptState, Operation
from domain.customer import Customer, CustomerState, Payer, ProviderAccount
from domain.events import EventKind, MessageKind, OutgoingMessage
from domain.forgetting import forgotten_order
from domain.identifiers import AttemptId, CustomerId
from domain.order import Order
from domain.order_facts import OrderFacts
from domain.values import replace
from ports.errors import ConcurrentChange, EmailInUse, ProviderAccountInUse
from ports.unit_of_work import Told
from tests.builders import NOW, a_checkout, new_id, placed_facts
from tests.contracts.storage.conftest import Storage
from tests.subscribers import a_new_subscription

SOON = NOW + timedelta(seconds=25)


def a_customer(email: str | None = "ada@example.com", **changes: Any) -> Customer:
    facts = {"id": CustomerId(new_id("cus")), "state": CustomerState.ACTIVE, "created_at": NOW}
    return Customer(**{**facts, "email": email, **changes})


def an_attempt(customer: Customer, **changes: Any) -> Attempt:
    facts: dict[str, Any] = {"state": AttemptState.UNKNOWN, "tries": 2, "detail": "deadline"}
    return Attempt(
        id=AttemptId(new_id("att")),
        operation=Operation.REGISTER_CUSTOMER,
        subject_id=customer.id,
        started_at=NOW,
        until=SOON,
        retried_at=NOW,
        **{**facts, **changes},
    )


async def kept(storage: Storage, customer: Customer, due_at: Any = None) -> Customer:
    async with storage.unit_of_work() as uow:
        await uow.customers.add(customer, due_at)
        await uow.commit()
    return customer


async def saved(storage: Storage, customer: Customer, due_at: Any = None) -> Customer:
    after = replace(customer, version=customer.version + 1)
    async with storage.unit_of_work() as uow:
        await uow.customers.save(after, due_at)
        await uow.commit()
    return after


async def loaded(storage: Storage, customer: Customer) -> Customer | None:
    async with storage.unit_of_work() as uow:
        return await uow.customers.get(customer.id)


async def test_everything_about_a_customer_comes_back(storage: Storage) -> None:
    customer = a_customer(name="Ada", user_id="user-7", password_hash="$argon2id$…")
    accounts = (
        ProviderAccount(provider="adyen"),
        ProviderAccount(provider="stripe", reference="cus_1", attempt=an_attempt(customer)),
    )
    customer = await kept(storage, replace(customer, accounts=accounts))
    assert await loaded(storage, customer) == customer


async def test_somebody_who_was_never_added_is_unknown(storage: Storage) -> None:
    assert await loaded(storage, a_customer()) is None


async def test_a_mailbox_belongs_to_one_customer_however_it_is_spelled(storage: Storage) -> None:
    await kept(storage, a_customer("Ada@Example.com"))
    with pytest.raises(EmailInUse):
        await kept(storage, a_customer("ada@example.COM"))
    await kept(storage, a_customer("ada+shop@example.com"))


async def test_a_customer_is_found_by_any_spelling_of_the_address(storage: Storage) -> None:
    ada = await kept(storage, a_customer("Ada@Example.com"))
    async with storage.unit_of_work() as uow:
        assert await uow.customers.by_email("ADA@example.com") == ada
        assert await uow.customers.by_email("eva@example.com") is None


async def test_customers_without_an_address_are_as_many_as_you_like(storage: Storage) -> None:
    for _ in range(2):
        await kept(storage, a_customer(None, state=CustomerState.DELETED))


async def test_the_same_id_is_not_added_twice(storage: Storage) -> None:
    ada = await kept(storage, a_customer())
    with pytest.raises(ConcurrentChange):
        await kept(storage, replace(ada, email="eva@example.com"))


async def test_a_customer_is_written_over_the_version_that_was_read(storage: Storage) -> None:
    ada = await kept(storage, a_customer(accounts=(ProviderAccount(provider="stripe"),)))
    registered = ProviderAccount(provider="stripe", reference="cus_1", attempt=an_attempt(ada))
    after = await saved(storage, replace(ada.with_account(registered), name="Ada"))
    assert await loaded(storage, ada) == after
    with pytest.raises(ConcurrentChange):
        await saved(storage, replace(ada, name="Somebody else"))
    assert await loaded(storage, ada) == after


async def test_an_outdated_save_writes_no_account_either(storage: Storage) -> None:
    ada = await kept(storage, a_customer())
    await saved(storage, ada)
    with pytest.raises(ConcurrentChange):
        await saved(storage, ada.with_account(ProviderAccount(provider="stripe", reference="cus_1")))
    found = await loaded(storage, ada)
    assert found is not None
    assert found.accounts == ()


async def test_a_providers_id_belongs_to_one_customer(storage: Storage) -> None:
    account = ProviderAccount(provider="stripe", reference="cus_1")
    await kept(storage, a_customer(accounts=(account,)))
    eva = await kept(storage, a_customer("eva@example.com"))
    with pytest.raises(ProviderAccountInUse):
        await saved(storage, eva.with_account(account))
    await saved(storage, eva.with_account(ProviderAccount(provider="adyen", reference="cus_1")))


async def test_whoever_is_due_is_given_to_one_runner_at_a_time(storage: Storage) -> None:
    first = await kept(storage, a_customer("a@example.com"), NOW - timedelta(seconds=2))
    second = await kept(storage, a_customer("b@example.com"), NOW - timedelta(seconds=1))
    await kept(storage, a_customer("c@example.com"), NOW + timedelta(seconds=1))
    await kept(storage, a_customer("d@example.com"))
    async with storage.unit_of_work() as uow:
        assert await uow.customers.due(NOW, SOON, 1) == [first.id]
        assert await uow.customers.due(NOW, SOON, 10) == [second.id]
        assert await uow.customers.due(NOW, SOON, 10) == []
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert len(await uow.customers.due(SOON, SOON, 10)) == 3


async def test_a_lease_leaves_the_version_alone(storage: Storage) -> None:
    ada = await kept(storage, a_customer(), NOW)
    async with storage.unit_of_work() as uow:
        await uow.customers.due(NOW, SOON, 10)
        await uow.commit()
    await saved(storage, ada)


async def test_customers_are_listed_newest_first_page_by_page(storage: Storage) -> None:
    made = [
        await kept(storage, a_customer(f"{n}@example.com", created_at=NOW + timedelta(seconds=n // 2)))
        for n in range(5)
    ]
    newest_first = sorted(made, key=lambda customer: (customer.created_at, customer.id), reverse=True)
    async with storage.unit_of_work() as uow:
        first = await uow.customers.page(None, 2)
        second = await uow.customers.page(first[-1].id, 2)
        third = await uow.customers.page(second[-1].id, 2)
        assert [*first, *second, *third] == newest_first
        assert await uow.customers.page(third[-1].id, 2) == []
        assert await uow.customers.page(CustomerId("cus_unknown"), 2) == []


async def test_a_checkout_knows_whose_it_is_and_may_become_somebody_elses(storage: Storage) -> None:
    checkout = a_checkout(customer_id=CustomerId("cus_1"))
    async with storage.unit_of_work() as uow:
        await uow.checkouts.add(checkout)
        await uow.commit()
    for whose in (CustomerId("cus_2"), None):
        checkout = replace(checkout, customer_id=whose, version=checkout.version + 1)
        async with storage.unit_of_work() as uow:
            await uow.checkouts.save(checkout)
            await uow.commit()
        async with storage.unit_of_work() as uow:
            assert await uow.checkouts.get(checkout.id) == checkout


async def test_an_order_keeps_who_pays_it(storage: Storage) -> None:
    payer = Payer(
        customer_id=CustomerId("cus_1"), user_id="user-7", reference="cus_at_stripe", saves_method=True
    )
    facts = await storage.keep(placed_facts(payer=payer))
    assert facts.order.payer == payer
    assert (await storage.keep(placed_facts())).order.payer is None


async def test_a_customer_who_is_held_stays_as_they_are_until_the_end(storage: Storage) -> None:
    ada = await kept(storage, a_customer())
    async with storage.unit_of_work() as uow:
        assert await uow.customers.hold(ada.id) == ada
        assert await uow.customers.hold(CustomerId("cus_unknown")) is None
        changing = asyncio.create_task(saved(storage, replace(ada, state=CustomerState.LEAVING)))
        await asyncio.sleep(0.2)
        assert not changing.done()
        await uow.commit()
    await changing


def whose(customer: Customer, **changes: Any) -> Payer:
    return Payer(customer_id=customer.id, **changes)


async def test_orders_and_checkouts_of_a_customer_are_found_page_by_page(storage: Storage) -> None:
    ada, eva = a_customer(), a_customer("eva@example.com")
    theirs = [(await storage.keep(placed_facts(payer=whose(ada)))).order.id for _ in range(3)]
    await storage.keep(placed_facts(payer=whose(eva)))
    await storage.keep(placed_facts())
    carts = [a_checkout(customer_id=ada.id), a_checkout(customer_id=eva.id), a_checkout()]
    async with storage.unit_of_work() as uow:
        for cart in carts:
            await uow.checkouts.add(cart)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        first = await uow.orders.of_customer(ada.id, None, 2)
        assert [*first, *await uow.orders.of_customer(ada.id, first[-1], 2)] == sorted(theirs)
        assert await uow.checkouts.of_customer(ada.id) == carts[:1]


async def test_a_person_is_taken_out_of_an_order_and_its_money_stays(storage: Storage) -> None:
    ada = a_customer()
    before = await storage.keep(placed_facts(payer=whose(ada, user_id="user-7")), NOW)
    left = replace(forgotten_order(before.order), version=before.order.version + 1)
    async with storage.unit_of_work() as uow:
        await uow.orders.forget_person(left)
        await uow.commit()
    after = await storage.load(before.order.id)
    assert after.order == left
    assert replace(after, order=before.order) == before
    outdated = replace(left, name="Somebody else")
    with pytest.raises(ConcurrentChange):
        await _forget(storage, outdated)
    assert await storage.load(before.order.id) == after


async def _forget(storage: Storage, order: Order) -> None:
    async with storage.unit_of_work() as uow:
        await uow.orders.forget_person(order)
        await uow.commit()


async def test_whoever_loaded_an_order_before_does_not_bring_its_person_back(storage: Storage) -> None:
    before = await storage.keep(placed_facts(payer=whose(a_customer())))
    await _forget(storage, replace(forgotten_order(before.order), version=before.order.version + 1))
    told = before.told(EventKind.ORDER_EXPIRED, NOW, before.order.id)
    with pytest.raises(ConcurrentChange):
        await _save_order(storage, before, told)
    assert (await storage.load(before.order.id)).order.email is None


async def _save_order(storage: Storage, before: OrderFacts, after: OrderFacts) -> None:
    async with storage.unit_of_work() as uow:
        await uow.orders.save(before, after, None)
        await uow.commit()


async def test_what_a_customer_was_told_is_found(storage: Storage) -> None:
    ada = a_customer()
    before = await storage.keep(placed_facts(payer=whose(ada)))
    await storage.keep(placed_facts())
    message = OutgoingMessage(id=new_id("msg"), kind=MessageKind.ORDER_CONFIRMATION, order_id=before.order.id)
    after = replace(before, news=replace(before.news, messages=(message,)))
    await _save_order(storage, before, after)
    waiting = Told(kind="order_confirmation", about=before.order.id, sent=False)
    async with storage.unit_of_work() as uow:
        assert await uow.outbox.of_customer(ada.id) == [waiting]
        await uow.outbox.done([message.id], NOW)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert [told.sent for told in await uow.outbox.of_customer(ada.id)] == [True]
        assert await uow.outbox.of_customer(CustomerId("cus_unknown")) == []


async def test_subscriptions_of_a_customer_are_found(storage: Storage) -> None:
    ada = await kept(storage, a_customer())
    theirs = replace(a_new_subscription(), customer_id=ada.id)
    async with storage.unit_of_work() as uow:
        await uow.subscriptions.add(theirs, None)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert await uow.subscriptions.of_customer(ada.id) == [theirs.id]
        assert await uow.subscriptions.of_customer(CustomerId("cus_unknown")) == []
