"""The rules of an order's life, a row each, in the order of the design: what is known, and what is next."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.attempt import LATEST_ARRIVAL, TRIES_BEFORE_CASE, Attempt, AttemptState, Operation
from domain.case import Case, CaseReason
from domain.decision import POLL_PENDING_REFUND, decide
from domain.dispute import Dispute, DisputeState
from domain.order import ClosingReason, Order, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Instrument, Payment, PaymentState
from domain.refund import Refund, RefundState
from domain.reservation import ReservationState
from domain.shortage import Shortage
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
    RefreshPayment,
    RefreshRefund,
    ReleaseStock,
    RequestRefund,
    Settled,
    StartPayment,
    Step,
    SubmitRefund,
    Void,
    WaitUntil,
)
from domain.time_to_pay import POLL_OPEN_PAYMENT
from tests.builders import (
    LATER,
    NOW,
    a_case,
    a_dispute,
    a_payment,
    a_refund,
    a_reservation,
    a_shortage,
    an_attempt,
    an_order,
    eur,
)

ORDER = an_order()
WINDOW_END = ORDER.pay_until
SOON = NOW + timedelta(seconds=10)
ITS_CARD = Instrument(token="pm_1")

OPEN = ORDER
COMPLETED = replace(ORDER, state=OrderState.COMPLETED)
CANCELLED = replace(ORDER, state=OrderState.CANCELLED)
EXPIRED = replace(ORDER, state=OrderState.EXPIRED)

HELD, CONFIRMED = ReservationState.HELD, ReservationState.CONFIRMED
RELEASED, NO_GOODS = ReservationState.RELEASED, ReservationState.REFUSED


def payment(state: str, **changes: Any) -> Payment:
    captured = ORDER.total if state == "captured" else eur(0)
    return a_payment(ORDER, **{"state": PaymentState(state), "captured": captured, **changes})


NEW, AWAITING, PROCESSING = payment("new"), payment("awaiting_method"), payment("processing")
OFFERED = replace(AWAITING, offered=ITS_CARD)
SEEN_AT_THE_END = replace(AWAITING, seen_at=WINDOW_END)
SEEN_JUST_BEFORE = replace(AWAITING, seen_at=WINDOW_END - timedelta(seconds=1))
AUTHORIZED, CAPTURED = payment("authorized"), payment("captured")
SECOND_AUTHORIZED, SECOND_CAPTURED = payment("authorized"), payment("captured")
VOIDED, REFUSED = payment("voided"), payment("refused")
TOO_LITTLE = payment("captured", captured=eur(2000))


def attempt(operation: Operation, state: AttemptState, subject: Payment | Refund, **changes: Any) -> Attempt:
    about = {"operation": operation, "state": state, "subject_id": subject.id, "until": SOON}
    return an_attempt(NEW, **{**about, **changes})


CREATING = attempt(Operation.CREATE_PAYMENT, AttemptState.IN_FLIGHT, NEW)
NOT_FOUND = attempt(Operation.CREATE_PAYMENT, AttemptState.UNAVAILABLE, NEW)
LATE = NOW + LATEST_ARRIVAL
LOOKED_FOR_AGAIN = replace(NOT_FOUND, until=LATE)
CAPTURING = attempt(Operation.CAPTURE, AttemptState.UNKNOWN, AUTHORIZED)
CAPTURING_DUE = replace(CAPTURING, until=NOW)
OFTEN_TRIED = replace(CAPTURING, tries=TRIES_BEFORE_CASE)
NOBODY_THERE = attempt(Operation.CAPTURE, AttemptState.UNAVAILABLE, AUTHORIZED)
NOBODY_THERE_OFTEN = replace(NOBODY_THERE, tries=TRIES_BEFORE_CASE)

BACK = a_refund(CAPTURED)
BACK_PARTLY = a_refund(CAPTURED, amount=eur(500), state=RefundState.SUCCEEDED)
UNDERWAY = a_refund(CAPTURED, state=RefundState.PENDING)
UNDERWAY_SEEN = a_refund(CAPTURED, state=RefundState.PENDING, seen_at=NOW + POLL_PENDING_REFUND / 2)
FAILED = a_refund(CAPTURED, state=RefundState.FAILED)
DISPUTED = a_dispute(CAPTURED)
SHORT = a_shortage(ORDER)
CAPTURED_LESS = replace(CAPTURED, captured=CAPTURED.amount - SHORT.amount)
BACK_FOR_SECOND = a_refund(SECOND_CAPTURED, state=RefundState.SUCCEEDED)


def told(reason: CaseReason, subject_id: str) -> Case:
    return a_case(subject_id, reason=reason)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of the order; the rest is as ordinary as can be."""

    order: Order = OPEN
    hold: ReservationState | None = HELD
    hold_until: datetime = WINDOW_END + POLL_OPEN_PAYMENT
    payments: tuple[Payment, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    refunds: tuple[Refund, ...] = ()
    shortages: tuple[Shortage, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    cases: tuple[Case, ...] = ()
    now: datetime = NOW

    def next_step(self) -> Step:
        hold = a_reservation(ORDER, state=self.hold, expires_at=self.hold_until) if self.hold else None
        facts = OrderFacts(
            order=self.order,
            reservation=hold,
            payments=self.payments,
            attempts=self.attempts,
            refunds=self.refunds,
            shortages=self.shortages,
            disputes=self.disputes,
            cases=self.cases,
        )
        return decide(facts, self.now)


def waits(until: datetime, reason: str) -> WaitUntil:
    return WaitUntil(at=until, reason=reason)


ASKED_FOR = Known(order=EXPIRED, hold=None, payments=(NEW,), attempts=(NOT_FOUND,))

IN_DOUBT = [
    (
        "somebody is calling the provider: nothing else, until the lease ends",
        Known(payments=(NEW,), attempts=(CREATING,)),
        waits(SOON, "create_payment_in_flight"),
    ),
    (
        "not even for an order that was cancelled meanwhile",
        Known(order=CANCELLED, payments=(NEW,), attempts=(CREATING,)),
        waits(SOON, "create_payment_in_flight"),
    ),
    (
        "who was calling has died: look it up",
        Known(payments=(NEW,), attempts=(CREATING,), now=SOON),
        LookUp(attempt=CREATING),
    ),
    (
        "the outcome is unknown: look it up",
        Known(payments=(AUTHORIZED,), attempts=(CAPTURING_DUE,)),
        LookUp(attempt=CAPTURING_DUE),
    ),
    (
        "but not before its time",
        Known(payments=(AUTHORIZED,), attempts=(CAPTURING,)),
        waits(SOON, "capture_unknown"),
    ),
    (
        "12: its tries are used up: tell a person",
        Known(payments=(AUTHORIZED,), attempts=(OFTEN_TRIED,)),
        OpenCase(reason=CaseReason.TRIES_USED_UP, subject_id=OFTEN_TRIED.id),
    ),
    (
        "12: and keep trying",
        Known(
            payments=(AUTHORIZED,),
            attempts=(OFTEN_TRIED,),
            cases=(told(CaseReason.TRIES_USED_UP, OFTEN_TRIED.id),),
        ),
        waits(SOON, "capture_unknown"),
    ),
    (
        "12: also where nobody answers",
        Known(payments=(AUTHORIZED,), hold=CONFIRMED, attempts=(NOBODY_THERE_OFTEN,)),
        OpenCase(reason=CaseReason.TRIES_USED_UP, subject_id=NOBODY_THERE_OFTEN.id),
    ),
    (
        "nobody was there: the same step again, after a while",
        Known(payments=(AUTHORIZED,), hold=CONFIRMED, attempts=(NOBODY_THERE,)),
        waits(SOON, "capture_unavailable"),
    ),
    (
        "nobody was there, and the while is over",
        Known(payments=(AUTHORIZED,), hold=CONFIRMED, attempts=(NOBODY_THERE,), now=SOON),
        Capture(payment=AUTHORIZED),
    ),
]

UNUSABLE_MONEY = [
    (
        "2: captured for a cancelled order: it goes back",
        Known(order=CANCELLED, payments=(CAPTURED,)),
        RequestRefund(payment=CAPTURED, amount=ORDER.total),
    ),
    (
        "2: what was refunded before stays refunded",
        Known(order=CANCELLED, payments=(CAPTURED,), refunds=(BACK_PARTLY,)),
        RequestRefund(payment=CAPTURED, amount=ORDER.total - eur(500)),
    ),
    (
        "2: and a person is told",
        Known(order=CANCELLED, payments=(CAPTURED,), refunds=(BACK,)),
        OpenCase(reason=CaseReason.MONEY_FOR_CLOSED_ORDER, subject_id=CAPTURED.id),
    ),
    (
        "2: captured twice: the second goes back, even after completion",
        Known(order=COMPLETED, hold=CONFIRMED, payments=(CAPTURED, SECOND_CAPTURED)),
        RequestRefund(payment=SECOND_CAPTURED, amount=ORDER.total),
    ),
    (
        "2: captured twice: a person is told",
        Known(
            order=COMPLETED,
            hold=CONFIRMED,
            payments=(CAPTURED, SECOND_CAPTURED),
            refunds=(BACK_FOR_SECOND,),
        ),
        OpenCase(reason=CaseReason.CAPTURED_TWICE, subject_id=SECOND_CAPTURED.id),
    ),
    (
        "2: a refund that failed is not tried again by itself",
        Known(order=CANCELLED, payments=(CAPTURED,), refunds=(FAILED,)),
        OpenCase(reason=CaseReason.MONEY_FOR_CLOSED_ORDER, subject_id=CAPTURED.id),
    ),
    (
        "2: late money, and the goods are gone",
        Known(order=EXPIRED, hold=NO_GOODS, payments=(CAPTURED,)),
        RequestRefund(payment=CAPTURED, amount=ORDER.total),
    ),
    (
        "another amount than agreed was captured: tell a person",
        Known(hold=CONFIRMED, payments=(TOO_LITTLE,)),
        OpenCase(reason=CaseReason.CAPTURED_AMOUNT_DIFFERS, subject_id=TOO_LITTLE.id),
    ),
    (
        "3: authorized for a cancelled order",
        Known(order=CANCELLED, payments=(AUTHORIZED,)),
        Void(payment=AUTHORIZED),
    ),
    (
        "3: authorized for an expired order",
        Known(order=EXPIRED, payments=(AUTHORIZED,)),
        Void(payment=AUTHORIZED),
    ),
    (
        "3: authorized twice",
        Known(payments=(AUTHORIZED, SECOND_AUTHORIZED)),
        Void(payment=SECOND_AUTHORIZED),
    ),
    (
        "3: authorized beside a captured one",
        Known(hold=CONFIRMED, payments=(AUTHORIZED, CAPTURED)),
        Void(payment=AUTHORIZED),
    ),
]

CALLED_OFF = [
    (
        "4: cancelled: the payment is stopped first",
        Known(order=CANCELLED, payments=(AWAITING,)),
        Void(payment=AWAITING),
    ),
    (
        "4: also while the provider works on it",
        Known(order=CANCELLED, payments=(PROCESSING,)),
        Void(payment=PROCESSING),
    ),
    ("4: then the goods are released", Known(order=CANCELLED, payments=(VOIDED,)), ReleaseStock()),
    (
        "4: also if they were sold already",
        Known(order=CANCELLED, hold=CONFIRMED, payments=(VOIDED,)),
        ReleaseStock(),
    ),
    ("4: the provider never heard of it", Known(order=EXPIRED, payments=(NEW,)), ReleaseStock()),
    ("4: nothing left", Known(order=CANCELLED, hold=RELEASED, payments=(VOIDED,)), Settled()),
    ("4: what was not found may arrive late", ASKED_FOR, waits(LATE, "late_arrival")),
    ("4: and is looked for once more", replace(ASKED_FOR, now=LATE), LookUp(attempt=NOT_FOUND)),
    ("4: but not twice", replace(ASKED_FOR, attempts=(LOOKED_FOR_AGAIN,), now=LATE), Settled()),
    (
        "4: late money for an expired order finds the goods held",
        Known(order=EXPIRED, payments=(CAPTURED,)),
        ConfirmStock(),
    ),
    ("4: or holds them again", Known(order=EXPIRED, hold=RELEASED, payments=(CAPTURED,)), HoldStock()),
    ("4: and completes it", Known(order=EXPIRED, hold=CONFIRMED, payments=(CAPTURED,)), Complete()),
]

PAYING = [
    ("5: an open order holds its goods first", Known(hold=None), HoldStock()),
    ("5: also again", Known(hold=RELEASED, payments=(AUTHORIZED,)), HoldStock()),
    ("5: refused: cancel", Known(hold=NO_GOODS, payments=(NEW,)), Close(reason=ClosingReason.OUT_OF_STOCK)),
    (
        "5: refused: stop the payment first",
        Known(hold=NO_GOODS, payments=(AWAITING,)),
        Void(payment=AWAITING),
    ),
    (
        "9: refused: give the authorization back first",
        Known(hold=NO_GOODS, payments=(AUTHORIZED,)),
        Void(payment=AUTHORIZED),
    ),
    (
        "10: refused after the capture: cancel, and rule 2 follows",
        Known(hold=NO_GOODS, payments=(CAPTURED,)),
        Close(reason=ClosingReason.OUT_OF_STOCK),
    ),
    ("6: held, no payment: start one", Known(), StartPayment()),
    ("6: the last was voided: start another", Known(payments=(VOIDED,)), StartPayment()),
    (
        "6: the provider won't have it: give up",
        Known(payments=(REFUSED,)),
        Close(reason=ClosingReason.PAYMENT_REFUSED),
    ),
    ("6: create it", Known(payments=(NEW,)), CreatePayment(payment=NEW)),
    ("7: the shopper offers a card", Known(payments=(OFFERED,)), ConfirmPayment(payment=OFFERED)),
    ("7: the shopper's turn", Known(payments=(AWAITING,)), waits(NOW + POLL_OPEN_PAYMENT, "awaiting_method")),
    (
        "7: a webhook may have been lost",
        Known(payments=(AWAITING,), now=NOW + POLL_OPEN_PAYMENT),
        RefreshPayment(payment=AWAITING),
    ),
    (
        "7: never past the window",
        Known(
            payments=(replace(AWAITING, seen_at=WINDOW_END - timedelta(minutes=1)),),
            now=WINDOW_END - timedelta(seconds=1),
        ),
        waits(WINDOW_END, "awaiting_method"),
    ),
    (
        "7: the hold would end before the window",
        Known(payments=(AWAITING,), hold_until=WINDOW_END - timedelta(seconds=1)),
        ExtendHold(until=WINDOW_END + POLL_OPEN_PAYMENT),
    ),
    (
        "7: the window is over: look once more",
        Known(payments=(AWAITING,), now=WINDOW_END),
        RefreshPayment(payment=AWAITING),
    ),
    (
        "7: a look from before the end doesn't count: the shopper may have paid since",
        Known(payments=(SEEN_JUST_BEFORE,), now=WINDOW_END),
        RefreshPayment(payment=SEEN_JUST_BEFORE),
    ),
    (
        "7: then stop the payment",
        Known(payments=(SEEN_AT_THE_END,), now=WINDOW_END),
        Void(payment=SEEN_AT_THE_END),
    ),
    (
        "7: then expire",
        Known(payments=(VOIDED,), now=WINDOW_END),
        Close(reason=ClosingReason.NOT_PAID_IN_TIME),
    ),
    (
        "7: expire at once where the provider knows nothing",
        Known(payments=(NEW,), now=WINDOW_END),
        Close(reason=ClosingReason.NOT_PAID_IN_TIME),
    ),
    (
        "7: money that came at the very end goes on",
        Known(payments=(AUTHORIZED,), now=WINDOW_END + LATER),
        ConfirmStock(),
    ),
]

PAID = [
    ("9: authorized: confirm the stock first", Known(payments=(AUTHORIZED,)), ConfirmStock()),
    ("9: confirmed: capture", Known(payments=(AUTHORIZED,), hold=CONFIRMED), Capture(payment=AUTHORIZED)),
    ("10: captured at once: confirm the stock", Known(payments=(CAPTURED,)), ConfirmStock()),
    ("10: captured, confirmed: complete", Known(payments=(CAPTURED,), hold=CONFIRMED), Complete()),
    ("11: complete", Known(order=COMPLETED, payments=(CAPTURED,), hold=CONFIRMED), Settled()),
    (
        "11: a refund was asked for",
        Known(order=COMPLETED, hold=CONFIRMED, payments=(CAPTURED,), refunds=(BACK,)),
        SubmitRefund(refund=BACK),
    ),
    (
        "11: a refund is on its way",
        Known(order=COMPLETED, hold=CONFIRMED, payments=(CAPTURED,), refunds=(UNDERWAY,)),
        waits(NOW + POLL_PENDING_REFUND, "refund_pending"),
    ),
    (
        "11: a refund's webhook may have been lost",
        Known(
            order=COMPLETED,
            hold=CONFIRMED,
            payments=(CAPTURED,),
            refunds=(UNDERWAY,),
            now=NOW + POLL_PENDING_REFUND,
        ),
        RefreshRefund(refund=UNDERWAY),
    ),
    (
        "11: of several refunds the one that was not looked at for longest",
        Known(
            order=COMPLETED,
            hold=CONFIRMED,
            payments=(CAPTURED,),
            refunds=(UNDERWAY_SEEN, UNDERWAY),
            now=NOW + POLL_PENDING_REFUND,
        ),
        RefreshRefund(refund=UNDERWAY),
    ),
    (
        "11: a dispute: tell a person",
        Known(order=COMPLETED, hold=CONFIRMED, payments=(CAPTURED,), disputes=(DISPUTED,)),
        OpenCase(reason=CaseReason.DISPUTE, subject_id=DISPUTED.id, detail="open"),
    ),
    (
        "11: told of the dispute",
        Known(
            order=COMPLETED,
            hold=CONFIRMED,
            payments=(CAPTURED,),
            disputes=(DISPUTED,),
            cases=(told(CaseReason.DISPUTE, DISPUTED.id),),
        ),
        Settled(),
    ),
    (
        "11: the bank has decided",
        Known(
            order=COMPLETED,
            hold=CONFIRMED,
            payments=(CAPTURED,),
            disputes=(replace(DISPUTED, state=DisputeState.LOST),),
        ),
        Settled(),
    ),
    (
        "10: captured less than agreed, as a shortage said",
        Known(payments=(CAPTURED_LESS,), hold=CONFIRMED, shortages=(SHORT,)),
        Complete(),
    ),
    (
        "10: captured less than agreed, and nobody knows why",
        Known(payments=(CAPTURED_LESS,), hold=CONFIRMED),
        OpenCase(reason=CaseReason.CAPTURED_AMOUNT_DIFFERS, subject_id=CAPTURED_LESS.id),
    ),
    (
        "10: captured all although a shortage was reported",
        Known(payments=(CAPTURED,), hold=CONFIRMED, shortages=(SHORT,)),
        OpenCase(reason=CaseReason.CAPTURED_AMOUNT_DIFFERS, subject_id=CAPTURED.id),
    ),
    (
        "11: a refund failed: tell a person",
        Known(order=COMPLETED, hold=CONFIRMED, payments=(CAPTURED,), refunds=(FAILED,)),
        OpenCase(reason=CaseReason.REFUND_FAILED, subject_id=FAILED.id),
    ),
    (
        "11: told",
        Known(
            order=COMPLETED,
            hold=CONFIRMED,
            payments=(CAPTURED,),
            refunds=(FAILED,),
            cases=(told(CaseReason.REFUND_FAILED, FAILED.id),),
        ),
        Settled(),
    ),
]

ROWS = [*IN_DOUBT, *UNUSABLE_MONEY, *CALLED_OFF, *PAYING, *PAID]


@pytest.mark.parametrize(("known", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_rule(known: Known, expected: Step) -> None:
    assert known.next_step() == expected
