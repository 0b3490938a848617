"""What people can decide about a case: a row for each situation, and laws that hold for any."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.act import Act
from domain.attempt import TRIES_BEFORE_CASE, AttemptState, Operation, holds_lease
from domain.case import KINDS, Case, CaseAction, CaseReason
from domain.decision import decide
from domain.dispute import DisputeState
from domain.errors import ActionNotPossible, CaseAlreadyResolved, UnknownCase
from domain.foresight import foresee
from domain.identifiers import LineId, RefundId
from domain.money import total_of
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.refund import RefundState
from domain.reservation import ReservationState
from domain.resolving import case_assigned, case_resolved, possible_actions
from tests.builders import (
    NOW,
    a_case,
    a_dispute,
    a_payment,
    a_refund,
    a_reservation,
    a_share,
    an_attempt,
    an_order,
    any_facts,
    eur,
)
from tests.domain.combinations import ORDER, orders, payments
from tests.domain.decision_laws import broken_laws

RETRY, REFUND, CANCEL, ACCEPT = CaseAction.RETRY, CaseAction.REFUND, CaseAction.CANCEL, CaseAction.ACCEPT
ACT = Act(by="Kim", why="it was agreed", at=NOW)
NEW = RefundId("ref_new")

COMPLETED = replace(ORDER, state=OrderState.COMPLETED)
CANCELLED = replace(ORDER, state=OrderState.CANCELLED)
AUTHORIZED = a_payment(ORDER, state=PaymentState.AUTHORIZED)
CAPTURED = a_payment(ORDER, state=PaymentState.CAPTURED, captured=ORDER.total)
TOO_LITTLE = replace(CAPTURED, captured=eur(2000))
TOO_MUCH = replace(CAPTURED, captured=eur(2100))
AFTER_END = replace(CAPTURED, was_over=True)
FAILED = a_refund(CAPTURED, state=RefundState.FAILED)
GONE = a_refund(CAPTURED, state=RefundState.SUCCEEDED)
STUCK = an_attempt(
    AUTHORIZED, operation=Operation.CAPTURE, state=AttemptState.UNAVAILABLE, tries=TRIES_BEFORE_CASE
)
CONFIRMED = a_reservation(ORDER, state=ReservationState.CONFIRMED)


def known(order: object = COMPLETED, *about: object, **more: object) -> OrderFacts:
    return OrderFacts(order=order, reservation=CONFIRMED, **more)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A case of this reason about this subject, in an order with these facts: what can be done."""

    reason: CaseReason
    subject_id: str
    facts: OrderFacts
    can: tuple[CaseAction, ...]

    def case(self) -> Case:
        return a_case(self.subject_id, reason=self.reason)

    def with_case(self) -> tuple[OrderFacts, Case]:
        case = self.case()
        return replace(self.facts, cases=(case,)), case


