"""Orders whose goods an inventory service keeps: held before money is asked for, sold before it is taken, and
never twice, whatever the service says or doesn't say.
"""

from datetime import timedelta
from typing import Any

import pytest

from application.buy_now import Purchase
from application.cancel_order import Cancellation
from application.change_checkout import CheckoutChange
from application.place_order import Placement
from application.request_refund import RefundRequest
from domain.attempt import TRIES_BEFORE_CASE
from domain.case import CaseReason
from domain.checkout import Checkout, CheckoutState
from domain.errors import CheckoutNotReady, OutOfStock
from domain.identifiers import CheckoutId, RefundId
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Instrument, PaymentState
from domain.refund import RefundedLine
from domain.reservation import ReservationState
from domain.shop import StockKeeper
from ports.errors import OutcomeUnknown, PortError, Unavailable
from tests.application.shop import ASKS_BANK, EUR, TEA, TOTAL_MINOR, WORKS, Shop, draft
from tests.builders import a_snapshot

A_WHILE = timedelta(seconds=30)
TAKES_DAYS = Instrument(token="pm_sepaDebit")
SILENT = OutcomeUnknown("timeout")
AWAY = Unavailable("not_connected")


def at_service(pieces: int = 10) -> Shop:
    return Shop(pieces, StockKeeper.SERVICE)


@pytest.fixture
async def shop() -> Shop:
    return await at_service().stocked()


def pieces(shop: Shop) -> tuple[int, int, int]:
    """Held, sold and free at the service."""
    inventory = shop.inventory
    return inventory.held(TEA), inventory.sold(TEA), inventory.free(TEA)


async def settled(shop: Shop, facts: OrderFacts, rounds: int = 6) -> OrderFacts:
    for _ in range(rounds):
        facts = await shop.after(facts.order.id, A_WHILE)
    return facts


async def unseen(shop: Shop, quantity: int) -> Placement:
    """A checkout that is ready because the service could not be asked what there is."""
    shop.faults.planned += [("available", "before", AWAY)] * 2
    opened = await shop.open(EUR, draft(quantity))
    total = opened.checkout.pricing.totals.total.minor
    return Placement(
        checkout_id=opened.checkout.id, version=opened.checkout.version, accepted_total_minor=total
    )


async def stored(shop: Shop, checkout_id: CheckoutId) -> Checkout:
    async with shop.unit_of_work() as uow:
        checkout = await uow.checkouts.get(checkout_id)
    assert checkout is not None
    return checkout


def hold_state(facts: OrderFacts) -> ReservationState | None:
    return facts.reservation.state if facts.reservation else None


# buying


async def test_goods_are_held_before_the_payment_and_sold_before_the_money_is_taken(shop: Shop) -> None:
    facts = await shop.bought()
    assert (facts.order.state, pieces(shop)) == (OrderState.COMPLETED, (0, 1, 9))
    assert [asked for asked in shop.faults.asked if asked != "available"] == [
        "reserve",
        "create",
        "confirm_hold",
        "capture",
    ]
    assert shop.storage.stock == {}, "our own stock has no part in it"


async def test_a_cart_shows_what_the_service_says_is_there() -> None:
    few = await at_service(pieces=1).stocked()
    with pytest.raises(CheckoutNotReady) as refused:
        await few.placed(quantity=2)
    assert [message.code for message in refused.value.messages] == ["out_of_stock"]


async def test_nobody_is_kept_from_ordering_because_the_service_cannot_be_asked(shop: Shop) -> None:
    placement = await unseen(shop, 1)
    checkout = await stored(shop, placement.checkout_id)
    assert [message.code for message in checkout.messages(shop.rules)] == ["stock_unknown"]
    assert (await shop.place_order(placement)).order.state is OrderState.OPEN


@pytest.mark.parametrize(("there", "wanted"), [(0, 1), (1, 2)], ids=["nothing", "a part"])
async def test_goods_that_cannot_be_had_are_named_and_the_checkout_goes_on(there: int, wanted: int) -> None:
    few = await at_service(there).stocked()
    placement = await unseen(few, wanted)
    with pytest.raises(OutOfStock) as refused:
        await few.place_order(placement)
    assert refused.value.skus == (TEA,)
    (record,) = few.storage.orders.values()
    order = record.facts.order
    assert (order.state, order.closing_reason) == (OrderState.CANCELLED, ClosingReason.OUT_OF_STOCK)
    assert pieces(few) == (0, 0, there)
    assert "create" not in few.faults.asked, "no payment was begun"
    checkout = await stored(few, placement.checkout_id)
    assert (checkout.state, checkout.order_id) == (CheckoutState.OPEN, None)

    few.inventory.receive(TEA, 5)
    change = CheckoutChange(checkout_id=checkout.id, content=draft(1), version=checkout.version)
    changed = await few.change(change)
    placed = await few.place_order(
        Placement(checkout_id=checkout.id, version=changed.version, accepted_total_minor=TOTAL_MINOR)
    )
    assert (placed.order.state, pieces(few)[0]) == (OrderState.OPEN, 1)
    again = await few.place_order(placement)
    assert again.order.id == placed.order.id, "one checkout, one order that can be paid"


