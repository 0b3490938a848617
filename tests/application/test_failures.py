"""Answers that are lost, vendors that are away, runners that die: each order ends right all the same."""

from datetime import timedelta

import pytest

from application.cancel_order import Cancellation
from domain.attempt import TRIES_BEFORE_CASE
from domain.case import CaseReason
from domain.errors import OrderAlreadyPaid
from domain.order import ClosingReason, OrderState
from domain.payment import PaymentState
from ports.errors import OutcomeUnknown, PortError, Unavailable
from tests.application.shop import TOTAL_MINOR, WORKS, Shop

A_WHILE = timedelta(seconds=30)


@pytest.mark.parametrize("operation", ["create", "confirm", "capture"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("error", [OutcomeUnknown("timeout"), Unavailable("refused")])
async def test_a_call_that_fails_is_settled_and_charged_once(
    shop: Shop, operation: str, moment: str, error: PortError
) -> None:
    if isinstance(error, Unavailable) and moment == "after":
        pytest.skip("a vendor that took effect does not say that it was unavailable")
    shop.faults.planned.append((operation, moment, error))  # type: ignore[arg-type]  # "before" or "after"
    placed = await shop.placed()
    facts = await shop.after(placed.order.id, A_WHILE)
    facts = await shop.tries(facts, WORKS)
    for _ in range(3):
        facts = await shop.after(placed.order.id, A_WHILE)
    assert facts.order.state is OrderState.COMPLETED
    assert shop.collected(facts) == TOTAL_MINOR
    assert (shop.stock.held, shop.stock.sold) == (0, 1)
    assert (await shop.balances(facts.order.id))["provider"] == TOTAL_MINOR


async def test_a_shopper_who_walks_away_leaves_no_hold_and_no_payment(shop: Shop) -> None:
    placed = await shop.placed()
    facts = await shop.after(placed.order.id, shop.rules.payment_window)
    assert facts.order.state is OrderState.EXPIRED
    assert facts.payments[0].state is PaymentState.VOIDED
    assert (shop.stock.held, shop.stock.free) == (0, 10)
    assert (await shop.after(placed.order.id, timedelta(days=1))).order == facts.order


async def test_money_that_arrives_at_the_end_of_the_window_goes_on(shop: Shop) -> None:
    placed = await shop.placed()
    reference = placed.payments[0].reference
    assert reference is not None
    shop.provider.complete_authentication(reference)
    facts = await shop.after(placed.order.id, shop.rules.payment_window)
    assert facts.order.state is OrderState.COMPLETED
    assert shop.collected(facts) == TOTAL_MINOR


async def test_a_cancelled_order_collects_nothing_and_frees_its_goods(shop: Shop) -> None:
    placed = await shop.placed()
    cancellation = Cancellation(order_id=placed.order.id, reason=ClosingReason.MERCHANT)
    await shop.cancel(cancellation)
    facts = await shop.cancel(cancellation)
    assert facts.order.state is OrderState.CANCELLED
    assert shop.collected(facts) == 0
    assert (shop.stock.held, shop.stock.free) == (0, 10)


async def test_a_paid_order_is_not_cancelled(shop: Shop) -> None:
    paid = await shop.bought()
    with pytest.raises(OrderAlreadyPaid):
        await shop.cancel(Cancellation(order_id=paid.order.id, reason=ClosingReason.MERCHANT))


async def test_money_for_a_cancelled_order_goes_back_and_a_person_is_told(shop: Shop) -> None:
    placed = await shop.placed()
    shop.faults.planned.append(("confirm", "after", OutcomeUnknown("timeout")))
    await shop.tries(placed, WORKS)
    shop.faults.planned.append(("void", "before", Unavailable("refused")))
    await shop.cancel(Cancellation(order_id=placed.order.id, reason=ClosingReason.SHOPPER))
    facts = placed
    for _ in range(4):
        facts = await shop.after(placed.order.id, A_WHILE)
    assert facts.order.state is OrderState.CANCELLED
    assert shop.collected(facts) == 0
    assert (shop.stock.held, shop.stock.sold, shop.stock.free) == (0, 0, 10)


async def test_a_vendor_that_stays_away_becomes_a_case(shop: Shop) -> None:
    shop.faults.planned += [("create", "before", Unavailable("refused"))] * (TRIES_BEFORE_CASE + 1)
    placed = await shop.placed()
    facts = placed
    for _ in range(TRIES_BEFORE_CASE + 1):
        facts = await shop.after(placed.order.id, timedelta(minutes=3))
    assert [case.reason for case in facts.cases] == [CaseReason.TRIES_USED_UP]


async def test_the_confirmation_is_sent_once_however_often_the_sweeper_comes(shop: Shop) -> None:
    paid = await shop.bought()
    for _ in range(3):
        await shop.after(paid.order.id, A_WHILE)
    assert [mail.to for mail in shop.mail.sent] == ["shopper@example.com"]
