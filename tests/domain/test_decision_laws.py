"""`decide` for every combination of states that an order can be in: it always answers, and no answer breaks
a law.

States that can't come about (two payments in doubt, an order that is completed and unpaid) are in the
product too: what has no answer there would have none after a defect somewhere else, and lose an order.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given

from domain.attempt import Attempt, AttemptState, Operation
from domain.case import CaseReason
from domain.decision import decide
from domain.order import ClosingReason, Order, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Instrument, Payment, PaymentState
from domain.refund import Refund, RefundState
from domain.reservation import Reservation, ReservationState
from domain.steps import (
    Capture,
    Close,
    Complete,
    ConfirmPayment,
    ConfirmStock,
    CreatePayment,
    ExtendHold,
    HoldStock,
    LookUp,
    OpenCase,
    ReleaseStock,
    RequestRefund,
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
    an_attempt,
    an_order,
    any_facts,
    eur,
    moments,
)
from tests.domain import decision_laws as laws
from tests.domain.decision_laws import Law

ORDER = an_order()
CARD = Instrument(token="pm_1")
EVERY_STEP = tuple(kind for union in get_args(Step) for kind in (get_args(union) or (union,)))
# In the window, at its last moment, at its end, and long after.
TIMES = (NOW, ORDER.pay_until - timedelta(seconds=1), ORDER.pay_until, ORDER.pay_until + timedelta(hours=2))


def orders() -> list[Order]:
    return [replace(ORDER, state=state) for state in OrderState]


def payments() -> Iterator[Payment]:
    """Each state; open ones with and without a card that was offered, looked at lately or long ago."""
    for state in PaymentState:
        captured = ORDER.total if state is PaymentState.CAPTURED else eur(0)
        payment = a_payment(ORDER, state=state, captured=captured)
        yield payment
        if payment.is_open or state is PaymentState.NEW:
            for offered, seen_at in ((CARD, None), (None, ORDER.pay_until), (CARD, ORDER.pay_until)):
                yield a_payment(ORDER, state=state, offered=offered, seen_at=seen_at)
    yield a_payment(ORDER, state=PaymentState.CAPTURED, captured=eur(1))


def holds() -> list[Reservation | None]:
    return [None, *(a_reservation(ORDER, state=state) for state in ReservationState)]


def attempts(payment: Payment) -> Iterator[tuple[Attempt, ...]]:
    yield ()
    for operation, state, tries in product(Operation, AttemptState, (1, 9)):
        yield (an_attempt(payment, operation=operation, state=state, tries=tries),)


def refunds(payment: Payment) -> Iterator[tuple[Refund, ...]]:
    yield ()
    # The last is more than there was to give back: a defect somewhere else, which must not grow.
    for state, amount in product(RefundState, (payment.captured, eur(1), payment.captured + eur(1))):
        yield (a_refund(payment, state=state, amount=amount),)


def with_one_payment(order: Order) -> Iterator[OrderFacts]:
    for hold in holds():
        yield OrderFacts(order=order, reservation=hold)
    for payment, hold in product(payments(), holds()):
        for tried in attempts(payment):
            yield OrderFacts(order=order, reservation=hold, payments=(payment,), attempts=tried)


def with_two_payments(order: Order) -> Iterator[OrderFacts]:
    for first, second, hold in product(payments(), payments(), holds()):
        yield OrderFacts(order=order, reservation=hold, payments=(first, second))


def with_refunds(order: Order) -> Iterator[OrderFacts]:
    for payment, hold in product(payments(), holds()):
        for refunded in refunds(payment):
            for reason in (None, *CaseReason):
                cases = () if reason is None else (a_case(payment.id, reason=reason),)
                yield OrderFacts(
                    order=order, reservation=hold, payments=(payment,), refunds=refunded, cases=cases
                )


@pytest.mark.parametrize("combinations", [with_one_payment, with_two_payments, with_refunds])
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
SENT = a_refund(PAID, state=RefundState.PENDING)
TOLD = replace(DONE, cases=(a_case("ref_1", reason=CaseReason.REFUND_FAILED),))

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