async def test_a_purchase_in_one_call_that_was_refused_can_be_asked_for_again() -> None:
    few = await at_service(0).stocked()
    few.faults.planned += [("available", "before", AWAY)] * 9
    purchase = Purchase(
        currency=EUR,
        draft=draft(),
        accepted_total_minor=TOTAL_MINOR,
        instrument=WORKS,
        checkout_id=CheckoutId("chk_1"),
    )
    for _ in range(2):
        with pytest.raises(OutOfStock):
            await few.buy_now(purchase)
    few.inventory.receive(TEA, 1)
    assert (await few.buy_now(purchase)).facts.order.state is OrderState.COMPLETED


# answers that are lost, a service that is away


@pytest.mark.parametrize("operation", ["reserve", "confirm_hold"])
@pytest.mark.parametrize(
    ("moment", "error"), [("before", AWAY), ("before", SILENT), ("after", SILENT)], ids=str
)
async def test_a_call_that_fails_is_settled_and_has_one_effect(
    shop: Shop, operation: str, moment: Any, error: PortError
) -> None:
    shop.faults.planned.append((operation, moment, error))
    placed = await settled(shop, await shop.placed(), 1)
    facts = await settled(shop, await shop.tries(placed, WORKS))
    assert (facts.order.state, facts.cases, facts.attempts) == (OrderState.COMPLETED, (), ())
    assert shop.collected(facts) == TOTAL_MINOR
    assert pieces(shop) == (0, 1, 9)


@pytest.mark.parametrize(
    ("moment", "error"), [("before", AWAY), ("before", SILENT), ("after", SILENT)], ids=str
)
async def test_goods_are_released_once_though_the_answer_was_lost(
    shop: Shop, moment: Any, error: PortError
) -> None:
    placed = await shop.placed()
    assert pieces(shop) == (1, 0, 9)
    shop.faults.planned.append(("release_hold", moment, error))
    await shop.cancel(Cancellation(order_id=placed.order.id, reason=ClosingReason.SHOPPER))
    facts = await settled(shop, placed)
    assert (hold_state(facts), facts.attempts, pieces(shop)) == (ReservationState.RELEASED, (), (0, 0, 10))


async def test_a_hold_that_was_made_unseen_is_adopted_and_released_when_the_order_is_called_off(
    shop: Shop,
) -> None:
    shop.faults.planned.append(("reserve", "after", SILENT))
    placed = await shop.placed()
    await shop.cancel(Cancellation(order_id=placed.order.id, reason=ClosingReason.SHOPPER))
    facts = await settled(shop, placed)
    assert (facts.order.state, pieces(shop)) == (OrderState.CANCELLED, (0, 0, 10))
    assert "create" not in shop.faults.asked


async def test_no_payment_is_begun_while_it_is_unknown_whether_the_goods_are_held(shop: Shop) -> None:
    shop.faults.planned += [("reserve", "after", SILENT)] * 3
    placed = await shop.placed()
    await settled(shop, placed, 1)
    assert "create" not in shop.faults.asked
    await settled(shop, placed)
    assert "create" in shop.faults.asked
    assert pieces(shop) == (1, 0, 9)


async def test_a_service_that_stays_away_ends_the_order_with_its_window_and_tells_a_person(
    shop: Shop,
) -> None:
    shop.faults.planned += [("reserve", "before", AWAY)] * 99
    placed = await shop.placed()
    facts = placed
    for _ in range(TRIES_BEFORE_CASE + 2):
        facts = await shop.after(placed.order.id, timedelta(minutes=4))
    assert [case.reason for case in facts.cases] == [CaseReason.TRIES_USED_UP]
    facts = await shop.after(placed.order.id, shop.rules.payment_window)
    assert (facts.order.state, pieces(shop)) == (OrderState.EXPIRED, (0, 0, 10))


@pytest.mark.parametrize(("moment", "sold"), [("before", 0), ("after", 1)])
async def test_a_confirmation_in_doubt_of_an_order_that_was_called_off(
    shop: Shop, moment: Any, sold: int
) -> None:
    """It is not confirmed now; what the service sold already, a person has to book back there."""
    shop.faults.planned.append(("confirm_hold", moment, SILENT))
    bought = await shop.bought()
    await shop.cancel(Cancellation(order_id=bought.order.id, reason=ClosingReason.MERCHANT))
    facts = await settled(shop, bought)
    assert (facts.order.state, shop.collected(facts)) == (OrderState.CANCELLED, 0)
    assert pieces(shop) == (0, sold, 10 - sold)
    assert [case.reason for case in facts.cases] == [CaseReason.GOODS_TO_BOOK_BACK] * sold
    assert facts.attempts == ()


# holds that end by themselves


