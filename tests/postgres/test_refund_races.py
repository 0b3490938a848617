"""Many refunds of one order at once on a real PostgreSQL: as many as fit, never a cent more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from adapters.postgres.pool import open_pool
from application.request_refund import RefundRequest
from domain.errors import DomainRefusal, RefundExceedsBalance, TooManyPieces
from domain.identifiers import RefundId
from domain.money import Money
from domain.order_facts import OrderFacts
from domain.refund import RefundedLine, RefundState
from tests.application.shop import TOTAL_MINOR
from tests.postgres.shop import PostgresShop

OpenShop = Callable[[int], PostgresShop]
Ask = Callable[[int], RefundRequest]


@pytest.fixture
async def open_shop(new_database_url: Callable[[], str]) -> AsyncIterator[OpenShop]:
    async with open_pool(new_database_url(), 20) as pool:
        yield lambda pieces: PostgresShop(pool, pieces)


async def race(shop: PostgresShop, asks: list[RefundRequest]) -> list[type[DomainRefusal] | None]:
    """How each ended: None if it was accepted."""

    async def one(request: RefundRequest) -> type[DomainRefusal] | None:
        try:
            await shop.request_refund(request)
        except DomainRefusal as refusal:
            return type(refusal)
        return None

    return await asyncio.gather(*(one(request) for request in asks))


async def at_rest(shop: PostgresShop, facts: OrderFacts) -> OrderFacts:
    for _ in range(3):
        await shop.after(facts.order.id, timedelta(seconds=40))
    return await shop.facts(facts.order.id)


def request(facts: OrderFacts, number: int, minor: int | None = None) -> RefundRequest:
    amount = Money.of(minor, "EUR") if minor is not None else None
    return RefundRequest(order_id=facts.order.id, refund_id=RefundId(f"ref_{number:026d}"), amount=amount)


async def test_of_fifty_refunds_at_once_exactly_as_many_succeed_as_fit(open_shop: OpenShop) -> None:
    shop = await open_shop(10).stocked()
    facts = await shop.bought()
    ends = await race(shop, [request(facts, number, 100) for number in range(50)])
    fit = TOTAL_MINOR // 100
    assert ends.count(None) == fit
    assert ends.count(RefundExceedsBalance) == 50 - fit
    done = await at_rest(shop, facts)
    assert [refund.state for refund in done.refunds] == [RefundState.SUCCEEDED] * fit
    assert shop.collected(done) == await shop.collected_by_the_books(done.order.id) == TOTAL_MINOR % 100
    assert shop.effects["refund"] == fit
    assert not done.attempts


async def test_of_fifty_full_refunds_at_once_one_succeeds(open_shop: OpenShop) -> None:
    shop = await open_shop(10).stocked()
    facts = await shop.bought()
    ends = await race(shop, [request(facts, number) for number in range(50)])
    assert (ends.count(None), ends.count(RefundExceedsBalance)) == (1, 49)
    done = await at_rest(shop, facts)
    assert [refund.amount.minor for refund in done.refunds] == [TOTAL_MINOR]
    assert shop.collected(done) == await shop.collected_by_the_books(done.order.id) == 0


async def test_the_same_refund_fifty_times_at_once_is_one(open_shop: OpenShop) -> None:
    shop = await open_shop(10).stocked()
    facts = await shop.bought()
    ends = await race(shop, [request(facts, 1, 500)] * 50)
    assert ends == [None] * 50
    done = await at_rest(shop, facts)
    assert len(done.refunds) == shop.effects["refund"] == 1
    assert shop.collected(done) == TOTAL_MINOR - 500


async def test_a_piece_is_restocked_once_however_many_ask(open_shop: OpenShop) -> None:
    shop = await open_shop(10).stocked()
    facts = await shop.bought()
    back = (RefundedLine(line_id=facts.order.lines[0].id, quantity=1),)
    asks = [
        RefundRequest(
            order_id=facts.order.id,
            refund_id=RefundId(f"ref_{number:026d}"),
            amount=Money.of(1, "EUR"),
            restock=back,
        )
        for number in range(20)
    ]
    ends = await race(shop, asks)
    assert (ends.count(None), ends.count(TooManyPieces)) == (1, 19)
    level = await shop.level()
    assert (level.received, level.held, level.sold) == (10, 0, 0)
