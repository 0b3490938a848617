"""The whole application, many at the same thing at once, on a real PostgreSQL: one effect, matching books."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from adapters.postgres.pool import open_pool
from application.buy_now import Purchase
from application.cancel_order import Cancellation
from application.place_order import Placement
from domain.errors import CheckoutNotReady, OrderAlreadyPaid, OrderNotPayable, OutOfStock
from domain.identifiers import CheckoutId, OrderId
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Payment
from tests.application.shop import ASKS_BANK, EUR, TOTAL_MINOR, WORKS, draft
from tests.postgres.shop import PostgresShop

ROUNDS = 15
OpenShop = Callable[[int], PostgresShop]


@pytest.fixture
async def open_shop(new_database_url: Callable[[], str]) -> AsyncIterator[OpenShop]:
    """A shop with so many pieces, on a database of its own; one a test."""
    async with open_pool(new_database_url(), 20) as pool:
        yield lambda pieces: PostgresShop(pool, pieces)


def payment_of(facts: OrderFacts) -> tuple[Payment, str]:
    (payment,) = facts.payments
    assert payment.reference is not None
    return payment, payment.reference


async def assert_settled(shop: PostgresShop, order_id: OrderId) -> OrderFacts:
    """Provider, books and order agree: either all of the money or none."""
    facts = await shop.facts(order_id)
    held = shop.collected(facts)
    assert held == await shop.collected_by_the_books(order_id)
    assert held == (TOTAL_MINOR if facts.order.state is OrderState.COMPLETED else 0)
    assert not facts.attempts
    messages = await shop.rows(
        "SELECT kind FROM outbox JOIN orders ON number = order_number WHERE orders.id = $1", order_id
    )
    assert [row["kind"] for row in messages] == ["order_confirmation"] * (held > 0)
    return facts


async def test_fifty_webhooks_for_one_payment_at_once_have_one_effect(open_shop: OpenShop) -> None:
    shop = await open_shop(10).stocked()
    placed = await shop.tries(await shop.placed(), ASKS_BANK)
    _, reference = payment_of(placed)
    shop.provider.complete_authentication(reference)
    webhooks = [await shop.receives_webhook(reference) for _ in range(50)]
    # Each is nudged twice, as Redis may do.
    await asyncio.gather(*(shop.handle_webhook(webhook_id) for webhook_id in webhooks * 2))
    facts = await assert_settled(shop, placed.order.id)
    assert facts.order.state is OrderState.COMPLETED
    assert shop.effects["capture"] == 1
    told = await shop.rows(
        "SELECT count(*) FILTER (WHERE done_at IS NOT NULL) AS done, max(tries) AS tries FROM inbox"
    )
    assert (told[0]["done"], told[0]["tries"]) == (50, 1)


async def test_two_runners_of_one_order_have_one_effect(open_shop: OpenShop) -> None:
    shop = await open_shop(ROUNDS).stocked()
    for number in range(1, ROUNDS + 1):
        placed = await shop.placed()
        payment, reference = payment_of(placed)
        shop.provider.complete_authentication(reference)
        snapshot, now = await shop.provider.retrieve(reference), shop.clock.now()

        def paid(facts: OrderFacts) -> OrderFacts:
            return facts.payment_observed(payment.id, snapshot, now)  # noqa: B023 - used within the round

        order_id = placed.order.id
        await asyncio.gather(*(shop.advance.record(order_id, paid) for _ in range(2)), shop.advance(order_id))
        facts = await assert_settled(shop, order_id)
        assert facts.order.state is OrderState.COMPLETED
        assert shop.effects["capture"] == number
    assert (await shop.level()).sold == ROUNDS


async def test_a_cancellation_against_a_capture_ends_in_one_or_the_other(open_shop: OpenShop) -> None:
    shop = await open_shop(ROUNDS).stocked()
    ends: Counter[OrderState] = Counter()
    for delay in range(ROUNDS):
        placed = await shop.placed()
        _, reference = payment_of(placed)
        shop.provider.complete_authentication(reference)
        webhook_id = await shop.receives_webhook(reference)
        cancellation = Cancellation(order_id=placed.order.id, reason=ClosingReason.SHOPPER)

        async def cancel(wait: float, cancellation: Cancellation = cancellation) -> None:
            await asyncio.sleep(wait)
            with_money = await asyncio.gather(shop.cancel(cancellation), return_exceptions=True)
            assert isinstance(with_money[0], OrderFacts | OrderAlreadyPaid)

        await asyncio.gather(shop.handle_webhook(webhook_id), cancel(delay / 300))
        for _ in range(3):
            await shop.after(placed.order.id, timedelta(seconds=40))
        ends[(await assert_settled(shop, placed.order.id)).order.state] += 1
    assert set(ends) <= {OrderState.COMPLETED, OrderState.CANCELLED}
    level = await shop.level()
    assert (level.held, level.sold) == (0, ends[OrderState.COMPLETED])
    assert ends[OrderState.COMPLETED], "no round was won by the payment"
    assert ends[OrderState.CANCELLED], "no round was won by the cancellation"


async def test_an_expiry_against_a_payment_loses_no_money(open_shop: OpenShop) -> None:
    shop = await open_shop(ROUNDS).stocked()
    ends: Counter[OrderState] = Counter()
    for number in range(ROUNDS):
        placed = await shop.placed()
        _, reference = payment_of(placed)
        webhook_id = await shop.receives_webhook(reference)
        shop.clock.advance(shop.rules.payment_window)

        async def pay(wait: float, reference: str = reference, webhook_id: str = webhook_id) -> None:
            await asyncio.sleep(wait)
            if shop.provider._held(reference).snapshot.state.value == "awaiting_method":
                shop.provider.complete_authentication(reference)
            await shop.handle_webhook(webhook_id)

        await asyncio.gather(shop.sweep(), shop.sweep(), pay(number / 500))
        for _ in range(3):
            await shop.after(placed.order.id, timedelta(seconds=40))
        facts = await assert_settled(shop, placed.order.id)
        ends[facts.order.state] += 1
    assert set(ends) <= {OrderState.COMPLETED, OrderState.EXPIRED}
    level = await shop.level()
    assert (level.held, level.sold) == (0, ends[OrderState.COMPLETED])
    assert len(ends) == 2, f"all rounds ended alike: {ends}"


async def test_two_hundred_shoppers_for_ten_pieces_make_exactly_ten_orders(open_shop: OpenShop) -> None:
    shop = await open_shop(10).stocked()

    async def shopper() -> OrderFacts | None:
        try:
            return await shop.bought()
        except (OutOfStock, CheckoutNotReady):
            return None

    bought = [facts for facts in await asyncio.gather(*(shopper() for _ in range(200))) if facts is not None]
    assert len(bought) == 10
    level = await shop.level()
    assert (level.received, level.held, level.sold) == (10, 0, 10)
    for facts in bought:
        await assert_settled(shop, facts.order.id)
    (orders,) = await shop.rows("SELECT count(*) AS made FROM orders")
    assert orders["made"] == 10


@pytest.mark.parametrize("pieces", [1, 10])
async def test_the_same_place_request_fifty_times_at_once_is_one_order_for_all(
    open_shop: OpenShop, pieces: int
) -> None:
    shop = await open_shop(pieces).stocked()
    opened = await shop.open(EUR, draft())
    placement = Placement(
        checkout_id=opened.checkout.id,
        version=opened.checkout.version,
        accepted_total_minor=TOTAL_MINOR,
        instrument=WORKS,
    )
    answers = await asyncio.gather(*(shop.place_order(placement) for _ in range(50)))
    assert len({facts.order.id for facts in answers}) == 1
    facts = await assert_settled(shop, answers[0].order.id)
    assert facts.order.state is OrderState.COMPLETED
    assert shop.effects["create"] == 1
    assert (await shop.level()).sold == 1


@pytest.mark.parametrize("pieces", [1, 10])
async def test_the_same_purchase_fifty_times_at_once_is_one_order_for_all(
    open_shop: OpenShop, pieces: int
) -> None:
    shop = await open_shop(pieces).stocked()
    purchase = Purchase(
        currency=EUR,
        draft=draft(),
        accepted_total_minor=TOTAL_MINOR,
        instrument=WORKS,
        checkout_id=CheckoutId(shop.clock.new_id("chk")),
    )
    answers = await asyncio.gather(*(shop.buy_now(purchase) for _ in range(50)))
    assert len({bought.facts.order.id for bought in answers}) == 1
    assert sum(bought.client_token is not None for bought in answers) == 1
    await assert_settled(shop, answers[0].facts.order.id)
    assert shop.effects["create"] == 1
    assert (await shop.level()).sold == 1


async def test_a_shopper_who_pays_twenty_times_at_once_pays_once(open_shop: OpenShop) -> None:
    shop = await open_shop(10).stocked()
    placed = await shop.placed()

    async def pay() -> bool:
        try:
            await shop.tries(placed, WORKS)
        except OrderNotPayable:
            return False
        return True

    assert any(await asyncio.gather(*(pay() for _ in range(20))))
    facts = await assert_settled(shop, placed.order.id)
    assert facts.order.state is OrderState.COMPLETED
    assert (shop.effects["confirm"], shop.effects["capture"]) == (1, 1)
