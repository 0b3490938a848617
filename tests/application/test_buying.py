"""From cart to paid order, and the refusals on the way."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.cart_draft import CartPatch, DraftLine
from application.change_checkout import CheckoutChange
from application.place_order import Placement
from domain.catalog import Product
from domain.errors import (
    CheckoutNotReady,
    OrderNotPayable,
    OutOfStock,
    QuoteChanged,
    StaleVersion,
    UnknownCheckout,
    UnknownSku,
)
from domain.identifiers import Sku
from domain.money import Money
from domain.order import OrderState
from domain.payment import PaymentState
from tests.application.shop import ASKS_BANK, EUR, LACKS_FUNDS, TEA, TOTAL_MINOR, WORKS, Shop, draft


async def test_a_card_that_works_pays_the_order_and_the_books_explain_it(shop: Shop) -> None:
    facts = await shop.bought()
    assert facts.order.state is OrderState.COMPLETED
    assert shop.collected(facts) == TOTAL_MINOR
    assert (shop.stock.held, shop.stock.sold) == (0, 1)
    balances = await shop.balances(facts.order.id)
    assert balances["provider"] == TOTAL_MINOR
    assert balances["shopper"] == 0
    assert (balances["sales"], balances["delivery"], balances["tax"]) == (-1200, -500, -323)


async def test_an_order_is_held_before_it_is_paid(shop: Shop) -> None:
    facts = await shop.placed()
    assert facts.order.state is OrderState.OPEN
    assert facts.payments[0].state is PaymentState.AWAITING_METHOD
    assert (shop.stock.held, shop.stock.sold) == (1, 0)


async def test_a_decline_keeps_the_hold_and_another_card_works(shop: Shop) -> None:
    placed = await shop.placed()
    declined = await shop.tries(placed, LACKS_FUNDS)
    assert declined.payments[0].decline is not None
    assert (declined.order.state, shop.stock.held) == (OrderState.OPEN, 1)
    paid = await shop.tries(placed, WORKS)
    assert paid.order.state is OrderState.COMPLETED
    assert shop.collected(paid) == TOTAL_MINOR


async def test_a_bank_that_asks_is_waited_for(shop: Shop) -> None:
    placed = await shop.placed()
    asked = await shop.tries(placed, ASKS_BANK)
    payment = asked.payments[0]
    assert payment.state is PaymentState.AWAITING_ACTION
    assert payment.reference is not None
    shop.provider.complete_authentication(payment.reference)
    paid = await shop.advance(placed.order.id)
    assert paid.order.state is OrderState.OPEN, "nobody has told us yet"
    paid = await shop.after(placed.order.id, shop.rules.payment_try_time)
    assert paid.order.state is OrderState.COMPLETED


async def test_placing_a_checkout_twice_makes_one_order(shop: Shop) -> None:
    opened = await shop.open(EUR, draft())
    placement = Placement(checkout_id=opened.checkout.id, version=1, accepted_total_minor=TOTAL_MINOR)
    answers = await asyncio.gather(*(shop.place_order(placement) for _ in range(20)))
    assert len({facts.order.id for facts in answers}) == 1
    assert shop.stock.held == 1


async def test_the_last_piece_is_sold_once(shop: Shop) -> None:
    few = await Shop(pieces=1).stocked()
    await few.placed()
    with pytest.raises((OutOfStock, CheckoutNotReady)):
        await few.bought()
    assert (few.stock.held, few.stock.free) == (1, 0)


async def test_a_price_that_rose_has_to_be_accepted(shop: Shop) -> None:
    opened = await shop.open(EUR, draft())
    async with shop.unit_of_work() as uow:
        await uow.catalog.put([Product(sku=TEA, title="Tea", prices=(Money.of(1300, "EUR"),))])
        await uow.commit()
    placement = Placement(checkout_id=opened.checkout.id, version=1, accepted_total_minor=TOTAL_MINOR)
    with pytest.raises(QuoteChanged) as refused:
        await shop.place_order(placement)
    assert refused.value.total_minor == 2142
    accepted = replace(placement, version=2, accepted_total_minor=2142)
    assert (await shop.place_order(accepted)).order.total == Money.of(2142, "EUR")


async def test_a_version_that_is_not_the_present_one_is_refused(shop: Shop) -> None:
    opened = await shop.open(EUR, draft())
    with pytest.raises(StaleVersion):
        await shop.place_order(
            Placement(checkout_id=opened.checkout.id, version=7, accepted_total_minor=TOTAL_MINOR)
        )


async def test_a_foreign_token_sees_no_checkout(shop: Shop) -> None:
    opened = await shop.open(EUR, draft())
    placement = Placement(
        checkout_id=opened.checkout.id, version=1, accepted_total_minor=TOTAL_MINOR, token_hash="foreign"
    )
    with pytest.raises(UnknownCheckout):
        await shop.place_order(placement)


async def test_an_unknown_sku_is_refused_by_its_place_in_the_cart(shop: Shop) -> None:
    unknown = replace(draft(), lines=(*draft().lines, DraftLine(sku=Sku("NONE"), quantity=1)))
    with pytest.raises(UnknownSku) as refused:
        await shop.open(EUR, unknown)
    assert refused.value.path == "/lines/1/sku"


async def test_a_patch_keeps_what_it_does_not_name_and_clears_what_it_sets_to_none(shop: Shop) -> None:
    opened = await shop.open(EUR, draft())
    patched = await shop.change(CheckoutChange(checkout_id=opened.checkout.id, content=CartPatch(email=None)))
    assert patched.email is None
    assert patched.name == "A. Shopper"
    assert patched.version == 2
    assert {m.code for m in patched.messages(shop.rules)} == {"email_missing"}


async def test_a_paid_order_takes_no_other_card(shop: Shop) -> None:
    paid = await shop.bought()
    with pytest.raises(OrderNotPayable):
        await shop.tries(paid, WORKS)


async def test_cards_that_are_declined_one_after_the_other_do_not_keep_the_goods_from_others() -> None:
    shop = await Shop(pieces=1).stocked()
    facts = await shop.placed()
    between, most = timedelta(minutes=9), shop.rules.payment_window + shop.rules.payment_try_time
    for _ in range(most // between):
        facts = await shop.after(facts.order.id, between)
        facts = await shop.tries(facts, LACKS_FUNDS)
    facts = await shop.after(facts.order.id, between)
    assert facts.order.state is OrderState.EXPIRED
    assert (shop.stock.held, shop.stock.free) == (0, 1)
