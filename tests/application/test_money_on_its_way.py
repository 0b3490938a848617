"""Payments that take days, lead to other pages or know no capture: the order waits as long as the money may
take, the goods stay held, and whatever ends, ends once.
"""

from datetime import timedelta
from typing import Final

import pytest

from application.cancel_order import Cancellation
from application.report_shortage import ShortageReport
from domain.case import CaseReason, CaseState
from domain.errors import ShortageTooLate
from domain.events import EventKind
from domain.identifiers import ShortageId
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Instrument, PaymentState
from domain.payment_method import METHODS
from domain.refund import RefundedLine, RefundState
from domain.time_to_pay import POLL_DELAYED_PAYMENT
from tests.application.shop import TOTAL_MINOR, Shop

DEBIT, IDEAL = Instrument(token="pm_sepaDebit_success_de"), Instrument(token="pm_ideal")
VOUCHER = Instrument(token="pm_konbini")
TAKES: Final = METHODS["sepa_debit"].arrives_within
BACK: Final = "https://shop.example/thanks"
CALLED_OFF: Final = ClosingReason.SHOPPER


async def on_its_way(shop: Shop, instrument: Instrument = DEBIT) -> OrderFacts:
    return await shop.tries(await shop.placed(), instrument, BACK)


def reference_of(facts: OrderFacts) -> str:
    reference = facts.payments[0].reference
    assert reference is not None
    return reference


async def days_pass(shop: Shop, facts: OrderFacts, days: int) -> OrderFacts:
    for _ in range(days):
        facts = await shop.after(facts.order.id, timedelta(days=1))
    return facts


def happened(shop: Shop, facts: OrderFacts) -> list[EventKind]:
    return [event.kind for event in shop.storage.orders[facts.order.id].events]


async def test_nobody_is_thrown_out_whose_money_is_on_its_way(shop: Shop) -> None:
    facts = await days_pass(shop, await on_its_way(shop), 12)
    assert (facts.order.state, facts.payments[0].state) == (OrderState.OPEN, PaymentState.PROCESSING)
    assert (shop.stock.held, shop.stock.sold) == (1, 0)
    shop.provider.settle(reference_of(facts))
    facts = await shop.after(facts.order.id, POLL_DELAYED_PAYMENT)
    assert (facts.order.state, shop.collected(facts)) == (OrderState.COMPLETED, TOTAL_MINOR)
    assert (shop.stock.held, shop.stock.sold) == (0, 1)
    await shop.sweep()
    assert len(shop.mail.sent) == 1


async def test_the_hold_is_extended_once_and_the_provider_asked_each_hour(shop: Shop) -> None:
    facts = await on_its_way(shop)
    shop.faults.asked.clear()
    for _ in range(24):
        facts = await shop.after(facts.order.id, POLL_DELAYED_PAYMENT)
    assert shop.faults.asked == ["retrieve"] * 24
    assert happened(shop, facts).count(EventKind.HOLD_EXTENDED) == 1
    assert facts.reservation is not None
    assert facts.reservation.expires_at > facts.order.placed_at + TAKES


async def test_money_that_knows_no_capture_is_booked_as_any_other(shop: Shop) -> None:
    facts = await on_its_way(shop)
    shop.provider.settle(reference_of(facts))
    facts = await shop.advance(facts.order.id)
    facts = await shop.after(facts.order.id, POLL_DELAYED_PAYMENT)
    assert "capture" not in shop.faults.asked
    balances = await shop.balances(facts.order.id)
    assert {account: minor for account, minor in balances.items() if minor} == {
        "provider": TOTAL_MINOR,
        "sales": -1200,
        "delivery": -500,
        "tax": -323,
    }


async def test_a_late_failure_ends_the_order_and_releases_the_goods_once(shop: Shop) -> None:
    facts = await days_pass(shop, await on_its_way(shop), 5)
    shop.provider.bounce(reference_of(facts))
    facts = await days_pass(shop, facts, 2)
    assert facts.order.closing_reason is ClosingReason.NOT_PAID_IN_TIME
    assert facts.payments[0].state is PaymentState.VOIDED
    assert (shop.stock.held, shop.stock.free) == (0, 10)
    assert happened(shop, facts).count(EventKind.STOCK_RELEASED) == 1
    assert shop.collected(facts) == 0


async def test_an_early_failure_leaves_the_shopper_another_way(shop: Shop) -> None:
    facts = await on_its_way(shop)
    shop.provider.bounce(reference_of(facts))
    assert facts.payments[0].return_id is not None
    await shop.return_from_bank(facts.order.id, facts.payments[0].return_id)
    facts = await shop.facts(facts.order.id)
    assert facts.payments[0].takes_instruments
    facts = await shop.tries(facts, Instrument(token="pm_card_visa"), BACK)
    assert (facts.order.state, shop.collected(facts)) == (OrderState.COMPLETED, TOTAL_MINOR)


async def stuck(shop: Shop) -> OrderFacts:
    """Its time is over, and nobody can stop it."""
    facts = await days_pass(shop, await on_its_way(shop), TAKES.days)
    assert facts.cases == ()
    facts = await days_pass(shop, facts, 7)
    assert (facts.order.state, facts.payments[0].state) == (OrderState.OPEN, PaymentState.PROCESSING)
    assert [case.reason for case in facts.cases] == [CaseReason.TRIES_USED_UP]
    assert shop.stock.held == 1
    return facts