async def test_a_payment_that_takes_longer_than_the_hold_gets_another_hold(shop: Shop) -> None:
    placed = await shop.placed(TAKES_DAYS)
    for _ in range(30):
        placed = await shop.after(placed.order.id, timedelta(minutes=10))
        assert pieces(shop) == (1, 0, 9)
    assert placed.payments[0].state is PaymentState.PROCESSING
    assert shop.faults.asked.count("reserve") > 3


async def test_goods_that_were_sold_to_others_when_the_hold_ended_end_the_order_unpaid(shop: Shop) -> None:
    placed = await shop.placed(ASKS_BANK)
    reference = placed.payments[0].reference
    assert reference is not None
    shop.inventory.forget(placed.order.id)
    shop.inventory.receive(TEA, -10)
    shop.provider.complete_authentication(reference)
    facts = await settled(shop, await shop.advance(placed.order.id), 20)
    assert facts.order.closing_reason is ClosingReason.OUT_OF_STOCK
    assert (shop.collected(facts), facts.payments[0].state) == (0, PaymentState.VOIDED)
    assert (await stored(shop, facts.order.checkout_id)).state is CheckoutState.PLACED


async def test_a_hold_that_the_service_has_forgotten_is_made_again_and_a_person_is_told(shop: Shop) -> None:
    placed = await shop.placed()
    shop.inventory.forget(placed.order.id)
    facts = await settled(shop, await shop.tries(placed, WORKS))
    assert (facts.order.state, pieces(shop)) == (OrderState.COMPLETED, (0, 1, 9))
    assert [case.reason for case in facts.cases] == [CaseReason.HOLD_LOST]


async def test_a_service_that_forgets_every_hold_is_not_asked_at_every_turn(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = await shop.placed()
    confirm = shop.inventory.confirm

    async def forgetful(reference: str, order_id: Any, key: Any) -> Any:
        shop.inventory.forget(order_id)
        return await confirm(reference, order_id, key)

    monkeypatch.setattr(shop.inventory, "confirm", forgetful)
    await shop.tries(placed, WORKS)
    facts = await settled(shop, placed, 10)
    assert shop.faults.asked.count("reserve") <= 7
    assert shop.collected(facts) == 0


async def test_a_shopper_who_walks_away_leaves_no_hold(shop: Shop) -> None:
    placed = await shop.placed()
    facts = await shop.after(placed.order.id, shop.rules.payment_window)
    assert (facts.order.state, pieces(shop)) == (OrderState.EXPIRED, (0, 0, 10))
    assert hold_state(facts) is ReservationState.RELEASED


@pytest.mark.parametrize(
    ("there", "state", "left"),
    [(10, OrderState.COMPLETED, (0, 1, 9)), (0, OrderState.CANCELLED, (0, 0, 0))],
    ids=["can be had", "are gone"],
)
async def test_money_that_arrives_late_buys_what_can_still_be_had(
    shop: Shop, there: int, state: OrderState, left: tuple[int, int, int]
) -> None:
    placed = await shop.placed(ASKS_BANK)
    payment = placed.payments[0]
    shop.inventory.receive(TEA, there - 10)
    shop.clock.advance(timedelta(hours=2))
    money = a_snapshot(
        payment.amount,
        reference=payment.reference,
        state=PaymentState.CAPTURED,
        received=payment.amount,
    )

    def late(facts: OrderFacts) -> OrderFacts:
        expired = facts.closed(ClosingReason.NOT_PAID_IN_TIME, shop.clock.now())
        return expired.payment_observed(payment.id, money, shop.clock.now())

    facts = await shop.advance.record(placed.order.id, late)
    assert (facts.order.state, pieces(shop)) == (state, left)
    assert len(facts.refunds) == (1 if there == 0 else 0)


# which way stock goes is agreed with the order


async def test_a_setting_that_changes_does_not_move_the_goods_of_an_order_under_way(shop: Shop) -> None:
    placed = await shop.placed()
    changed = await Shop(pieces=3).stocked()
    changed.storage.orders.update(shop.storage.orders)
    changed.advance._calls = shop.advance._calls
    facts = await changed.tries(placed, WORKS)
    assert (facts.order.state, pieces(shop)) == (OrderState.COMPLETED, (0, 1, 9))
    assert (changed.stock.held, changed.stock.sold) == (0, 0)
    ours = await changed.bought()
    assert (ours.order.stock_keeper, changed.stock.sold) == (StockKeeper.BUILT_IN, 1)


async def test_pieces_that_come_back_are_noted_for_whoever_books_them_at_the_service(shop: Shop) -> None:
    bought = await shop.bought()
    back = (RefundedLine(line_id=bought.order.lines[0].id, quantity=1),)
    await shop.request_refund(
        RefundRequest(order_id=bought.order.id, refund_id=RefundId("ref_1"), lines=back, restock=back)
    )
    kinds = [event.kind.value for event in await shop.queries.timeline(bought.order.id)]
    assert "return_noted" in kinds
    assert "restocked" not in kinds
    assert pieces(shop) == (0, 1, 9)
