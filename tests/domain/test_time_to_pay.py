"""How long an order waits whose money is on its way, a row each: what is known, and what is next."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.attempt import Attempt, AttemptState, Operation
from domain.case import CaseReason
from domain.decision import decide
from domain.errors import ShortageTooLate
from domain.giving_back import shortage_told
from domain.identifiers import ShortageId
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Payment, PaymentState
from domain.payment_method import METHODS
from domain.refund import RefundedLine
from domain.reservation import ReservationState
from domain.steps import (
    Close,
    ConfirmStock,
    ExtendHold,
    OpenCase,
    RefreshPayment,
    ReleaseStock,
    RequestRefund,
    Step,
    Void,
    WaitUntil,
)
from domain.time_to_pay import POLL_DELAYED_PAYMENT, POLL_OPEN_PAYMENT
from domain.values import replace
from tests.builders import NOW, a_payment, a_reservation, a_service_hold, an_attempt, an_order

ORDER = an_order()
CANCELLED = replace(ORDER, state=OrderState.CANCELLED, closing_reason=ClosingReason.SHOPPER)
SEPA, IDEAL, KONBINI, OXXO = (METHODS[name] for name in ("sepa_debit", "ideal", "konbini", "oxxo"))
DAYS_LATER = NOW + timedelta(days=3)
ARRIVES_BY = NOW + SEPA.arrives_within
LONG_HELD = ARRIVES_BY + POLL_OPEN_PAYMENT


def payment(state: str, **changes: Any) -> Payment:
    return a_payment(ORDER, state=PaymentState(state), reference="pi_1", **changes)


DEBIT = payment("processing", method=SEPA, expected_by=ARRIVES_BY, seen_at=NOW)
SEEN_DAYS_LATER, SEEN_AT_THE_END = replace(DEBIT, seen_at=DAYS_LATER), replace(DEBIT, seen_at=ARRIVES_BY)
VOUCHER = payment(
    "awaiting_action", method=KONBINI, expected_by=NOW + KONBINI.arrives_within, seen_at=DAYS_LATER
)
ABANDONED = payment("awaiting_action", method=IDEAL, seen_at=ORDER.pay_until)
FAILED_LATE = payment("awaiting_method", seen_at=DAYS_LATER)
CAPTURED = payment("captured", method=SEPA, captured=ORDER.total)
NOT_TO_BE_GIVEN_BACK = payment("captured", method=OXXO, captured=ORDER.total)


def told_still_processing(subject: Payment) -> tuple[Attempt, ...]:
    void = an_attempt(subject, operation=Operation.VOID, state=AttemptState.IN_FLIGHT)
    return (void.answered_as_it_is("processing", NOW),)


def facts(
    *payments: Payment,
    order: Any = ORDER,
    held_until: datetime = LONG_HELD,
    attempts: tuple[Attempt, ...] = (),
) -> OrderFacts:
    hold = a_reservation(ORDER, expires_at=held_until)
    return OrderFacts(order=order, reservation=hold, payments=payments, attempts=attempts)


ROWS = [
    (
        "a debit on its way: the goods are held as long as it may take",
        facts(DEBIT, held_until=ORDER.pay_until + POLL_OPEN_PAYMENT),
        NOW,
        ExtendHold(until=ARRIVES_BY + POLL_OPEN_PAYMENT),
    ),
    (
        "it is looked at each hour",
        facts(DEBIT),
        NOW,
        WaitUntil(at=NOW + POLL_DELAYED_PAYMENT, reason="processing"),
    ),
    ("in case its webhook was lost", facts(DEBIT), NOW + POLL_DELAYED_PAYMENT, RefreshPayment(payment=DEBIT)),
    (
        "long after the payment window",
        facts(SEEN_DAYS_LATER),
        DAYS_LATER,
        WaitUntil(at=DAYS_LATER + POLL_DELAYED_PAYMENT, reason="processing"),
    ),
    ("when its time is over it is looked at", facts(DEBIT), ARRIVES_BY, RefreshPayment(payment=DEBIT)),
    ("then stopped", facts(SEEN_AT_THE_END), ARRIVES_BY, Void(payment=SEEN_AT_THE_END)),
    ("when it arrives it buys", facts(CAPTURED), DAYS_LATER, ConfirmStock()),
    ("a late failure: stopped", facts(FAILED_LATE), DAYS_LATER, Void(payment=FAILED_LATE)),
    (
        "then expired",
        facts(payment("voided")),
        DAYS_LATER,
        Close(reason=ClosingReason.NOT_PAID_IN_TIME),
    ),
    (
        "a voucher is waited for as well",
        facts(VOUCHER),
        DAYS_LATER,
        WaitUntil(at=DAYS_LATER + POLL_DELAYED_PAYMENT, reason="awaiting_action"),
    ),
    (
        "an abandoned redirect ends with the window",
        facts(ABANDONED),
        ORDER.pay_until,
        Void(payment=ABANDONED),
    ),
    ("called off: stopped if it can be", facts(DEBIT, order=CANCELLED), NOW, Void(payment=DEBIT)),
    (
        "if not, it is waited for, the goods held",
        facts(SEEN_DAYS_LATER, order=CANCELLED, attempts=told_still_processing(DEBIT)),
        DAYS_LATER,
        WaitUntil(at=DAYS_LATER + POLL_DELAYED_PAYMENT, reason="processing"),
    ),
    (
        "and looked at",
        facts(DEBIT, order=CANCELLED, attempts=told_still_processing(DEBIT)),
        DAYS_LATER,
        RefreshPayment(payment=DEBIT),
    ),
    (
        "until its time is over: then it is stopped in earnest",
        facts(SEEN_AT_THE_END, order=CANCELLED, attempts=told_still_processing(DEBIT)),
        ARRIVES_BY,
        Void(payment=SEEN_AT_THE_END),
    ),
    (
        "called off, and it failed: the rest of it is stopped",
        facts(FAILED_LATE, order=CANCELLED, attempts=told_still_processing(FAILED_LATE)),
        DAYS_LATER,
        Void(payment=FAILED_LATE),
    ),
    ("and the goods go", facts(payment("voided"), order=CANCELLED), DAYS_LATER, ReleaseStock()),
    (
        "called off, and it arrived: it goes back",
        facts(CAPTURED, order=CANCELLED),
        DAYS_LATER,
        RequestRefund(payment=CAPTURED, amount=ORDER.total),
    ),
    (
        "unless it can't: that is for a person",
        facts(NOT_TO_BE_GIVEN_BACK, order=CANCELLED),
        DAYS_LATER,
        OpenCase(reason=CaseReason.MONEY_FOR_CLOSED_ORDER, subject_id=NOT_TO_BE_GIVEN_BACK.id),
    ),
]


@pytest.mark.parametrize(
    ("known", "now", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_rule(known: OrderFacts, now: datetime, expected: Step) -> None:
    assert decide(known, now) == expected


def test_a_service_that_has_sold_the_goods_waits_for_a_debit_that_cannot_be_stopped() -> None:
    refused = a_service_hold(ORDER, state=ReservationState.REFUSED)
    known = replace(facts(SEEN_DAYS_LATER), reservation=refused)
    assert decide(known, DAYS_LATER) == Void(payment=SEEN_DAYS_LATER)
    waits = replace(known, attempts=told_still_processing(DEBIT))
    assert decide(waits, DAYS_LATER) == WaitUntil(at=DAYS_LATER + POLL_DELAYED_PAYMENT, reason="processing")


def test_what_is_on_its_way_can_not_be_made_smaller() -> None:
    lines = [RefundedLine(line_id=ORDER.lines[0].id, quantity=1)]
    with pytest.raises(ShortageTooLate) as refused:
        shortage_told(facts(DEBIT), ShortageId("sho_1"), lines, written_off=False, note=None, now=NOW)
    assert refused.value.state == "on_its_way"