async def test_what_never_ends_is_stopped_when_its_time_is_over_and_a_person_is_told(shop: Shop) -> None:
    await stuck(shop)


@pytest.mark.parametrize(
    ("arrives", "state"), [(True, OrderState.COMPLETED), (False, OrderState.EXPIRED)], ids=["paid", "failed"]
)
async def test_a_person_who_was_told_need_do_nothing_once_it_has_ended(
    shop: Shop, arrives: bool, state: OrderState
) -> None:
    facts = await stuck(shop)
    (shop.provider.settle if arrives else shop.provider.bounce)(reference_of(facts))
    facts = await days_pass(shop, facts, 2)
    assert facts.order.state is state
    assert [case.state for case in facts.cases] == [CaseState.RESOLVED]
    assert facts.attempts == ()


async def test_a_cancelled_order_waits_for_a_debit_that_cannot_be_stopped(shop: Shop) -> None:
    """It asks its bank once, opens no case, and lets the goods go when nothing can come any more."""
    facts = await on_its_way(shop)
    facts = await shop.cancel(Cancellation(order_id=facts.order.id, reason=CALLED_OFF))
    facts = await days_pass(shop, facts, 4)
    assert shop.faults.asked.count("void") == 1
    assert (facts.order.state, facts.cases, shop.stock.held) == (OrderState.CANCELLED, (), 1)
    shop.provider.bounce(reference_of(facts))
    facts = await days_pass(shop, facts, 1)
    assert facts.payments[0].state is PaymentState.VOIDED
    assert (shop.stock.held, shop.stock.sold) == (0, 0)
    assert (facts.cases, facts.attempts) == ((), ())


async def test_money_that_arrives_for_a_cancelled_order_goes_back(shop: Shop) -> None:
    facts = await on_its_way(shop)
    facts = await shop.cancel(Cancellation(order_id=facts.order.id, reason=CALLED_OFF))
    shop.provider.settle(reference_of(facts))
    facts = await days_pass(shop, facts, 2)
    assert [refund.state for refund in facts.refunds] == [RefundState.SUCCEEDED]
    assert [case.reason for case in facts.cases] == [CaseReason.MONEY_FOR_CLOSED_ORDER]
    assert (shop.collected(facts), shop.stock.held, shop.stock.sold) == (0, 0, 0)
    assert facts.attempts == ()


async def test_less_cannot_be_taken_of_what_is_on_its_way(shop: Shop) -> None:
    facts = await on_its_way(shop)
    report = ShortageReport(
        order_id=facts.order.id,
        shortage_id=ShortageId("sho_1"),
        lines=(RefundedLine(line_id=facts.order.lines[0].id, quantity=1),),
        write_off=False,
    )
    with pytest.raises(ShortageTooLate):
        await shop.report_shortage(report)


async def test_a_shopper_comes_back_from_another_page_and_has_paid(shop: Shop) -> None:
    facts = await on_its_way(shop, IDEAL)
    assert (facts.payments[0].state, facts.payments[0].expected_by) == (PaymentState.AWAITING_ACTION, None)
    shop.provider.complete_authentication(reference_of(facts))
    assert facts.payments[0].return_id is not None
    assert await shop.return_from_bank(facts.order.id, facts.payments[0].return_id) == BACK
    facts = await shop.facts(facts.order.id)
    assert (facts.order.state, shop.collected(facts)) == (OrderState.COMPLETED, TOTAL_MINOR)
    assert "capture" not in shop.faults.asked


async def test_an_abandoned_page_ends_with_the_payment_window(shop: Shop) -> None:
    facts = await on_its_way(shop, IDEAL)
    reference = reference_of(facts)
    facts = await shop.after(facts.order.id, timedelta(minutes=41))
    assert facts.order.closing_reason is ClosingReason.NOT_PAID_IN_TIME
    assert facts.payments[0].state is PaymentState.VOIDED
    shop.provider.complete_authentication(reference)
    facts = await shop.after(facts.order.id, timedelta(minutes=10))
    assert (shop.collected(facts), shop.stock.held) == (0, 0)


async def test_a_voucher_can_be_paid_days_later(shop: Shop) -> None:
    facts = await days_pass(shop, await on_its_way(shop, VOUCHER), 3)
    assert (facts.order.state, shop.stock.held) == (OrderState.OPEN, 1)
    shop.provider.complete_authentication(reference_of(facts))
    facts = await days_pass(shop, facts, 1)
    assert (facts.order.state, shop.collected(facts)) == (OrderState.COMPLETED, TOTAL_MINOR)


async def test_a_voucher_that_nobody_pays_ends(shop: Shop) -> None:
    facts = await days_pass(shop, await on_its_way(shop, VOUCHER), METHODS["konbini"].arrives_within.days + 1)
    assert (facts.order.state, facts.payments[0].state) == (OrderState.EXPIRED, PaymentState.VOIDED)
    assert (shop.stock.held, shop.stock.free) == (0, 10)
