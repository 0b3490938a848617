"""`decide` for every combination of states that an order can be in: it always answers, and no answer breaks
a law.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given

from domain.attempt import AttemptState, Operation
from domain.case import CaseReason
from domain.decision import decide
from domain.order import ClosingReason, Order, OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.refund import RefundState
from domain.reservation import ReservationState
from domain.steps import (
    Capture,
    Close,
    Complete,
    ConfirmAtService,
    ConfirmPayment,
    ConfirmStock,
    CreatePayment,
    ExtendHold,
    HoldStock,
    LookUp,
    OpenCase,
    ReleaseAtService,
    ReleaseStock,
    RequestRefund,
    ReserveAtService,
    Settled,
    StartPayment,
    Step,
    SubmitRefund,
    Void,
    WaitUntil,
)
from tests.builders import (
    NOW,
    a_case,
    a_payment,
    a_refund,
    a_reservation,
    a_service_hold,
    an_attempt,
    any_facts,
    eur,
    moments,
)
from tests.domain import decision_laws as laws
from tests.domain.combinations import COMBINATIONS, ORDER, TIMES, orders, with_one_payment
from tests.domain.decision_laws import Law

EVERY_STEP = tuple(kind for union in get_args(Step) for kind in (get_args(union) or (union,)))


@pytest.mark.parametrize("combinations", COMBINATIONS)
@pytest.mark.parametrize("order", orders(), ids=lambda order: order.state.value)
def test_no_combination_of_states_is_without_an_answer_or_against_a_law(
    order: Order, combinations: Callable[[Order], Iterator[OrderFacts]]
) -> None:
    for facts, now in product(combinations(order), TIMES):
        step = decide(facts, now)
        assert isinstance(step, EVERY_STEP)
        assert not laws.broken_laws(facts, now, step), (facts, now, step)


@given(facts=any_facts(), now=moments)
def test_whatever_is_known_whenever_it_is_asked(facts: OrderFacts, now: datetime) -> None:
    assert laws.broken_laws(facts, now, decide(facts, now)) == []


@pytest.mark.parametrize("order", orders(), ids=lambda order: order.state.value)
def test_a_crash_forgets_nothing_that_counts(order: Order) -> None:
    """Attempts that are settled aren't loaded again: no decision may depend on them."""
    for facts in with_one_payment(order):
        assert decide(facts.as_stored(facts.order.version), NOW) == decide(facts, NOW)


def known(order: str, *states: str, goods: str | None = "held", **more: Any) -> OrderFacts:
    """An order with payments in these states."""
    paid = tuple(
        a_payment(ORDER, state=PaymentState(s), captured=ORDER.total if s == "captured" else eur(0))
        for s in states
    )
    hold = a_reservation(ORDER, state=ReservationState(goods)) if goods else None
    facts = OrderFacts(order=replace(ORDER, state=OrderState(order)), reservation=hold, payments=paid)
    return replace(facts, **more)


OPEN = known("open", "authorized", goods="confirmed")
(PROMISED,) = OPEN.payments
TWICE = known("open", "authorized", "captured", goods="confirmed")
ASKED = known("open", "awaiting_method")
NEW_ONE = a_payment(ORDER)
CANCELLED = known("cancelled", "captured")
(PAID,) = CANCELLED.payments
DOUBT = an_attempt(PROMISED, operation=Operation.CAPTURE)
DOUBTFUL = replace(OPEN, attempts=(DOUBT,))
AWAY = replace(DOUBT, state=AttemptState.UNAVAILABLE)
DONE = known("completed", "captured", goods="confirmed")
TOO_LITTLE = known("open", "captured", goods="confirmed", payments=(replace(PAID, captured=eur(1)),))
SENT = a_refund(PAID, state=RefundState.PENDING)
TOLD = replace(DONE, cases=(a_case("ref_1", reason=CaseReason.REFUND_FAILED),))

HELD_THERE = a_service_hold(ORDER)
THERE = known("open", "authorized", reservation=HELD_THERE)
SOLD_THERE = a_service_hold(ORDER, state=ReservationState.CONFIRMED)
RAN_OUT = a_service_hold(ORDER, expires_at=NOW)
JUST_LOST = a_service_hold(ORDER, state=ReservationState.LOST, asked_at=NOW)

