"""What of a failed capture is lost: a person is told of each cent of it, and what they did without is no more
than they were told of.
"""

from dataclasses import replace

from domain.amount_captured import owed_again
from domain.case import CaseAction, CaseReason
from domain.comparison import payment_differs
from domain.decision import decide
from domain.giving_back import RefundChoice, refund_asked
from domain.identifiers import RefundId
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.refund import RefundState
from domain.reservation import ReservationState
from domain.resolving import case_resolved
from domain.steps import OpenCase, Void, WaitUntil
from tests.builders import a_payment, a_refund, a_refund_snapshot, a_reservation, an_order, eur
from tests.domain.test_failed_captures import (
    AUTHORIZED,
    CAME,
    CAPTURED,
    FAILED,
    KIM,
    LATER,
    TOTAL,
    VOIDED,
    a_completed_order,
    accepted,
    an_open_order,
    said,
    told,
    with_its_case,
)

ALL = TOTAL.minor


def went(facts: OrderFacts, refund_id: str, state: RefundState = RefundState.SUCCEEDED) -> OrderFacts:
    refund = facts.refund(RefundId(refund_id))
    return facts.refund_observed(refund.id, a_refund_snapshot(refund.amount, state=state), LATER)


def test_who_did_without_a_little_did_not_do_without_all() -> None:
    facts = told(an_open_order(), CAME, said(CAPTURED, ALL - 23, 23))
    facts = told(accepted(with_its_case(facts)), FAILED)
    facts = with_its_case(facts)
    assert facts.cases[-1].detail == "20.23 EUR"
    assert isinstance(decide(facts, LATER), WaitUntil)


def test_of_an_order_that_was_called_off_all_that_went_back_is_lost_with_the_capture() -> None:
    facts = with_its_case(told(an_open_order(), said(CAPTURED, ALL - 23)))
    choice = RefundChoice(amount=eur(1_000))
    facts = refund_asked(facts, RefundId("ref_1"), choice, restock=(), note=None, now=LATER)
    facts = went(facts, "ref_1")
    facts = case_resolved(facts, facts.cases[0].id, CaseAction.REFUND, KIM, RefundId("ref_2"))
    facts = told(went(facts, "ref_2"), said(AUTHORIZED, 0, ALL - 23))
    assert owed_again(facts, facts.payments[0]) == eur(ALL - 23)


def test_what_is_lost_after_a_person_has_decided_is_another_case() -> None:
    order = an_order(state=OrderState.CANCELLED)
    facts = told(OrderFacts(order=order, payments=(a_payment(order, state=AUTHORIZED),)), CAME)
    for refund_id, minor in (("ref_1", 1_000), ("ref_2", ALL - 1_000)):
        refund = a_refund(facts.payments[0], id=RefundId(refund_id), amount=eur(minor))
        facts = facts.refund_requested(refund)
    facts = went(went(facts, "ref_1"), "ref_2", RefundState.PENDING)
    facts = accepted(with_its_case(told(facts, FAILED)))
    assert facts.cases[-1].detail == "20.23 EUR, 10.00 EUR lost"
    assert not isinstance(decide(facts, LATER), OpenCase)
    facts = went(facts, "ref_2")
    step = decide(facts, LATER)
    assert isinstance(step, OpenCase)
    assert (step.reason, step.detail) == (CaseReason.CAPTURE_FAILED, "20.23 EUR")


def test_a_stray_hold_keeps_no_shopper_from_paying() -> None:
    order = an_order()
    stray = replace(a_payment(order, captured=eur(0), state=VOIDED), holds_stray=True)
    hold = a_reservation(order, state=ReservationState.HELD)
    facts = OrderFacts(order=order, reservation=hold, payments=(stray,))
    assert not isinstance(decide(facts, order.placed_at), Void)


def test_a_stray_hold_is_voided_once_its_order_is_over() -> None:
    facts = told(a_completed_order(), replace(CAME, holds_stray=True))
    assert isinstance(decide(facts, LATER), Void)


def test_a_hold_that_both_sides_know_of_is_no_difference() -> None:
    theirs = replace(said(AUTHORIZED), holds_stray=True)
    ours = a_payment(an_order(), captured=eur(0), state=VOIDED).observed(theirs, LATER)
    assert (ours.state, payment_differs(ours, theirs)) == (PaymentState.VOIDED, None)