SITUATIONS: dict[str, Row] = {
    "a failed refund": Row(
        reason=CaseReason.REFUND_FAILED,
        subject_id=FAILED.id,
        facts=known(payments=(CAPTURED,), refunds=(FAILED,)),
        can=(RETRY, ACCEPT),
    ),
    "a failed refund whose money went back since": Row(
        reason=CaseReason.REFUND_FAILED,
        subject_id=FAILED.id,
        facts=known(payments=(CAPTURED,), refunds=(FAILED, GONE)),
        can=(ACCEPT,),
    ),
    "a failed refund of parts that went back since": Row(
        reason=CaseReason.REFUND_FAILED,
        subject_id="ref_parts",
        facts=known(
            payments=(CAPTURED,),
            refunds=(
                a_refund(
                    CAPTURED,
                    id=RefundId("ref_parts"),
                    state=RefundState.FAILED,
                    amount=eur(1428),
                    shares=(a_share(LineId(ORDER.lines[0].id), 1, 1200, 228),),
                ),
                a_refund(CAPTURED, amount=eur(1), shares=(a_share(LineId(ORDER.lines[0].id), 0, 1, 0),)),
            ),
        ),
        can=(ACCEPT,),
    ),
    "a failed refund of money that a bank has in hand": Row(
        reason=CaseReason.REFUND_FAILED,
        subject_id=FAILED.id,
        facts=known(
            payments=(CAPTURED,),
            refunds=(FAILED,),
            disputes=(a_dispute(CAPTURED, state=DisputeState.OPEN),),
        ),
        can=(ACCEPT,),
    ),
    "a capture that is stuck": Row(
        reason=CaseReason.TRIES_USED_UP,
        subject_id=STUCK.intention,
        facts=known(ORDER, payments=(AUTHORIZED,), attempts=(STUCK,)),
        can=(RETRY, CANCEL, ACCEPT),
    ),
    "a capture that was stuck and is settled": Row(
        reason=CaseReason.TRIES_USED_UP,
        subject_id=STUCK.intention,
        facts=known(ORDER, payments=(AUTHORIZED,)),
        can=(CANCEL, ACCEPT),
    ),
    "a refund that is stuck": Row(
        reason=CaseReason.TRIES_USED_UP,
        subject_id=STUCK.intention,
        facts=known(payments=(CAPTURED,), attempts=(STUCK,)),
        can=(RETRY, ACCEPT),
    ),
    "a void that is stuck": Row(
        reason=CaseReason.TRIES_USED_UP,
        subject_id=STUCK.intention,
        facts=known(CANCELLED, payments=(AUTHORIZED,), attempts=(STUCK,)),
        can=(RETRY, ACCEPT),
    ),
    "money for a cancelled order that goes back by itself": Row(
        reason=CaseReason.MONEY_FOR_CLOSED_ORDER,
        subject_id=CAPTURED.id,
        facts=known(CANCELLED, payments=(CAPTURED,), refunds=(GONE,)),
        can=(ACCEPT,),
    ),
    "money for a cancelled order that could not go back": Row(
        reason=CaseReason.MONEY_FOR_CLOSED_ORDER,
        subject_id=CAPTURED.id,
        facts=known(CANCELLED, payments=(CAPTURED,), refunds=(FAILED,)),
        can=(REFUND, ACCEPT),
    ),
    "money of a voided payment that could not go back": Row(
        reason=CaseReason.CAPTURED_AFTER_END,
        subject_id=AFTER_END.id,
        facts=known(ORDER, payments=(AFTER_END,), refunds=(FAILED,)),
        can=(REFUND, ACCEPT),
    ),
    "too little": Row(
        reason=CaseReason.CAPTURED_AMOUNT_DIFFERS,
        subject_id=TOO_LITTLE.id,
        facts=known(ORDER, payments=(TOO_LITTLE,)),
        can=(REFUND, ACCEPT),
    ),
    "too much": Row(
        reason=CaseReason.CAPTURED_AMOUNT_DIFFERS,
        subject_id=TOO_MUCH.id,
        facts=known(payments=(TOO_MUCH,)),
        can=(REFUND, ACCEPT),
    ),
    "too little at first": Row(
        reason=CaseReason.CAPTURED_AMOUNT_DIFFERS,
        subject_id=CAPTURED.id,
        facts=known(payments=(CAPTURED,)),
        can=(ACCEPT,),
    ),
    "an order that a defect keeps from going on": Row(
        reason=CaseReason.ADVANCING_FAILED,
        subject_id=ORDER.id,
        facts=known(ORDER, payments=(AUTHORIZED,)),
        can=(RETRY, ACCEPT),
    ),
    "a dispute": Row(
        reason=CaseReason.DISPUTE,
        subject_id="dsp_1",
        facts=known(payments=(CAPTURED,)),
        can=(ACCEPT,),
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_can_be_done(situation: str) -> None:
    row = SITUATIONS[situation]
    facts, case = row.with_case()
    assert possible_actions(facts, case) == row.can


def test_there_is_a_row_for_every_reason_and_something_to_do_for_each() -> None:
    assert set(KINDS) == set(CaseReason)
    for kind in KINDS.values():
        assert kind.sentence.endswith(".")
        assert ACCEPT in kind.actions


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("action", CaseAction)
def test_what_is_foreseen_is_what_happens(situation: str, action: CaseAction) -> None:
    row = SITUATIONS[situation]
    facts, case = row.with_case()
    if action not in row.can:
        with pytest.raises(ActionNotPossible):
            foresee(facts, case, action, ACT)
        with pytest.raises(ActionNotPossible):
            case_resolved(facts, case.id, action, ACT, NEW)
        return
    foreseen = foresee(facts, case, action, ACT)
    after = case_resolved(facts, case.id, action, ACT, NEW)
    new = [refund.amount for refund in after.refunds if refund.id == NEW]
    assert foreseen.money_back == total_of(new, ORDER.total.currency)
    assert not broken_laws(after, NOW, decide(after, NOW))


def everything() -> Iterator[tuple[OrderFacts, Case]]:
    for order, payment, reason in product(orders(), payments(), KINDS):
        stuck = an_attempt(payment, state=AttemptState.UNKNOWN, tries=9)
        refund = a_refund(payment, state=RefundState.FAILED)
        subjects = {
            CaseReason.REFUND_FAILED: refund.id,
            CaseReason.TRIES_USED_UP: stuck.intention,
            CaseReason.ADVANCING_FAILED: order.id,
        }
        case = a_case(subjects.get(reason, payment.id), reason=reason)
        for attempts, refunds in product(((), (stuck,)), ((), (refund,))):
            if reason is CaseReason.REFUND_FAILED and not refunds:
                continue
            yield (
                OrderFacts(
                    order=order,
                    reservation=CONFIRMED,
                    payments=(payment,),
                    attempts=attempts,
                    refunds=refunds,
                    cases=(case,),
                ),
                case,
            )


def test_in_any_state_a_possible_decision_can_be_made_once_and_breaks_no_law() -> None:
    for facts, case in everything():
        for action in possible_actions(facts, case):
            after = case_resolved(facts, case.id, action, ACT, NEW)
            assert case_resolved(after, case.id, action, ACT, RefundId("ref_other")) is after
            assert not broken_laws(after, NOW, decide(after, NOW)), (facts, action)
            resolved = next(known for known in after.cases if known.id == case.id)
            assert possible_actions(after, resolved) == ()
            for other in CaseAction:
                if other is not action:
                    with pytest.raises(CaseAlreadyResolved):
                        case_resolved(after, case.id, other, ACT, NEW)
            with pytest.raises(CaseAlreadyResolved):
                case_assigned(after, case.id, "Robin", ACT)
            with pytest.raises(CaseAlreadyResolved):
                foresee(after, resolved, action, ACT)


@given(facts=any_facts(), action=st.sampled_from(CaseAction))
def test_a_case_of_another_order_is_unknown(facts: OrderFacts, action: CaseAction) -> None:
    with pytest.raises(UnknownCase):
        case_resolved(facts, "case_none", action, ACT, NEW)
    with pytest.raises(UnknownCase):
        case_assigned(facts, "case_none", "Robin", ACT)


def test_only_a_retry_that_starts_over_and_what_settled_itself_make_room_for_another_case() -> None:
    for reason in CaseReason:
        case = a_case("subject", reason=reason)
        assert case.stands()
        assert not case.settled(NOW).stands()
        for action in KINDS[reason].actions:
            starts_over = action is RETRY and reason is not CaseReason.REFUND_FAILED
            assert case.resolved(action, ACT).stands() is not starts_over


def test_an_attempt_in_somebodys_hands_is_left_there_by_a_retry() -> None:
    calling = replace(STUCK, state=AttemptState.IN_FLIGHT)
    case = a_case(calling.intention, reason=CaseReason.TRIES_USED_UP)
    facts = known(ORDER, payments=(AUTHORIZED,), attempts=(calling,), cases=(case,))
    after = case_resolved(facts, case.id, RETRY, ACT, NEW)
    assert after.attempts == (replace(calling, tries_forgiven=calling.tries),)
    assert holds_lease(after.attempts, calling.id, calling.tries)


def test_goods_and_payment_of_an_order_that_would_be_called_off_are_foreseen() -> None:
    facts, case = SITUATIONS["a capture that is stuck"].with_case()
    foreseen = foresee(facts, case, CANCEL, ACT)
    assert (foreseen.order_state, foreseen.payment_stopped) == (OrderState.CANCELLED, True)
    assert foreseen.goods_freed == an_order(lines=ORDER.lines).goods()
    nothing = foresee(facts, case, ACCEPT, ACT)
    assert (nothing.order_state, nothing.payment_stopped) == (OrderState.OPEN, False)
    assert nothing.goods_freed == ()