# Laws must be able to fail: for each, decisions that break it.
BROKEN: list[tuple[Law, OrderFacts, Step]] = [
    (laws.nothing_happens_while_an_attempt_is_in_doubt, DOUBTFUL, Capture(payment=PROMISED)),
    (laws.nothing_happens_while_an_attempt_is_in_doubt, DOUBTFUL, Settled()),
    (laws.only_what_is_in_doubt_and_due_is_looked_up, DOUBTFUL, LookUp(attempt=DOUBT)),
    (laws.only_what_is_in_doubt_and_due_is_looked_up, OPEN, LookUp(attempt=DOUBT)),
    (laws.money_is_captured_once, TWICE, Capture(payment=TWICE.payments[0])),
    (laws.money_is_captured_once, DONE, Capture(payment=DONE.payments[0])),
    (
        laws.money_is_captured_for_an_open_order_with_confirmed_goods_only,
        known("open", "authorized"),
        Capture(payment=PROMISED),
    ),
    (
        laws.money_is_captured_for_an_open_order_with_confirmed_goods_only,
        known("expired", "authorized", goods="confirmed"),
        Capture(payment=PROMISED),
    ),
    (
        laws.a_shopper_is_asked_for_money_only_by_an_open_order_that_holds_its_goods,
        known("open", goods=None),
        StartPayment(),
    ),
    (laws.a_shopper_is_asked_for_money_only_by_an_open_order_that_holds_its_goods, ASKED, StartPayment()),
    (
        laws.a_shopper_is_asked_for_money_only_by_an_open_order_that_holds_its_goods,
        known("open", "awaiting_method", payments=(NEW_ONE, *ASKED.payments)),
        CreatePayment(payment=NEW_ONE),
    ),
    (
        laws.a_shopper_is_asked_for_money_only_by_an_open_order_that_holds_its_goods,
        ASKED,
        CreatePayment(payment=ASKED.payments[0]),
    ),
    (
        laws.a_shopper_is_asked_for_money_only_by_an_open_order_that_holds_its_goods,
        ASKED,
        ConfirmPayment(payment=ASKED.payments[0]),
    ),
    (laws.goods_are_released_only_when_no_money_can_come, OPEN, ReleaseStock()),
    (
        laws.goods_are_released_only_when_no_money_can_come,
        known("cancelled", "processing"),
        ReleaseStock(),
    ),
    (
        laws.goods_are_released_only_when_no_money_can_come,
        known("cancelled", "new", attempts=(an_attempt(PAID),)),
        ReleaseStock(),
    ),
    (laws.goods_are_held_only_where_none_are, OPEN, HoldStock()),
    (laws.goods_are_held_only_where_none_are, OPEN, ConfirmStock()),
    (laws.goods_are_held_only_where_none_are, THERE, HoldStock()),
    (laws.goods_are_held_only_where_none_are, THERE, ReserveAtService(reservation=HELD_THERE)),
    (laws.goods_move_where_they_are_kept, THERE, ConfirmStock()),
    (laws.goods_move_where_they_are_kept, THERE, ReleaseStock()),
    (laws.goods_move_where_they_are_kept, THERE, ExtendHold(until=TIMES[-1])),
    (laws.goods_move_where_they_are_kept, OPEN, ConfirmAtService(reservation=HELD_THERE)),
    (
        laws.goods_move_where_they_are_kept,
        replace(THERE, reservation=SOLD_THERE),
        ReleaseAtService(reservation=SOLD_THERE),
    ),
    (
        laws.a_hold_that_ran_out_is_not_sold,
        replace(THERE, reservation=RAN_OUT),
        ConfirmAtService(reservation=RAN_OUT),
    ),
    (
        laws.a_service_that_loses_holds_is_not_asked_at_every_turn,
        replace(THERE, reservation=JUST_LOST),
        HoldStock(),
    ),
    (laws.goods_are_released_only_when_no_money_can_come, THERE, ReleaseAtService(reservation=HELD_THERE)),
    (laws.goods_are_sold_only_for_money, ASKED, ConfirmAtService(reservation=HELD_THERE)),
    (laws.a_cancellation_stands, CANCELLED, ReserveAtService(reservation=HELD_THERE)),
    (
        laws.nothing_is_forgotten,
        known("cancelled", "voided", reservation=SOLD_THERE),
        Settled(),
    ),
    (laws.goods_are_sold_only_for_money, ASKED, ConfirmStock()),
    (laws.goods_are_sold_only_for_money, OPEN, Complete()),
    (laws.a_cancellation_stands, CANCELLED, ConfirmStock()),
    (laws.a_completed_order_is_neither_closed_nor_completed_again, DONE, Complete()),
    (
        laws.an_order_with_money_expires_never,
        OPEN,
        Close(reason=ClosingReason.NOT_PAID_IN_TIME),
    ),
    (laws.an_order_with_money_expires_never, ASKED, Close(reason=ClosingReason.OUT_OF_STOCK)),
    (laws.only_what_can_be_stopped_is_voided, CANCELLED, Void(payment=PAID)),
    (
        laws.a_payment_is_stopped_only_after_a_look_at_the_end_of_its_window,
        ASKED,
        Void(payment=ASKED.payments[0]),
    ),
    (
        laws.no_more_goes_back_than_was_captured,
        CANCELLED,
        RequestRefund(payment=PAID, amount=PAID.captured + eur(1)),
    ),
    (laws.no_more_goes_back_than_was_captured, CANCELLED, RequestRefund(payment=PAID, amount=eur(0))),
    (
        laws.no_more_goes_back_than_was_captured,
        replace(CANCELLED, refunds=(SENT,)),
        RequestRefund(payment=PAID, amount=eur(1)),
    ),
    (laws.a_refund_is_submitted_once, replace(CANCELLED, refunds=(SENT,)), SubmitRefund(refund=SENT)),
    (laws.a_case_is_opened_once, TOLD, OpenCase(reason=CaseReason.REFUND_FAILED, subject_id="ref_1")),
    (laws.too_little_money_completes_nothing_silently, TOO_LITTLE, Complete()),
    (laws.waiting_ends_in_the_future, ASKED, WaitUntil(at=NOW, reason="awaiting_method")),
    (laws.waiting_ends_in_the_future, ASKED, ExtendHold(until=NOW)),
    (
        laws.a_vendor_that_was_away_is_left_alone_for_a_while,
        replace(OPEN, attempts=(AWAY,)),
        Capture(payment=PROMISED),
    ),
    (laws.nothing_is_forgotten, ASKED, Settled()),
    (laws.nothing_is_forgotten, known("cancelled", "authorized", goods=None), Settled()),
    (laws.nothing_is_forgotten, known("expired", "voided"), Settled()),
    (laws.nothing_is_forgotten, replace(DONE, refunds=(SENT,)), Settled()),
]


@pytest.mark.parametrize(("law", "facts", "step"), BROKEN)
def test_a_decision_against_a_law_is_found(law: Law, facts: OrderFacts, step: Step) -> None:
    assert law.__name__ in laws.broken_laws(facts, NOW, step)


def test_every_law_has_a_decision_that_breaks_it() -> None:
    assert {law for law, _facts, _step in BROKEN} == set(laws.LAWS)
