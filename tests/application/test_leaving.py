"""Whoever leaves is forgotten, here and at the provider, whatever crashes; their money stays in the books."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Final

import pytest

from adapters.in_memory.orders import InMemoryOrders
from adapters.in_memory.unit_of_work import InMemoryUnitOfWork
from application.migrate_customers import MappedId, MigrateCustomers
from application.place_order import Placement
from domain.checkout import CheckoutState
from domain.customer import AccountState, Customer, CustomerState
from domain.errors import CustomerStillNeeded, EmailAlreadyRegistered, NotACustomer, UnknownCustomer
from domain.identifiers import CustomerId
from domain.order import OrderState
from domain.standing import SubscriptionState
from domain.values import replace
from ports.errors import ConcurrentChange, OutcomeUnknown, PortError, Rejected, Unavailable
from tests.application.shop import EUR, TOTAL_MINOR, WORKS, Shop, draft
from tests.application.test_customers import ADA, HOUR, later, placed
from tests.subscribers import a_subscription

PERSONAL: Final = (
    "shopper@example.com",
    "A. Shopper",
    "Hauptstr.",
    "Berlin",
    "ada@",
    "Ada",
    "user-7",
    "correct",
)


async def bought(shop: Shop) -> Customer:
    """A customer with a paid order, a saved card, and a cart that they left standing."""
    ada = await shop.register_customer(ADA)
    await placed(shop, ada, saves_method=True)
    await shop.open(EUR, replace(draft(), customer_id=ada.id))
    assert not (await shop.sweep()).failures
    return ada


def recognised(shop: Shop) -> list[str]:
    """What storage and provider still know a person by."""
    told = [*_texts(shop.storage), *_texts(shop.vault.everybody())]
    return [word for word in PERSONAL if any(word in text for text in told)]


def _texts(thing: object) -> Iterator[str]:
    """Every text in it, those that are in no `repr` among them."""
    if isinstance(thing, str):
        yield thing
    elif is_dataclass(thing):
        for each in fields(thing):
            yield from _texts(getattr(thing, each.name))
    elif isinstance(thing, Mapping):
        yield from _texts([*thing.keys(), *thing.values()])
    elif isinstance(thing, tuple | list):
        for part in thing:
            yield from _texts(part)


async def test_nobody_can_be_recognised_and_every_cent_stays(shop: Shop) -> None:
    ada = await bought(shop)
    (record,) = shop.storage.orders.values()
    assert recognised(shop)
    left = await shop.delete_customer(ada.id)
    assert left.state is CustomerState.DELETED
    assert recognised(shop) == []
    (after,) = shop.storage.orders.values()
    assert after.entries == record.entries
    assert after.facts.payments == record.facts.payments
    assert after.facts.order.totals == record.facts.order.totals
    states = {checkout.state for checkout in shop.storage.checkouts.values()}
    assert states == {CheckoutState.PLACED, CheckoutState.CANCELLED}
    assert list(shop.vault.everybody()) == []


async def test_a_subscription_that_is_over_keeps_its_bills_and_nobody(shop: Shop) -> None:
    ada = await bought(shop)
    ended = a_subscription(SubscriptionState.ENDED, customer_id=ada.id)
    async with shop.unit_of_work() as uow:
        await uow.subscriptions.add(ended, None)
        await uow.commit()
    assert (await shop.delete_customer(ada.id)).state is CustomerState.DELETED
    async with shop.unit_of_work() as uow:
        left = await uow.subscriptions.get(ended.id)
    assert left is not None
    assert (left.customer_reference, left.instrument) == ("", None)
    assert (left.terms, left.reference, left.ended_at) == (ended.terms, ended.reference, ended.ended_at)


async def test_asking_again_does_no_harm(shop: Shop) -> None:
    ada = await bought(shop)
    left = await shop.delete_customer(ada.id)
    assert await shop.delete_customer(ada.id) == replace(left, version=left.version + 1)
    assert await later(shop, ada) is not None


async def test_the_address_is_free_for_somebody_new(shop: Shop) -> None:
    ada = await shop.register_customer(ADA)
    with pytest.raises(EmailAlreadyRegistered):
        await shop.register_customer(ADA)
    await shop.delete_customer(ada.id)
    assert (await shop.register_customer(ADA)).id != ada.id


async def test_an_open_order_is_waited_for(shop: Shop) -> None:
    ada = await shop.register_customer(ADA)
    opened = await shop.open(EUR, replace(draft(), customer_id=ada.id))
    facts = await shop.place_order(
        Placement(checkout_id=opened.checkout.id, version=1, accepted_total_minor=TOTAL_MINOR)
    )
    with pytest.raises(CustomerStillNeeded) as refused:
        await shop.delete_customer(ada.id)
    assert refused.value.waits_for == (facts.order.id,)
    assert (await shop.read_customer(ada.id)).state is CustomerState.ACTIVE
    await shop.after(facts.order.id, timedelta(hours=2))
    await shop.after(facts.order.id, timedelta(hours=2))
    assert (await shop.delete_customer(ada.id)).state is CustomerState.DELETED


@pytest.mark.parametrize(
    ("moment", "error"),
    [
        ("before", Unavailable("away")),
        ("before", OutcomeUnknown("lost")),
        ("after", OutcomeUnknown("lost")),
        ("before", Rejected("busy")),
    ],
)
async def test_a_provider_that_fails_is_asked_until_it_has_forgotten(
    shop: Shop, moment: str, error: PortError
) -> None:
    ada = await bought(shop)
    shop.faults.planned.append(("remove", moment, error))  # type: ignore[arg-type]
    leaving = await shop.delete_customer(ada.id)
    assert leaving.state is CustomerState.LEAVING
    assert leaving.accounts[0].state is AccountState.LEAVING
    left = await later(shop, ada)
    assert left.state is CustomerState.DELETED
    assert recognised(shop) == []


async def test_whoever_may_have_been_registered_is_looked_for_before_they_are_forgotten(shop: Shop) -> None:
    shop.faults.planned.append(("register", "after", OutcomeUnknown("lost")))
    ada = await shop.register_customer(ADA)
    assert (await shop.delete_customer(ada.id)).state is CustomerState.LEAVING
    left = await later(shop, ada)
    assert left.state is CustomerState.DELETED
    assert list(shop.vault.everybody()) == []


async def test_a_registration_that_came_to_nothing_leaves_once_none_can_arrive(shop: Shop) -> None:
    shop.faults.planned.append(("register", "before", Unavailable("away")))
    ada = await shop.register_customer(ADA)
    assert (await shop.delete_customer(ada.id)).state is CustomerState.LEAVING
    assert (await later(shop, ada, HOUR)).state is CustomerState.DELETED


async def test_nothing_is_bought_in_the_name_of_somebody_who_leaves(shop: Shop) -> None:
    ada = await shop.register_customer(ADA)
    opened = await shop.open(EUR, replace(draft(), customer_id=ada.id))
    shop.faults.planned.append(("remove", "before", Unavailable("away")))
    await shop.delete_customer(ada.id)
    with pytest.raises(NotACustomer):
        await shop.place_order(
            Placement(
                checkout_id=opened.checkout.id,
                version=1,
                accepted_total_minor=TOTAL_MINOR,
                instrument=WORKS,
            )
        )
    assert shop.storage.orders == {}


async def test_no_worker_comes_between_a_deletion_that_is_under_way(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await bought(shop)
    commit, commits = InMemoryUnitOfWork.commit, 0

    async def watched(self: InMemoryUnitOfWork) -> None:
        nonlocal commits
        await commit(self)
        commits += 1
        now = shop.clock.now()
        async with InMemoryUnitOfWork(shop.storage) as uow:
            assert await uow.customers.due(now, now, 1) == []

    with monkeypatch.context() as patch:
        patch.setattr(InMemoryUnitOfWork, "commit", watched)
        assert (await shop.delete_customer(ada.id)).state is CustomerState.DELETED
    assert commits > 1


@pytest.mark.parametrize("dies_at", range(1, 9))
async def test_a_deletion_that_is_broken_off_at_any_commit_is_finished_by_the_sweeper(
    shop: Shop, dies_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DiedError(BaseException):
        pass

    ada = await bought(shop)
    commit, commits = InMemoryUnitOfWork.commit, 0

    async def dying(self: InMemoryUnitOfWork) -> None:
        nonlocal commits
        commits += 1
        if commits == dies_at:
            raise DiedError
        await commit(self)

    with monkeypatch.context() as patch:
        patch.setattr(InMemoryUnitOfWork, "commit", dying)
        with suppress(DiedError):
            await shop.delete_customer(ada.id)
    if dies_at > 1:
        assert (await later(shop, ada)).state is CustomerState.DELETED
        assert recognised(shop) == []
    else:
        assert (await shop.read_customer(ada.id)).state is CustomerState.ACTIVE


async def test_an_export_tells_all_that_is_known(shop: Shop) -> None:
    ada = await bought(shop)
    export = await shop.export_customer(ada.id)
    assert export.customer.email == "ada@example.com"
    assert [each.method.ending for each in export.methods] == ["4242"]
    assert [facts.order.state for facts in export.orders] == [OrderState.COMPLETED]
    assert len(export.checkouts) == 1
    assert [(told.kind, told.sent) for told in export.told] == [("order_confirmation", True)]


async def test_who_went_to_a_provider_that_cant_be_asked_is_exported_all_the_same(shop: Shop) -> None:
    ada = await bought(shop)
    account = ada.account_at("simulated")
    assert account is not None
    assert account.reference is not None
    moved = MappedId(line=2, old=account.reference, new="shopper_1")
    await MigrateCustomers(shop.unit_of_work, shop.clock)("simulated", "adyen", [moved])
    export = await shop.export_customer(ada.id)
    assert [saved.provider for saved in export.methods] == ["simulated"]


async def test_half_an_export_is_none(shop: Shop) -> None:
    ada = await bought(shop)
    shop.faults.planned.append(("methods", "before", Unavailable("away")))
    with pytest.raises(Unavailable):
        await shop.export_customer(ada.id)


async def test_nobody_unknown_is_exported_or_deleted(shop: Shop) -> None:
    for story in (shop.export_customer, shop.delete_customer):
        with pytest.raises(UnknownCustomer):
            await story(CustomerId("cus_unknown"))


async def test_an_order_that_keeps_changing_is_not_forgotten_by_half(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes it again and again: the deletion stays due."""
    ada = await bought(shop)

    async def collides(*_: object) -> None:
        raise ConcurrentChange

    with monkeypatch.context() as patch:
        patch.setattr(InMemoryOrders, "forget_person", collides)
        with pytest.raises(ConcurrentChange):
            await shop.delete_customer(ada.id)
    assert (await later(shop, ada)).state is CustomerState.DELETED
