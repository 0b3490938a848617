"""Many at one subscription at once, on a real PostgreSQL: one subscription, one booking, one letter."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from adapters.postgres.pool import open_pool
from adapters.postgres.subscriptions import PostgresSubscriptionLists
from domain.errors import AlreadySubscribed
from domain.identifiers import SubscriptionId
from domain.journal import Account
from domain.standing import Entitlement, SubscriptionState
from domain.subscription import Subscription
from domain.values import replace
from tests.application.subscribing import FAILS, SILVER, Subscriber, reference_of
from tests.postgres.shop import PostgresShop

PEOPLE = 12


class Club(Subscriber):
    """One customer of a shop on PostgreSQL."""

    def __init__(self, shop: PostgresShop) -> None:
        super().__init__(shop)
        self.postgres = shop

    async def booked(self, subscription: Subscription) -> int:
        lists = PostgresSubscriptionLists(self.postgres._pool)
        balances = {row.account: row.minor for row in await lists.balances(subscription.id)}
        return balances.get(Account.PROVIDER, 0)

    async def letters(self) -> list[str]:
        rows = await self.postgres.rows("SELECT kind FROM outbox WHERE subscription_number IS NOT NULL")
        return [row["kind"] for row in rows]


@pytest.fixture
async def club(new_database_url: Callable[[], str]) -> AsyncIterator[Club]:
    async with open_pool(new_database_url(), 20) as pool:
        club = Club(PostgresShop(pool))
        await club.registered()
        yield club


async def test_many_different_requests_make_one_subscription(club: Club) -> None:
    draft = club.draft()
    ends = await asyncio.gather(*(club.shop.subscribe(draft) for _ in range(PEOPLE)), return_exceptions=True)
    made = [end for end in ends if isinstance(end, Subscription)]
    assert len(made) == 1
    assert sum(isinstance(end, AlreadySubscribed) for end in ends) == PEOPLE - 1
    assert len(club.shop.billing.everything()) == 1
    assert await club.booked(made[0]) == 1900


async def test_many_repeats_of_one_request_make_one_subscription(club: Club) -> None:
    draft = replace(club.draft(), id=SubscriptionId("sub_same"))
    ends = await asyncio.gather(*(club.shop.subscribe(draft) for _ in range(PEOPLE)), return_exceptions=True)
    # Who comes second finds it there, or the plan taken by it.
    assert all(isinstance(end, Subscription | AlreadySubscribed) for end in ends)
    assert len(club.shop.billing.everything()) == 1
    assert await club.booked(await club.known(SubscriptionId("sub_same"))) == 1900


async def test_many_webhooks_at_once_book_and_tell_once(club: Club) -> None:
    gold = await club.subscribes()
    club.shop.billing.use_method(reference_of(gold), FAILS)
    club.shop.billing.bill_next_period(reference_of(gold))
    await asyncio.gather(*(club.hears(gold) for _ in range(PEOPLE)))
    owing = await club.known(gold.id)
    assert (owing.state, owing.entitlement) == (SubscriptionState.PAST_DUE, Entitlement.GRACE)
    assert await club.letters() == ["invoice_unpaid"]
    club.shop.billing.pay_open(reference_of(gold))
    await asyncio.gather(*(club.hears(gold) for _ in range(PEOPLE)))
    assert await club.booked(gold) == 2 * 1900
    assert (await club.known(gold.id)).entitlement is Entitlement.FULL


async def test_several_sweepers_downgrade_once(club: Club) -> None:
    owing = await club.owing()
    club.shop.clock.advance(club.shop.rules.dunning_grace + timedelta(minutes=1))
    swept = await asyncio.gather(*(club.shop.sweep() for _ in range(6)))
    assert not [failure for each in swept for failure in each.failures]
    assert (await club.known(owing.id)).entitlement is Entitlement.NONE
    assert sorted(await club.letters()) == ["downgraded", "invoice_unpaid"]


async def test_a_change_and_webhooks_at_once_leave_the_plan_that_was_asked_for(club: Club) -> None:
    gold = await club.subscribes()
    await asyncio.gather(club.shop.change_plan(gold.id, SILVER), *(club.hears(gold) for _ in range(PEOPLE)))
    after = await club.later(gold)
    assert (after.terms.plan_id, after.wish) == (SILVER, None)
    assert after.billed_price == SILVER
