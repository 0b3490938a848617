"""Money that was captured and then failed: told in any order and any number of times it ends in the same
books, one case, and no further charge.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.act import Act
from domain.amount_captured import loss_told, owed_again
from domain.case import CaseAction, CaseReason
from domain.comparison import OrderBooks, payment_differs
from domain.decision import decide
from domain.errors import CurrencyMismatch
from domain.foresight import foresee
from domain.identifiers import CaseId, RefundId
from domain.journal import Account, balance
from domain.money import Money
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentSnapshot, PaymentState
from domain.refund import RefundState
from domain.reservation import ReservationState
from domain.resolving import case_resolved, possible_actions
from domain.steps import Capture, OpenCase, Settled, Step, WaitUntil
from tests.builders import (
    NOW,
    a_dispute,
    a_payment,
    a_refund,
    a_refund_snapshot,
    a_reservation,
    a_share,
    a_snapshot,
    an_order,
    eur,
)

LATER = NOW + timedelta(days=3)
TOTAL: Final = an_order().total
KIM: Final = Act(by="Kim", why="they paid by transfer", at=LATER)
CAPTURED, AUTHORIZED, VOIDED = PaymentState.CAPTURED, PaymentState.AUTHORIZED, PaymentState.VOIDED


def said(state: PaymentState, received: int = 0, failed: int = 0) -> PaymentSnapshot:
    snapshot = a_snapshot(TOTAL, state=state, received=eur(received))
    return replace(snapshot, failed=eur(failed) if failed else None)


CAME: Final = said(CAPTURED, TOTAL.minor)
FAILED: Final = said(AUTHORIZED, 0, TOTAL.minor)
CAME_AGAIN: Final = said(CAPTURED, TOTAL.minor, TOTAL.minor)


def an_open_order() -> OrderFacts:
    order = an_order()
    hold = a_reservation(order, state=ReservationState.CONFIRMED)
    facts = OrderFacts(order=order, reservation=hold, payments=(a_payment(order, captured=eur(0)),))
    return told(facts, said(AUTHORIZED))


def a_completed_order() -> OrderFacts:
    return told(an_open_order(), CAME).completed("msg_1", NOW)


def told(facts: OrderFacts, *snapshots: PaymentSnapshot) -> OrderFacts:
    for snapshot in snapshots:
        facts = facts.payment_observed(facts.payments[0].id, snapshot, LATER)
    return facts


def with_its_case(facts: OrderFacts) -> OrderFacts:
    step = decide(facts, LATER)
    assert isinstance(step, OpenCase), step
    case_id = CaseId(f"case_{len(facts.cases)}")
    return facts.case_opened(case_id, step.reason, step.subject_id, LATER, step.detail)


def accepted(facts: OrderFacts) -> OrderFacts:
    return case_resolved(facts, facts.cases[-1].id, CaseAction.ACCEPT, KIM, RefundId("ref_1"))


def refunded(facts: OrderFacts, minor: int) -> OrderFacts:
    """A refund of a part of the sale, which succeeded."""
    share = a_share(facts.order.lines[0].id, pieces=0, net=minor, tax=0)
    refund = a_refund(facts.payments[0], amount=eur(minor), shares=(share,))
    facts = facts.refund_requested(refund)
    return facts.refund_observed(refund.id, a_refund_snapshot(eur(minor), state=RefundState.SUCCEEDED), LATER)


def booked(facts: OrderFacts, *accounts: Account) -> list[int]:
    return [balance(facts.news.entries, account) for account in accounts]


def opens(facts: OrderFacts) -> OpenCase:
    payment = facts.payments[0]
    return OpenCase(reason=CaseReason.CAPTURE_FAILED, subject_id=payment.id, detail=loss_told(facts, payment))


def test_a_completed_order_whose_money_failed_is_shown_to_a_person_and_stays_complete() -> None:
    facts = told(a_completed_order(), FAILED)
    assert (facts.order.state, facts.payments[0].state) == (OrderState.COMPLETED, CAPTURED)
    assert (facts.payments[0].captured, facts.payments[0].failed) == (eur(0), TOTAL)
    assert decide(facts, LATER) == opens(facts)
    assert opens(facts).detail == str(TOTAL)
    assert decide(with_its_case(facts), LATER) == Settled()


def test_the_books_say_that_the_provider_holds_nothing_and_the_shopper_owes_it() -> None:
    facts = told(a_completed_order(), FAILED)
    assert booked(facts, Account.PROVIDER, Account.SHOPPER) == [0, TOTAL.minor]
    balances = {account: balance(facts.news.entries, account) for account in Account}
    assert OrderBooks(facts=facts, balances=balances, due_at=None).journal_gap() is None


@pytest.mark.parametrize(
    "again", [CAME, FAILED, said(AUTHORIZED), said(VOIDED), said(VOIDED, 0, TOTAL.minor)]
)
def test_what_is_told_late_or_again_changes_neither_books_nor_case(again: PaymentSnapshot) -> None:
    facts = with_its_case(told(a_completed_order(), FAILED))
    for known in (facts, accepted(facts)):
        after = told(known, again, FAILED, again)
        assert after.payments == known.payments
        assert (after.news.entries, after.cases) == (known.news.entries, known.cases)
        assert decide(after, LATER) == Settled()


@given(st.permutations([CAME, CAME, FAILED, FAILED, said(AUTHORIZED), said(VOIDED)]))
def test_the_order_in_which_it_is_told_decides_nothing(said_of_it: list[PaymentSnapshot]) -> None:
    payment = told(a_completed_order(), *said_of_it).payments[0]
    assert (payment.captured, payment.failed, payment.state) == (eur(0), TOTAL, CAPTURED)


words = st.builds(
    said, st.sampled_from(PaymentState), st.integers(0, 5_000), st.sampled_from([0, 1, 700, 2_023, 4_046])
)


@given(st.lists(words, max_size=12))
def test_whatever_is_told_nothing_fails_that_was_not_captured_and_what_failed_stays_failed(
    told_of_it: list[PaymentSnapshot],
) -> None:
    facts = an_open_order()
    for word in told_of_it:
        before, facts = facts.payments[0], told(facts, word)
        after = facts.payments[0]
        assert after.captured.minor >= 0
        assert (after.failed or eur(0)) >= (before.failed or eur(0))
        assert after.ever_captured >= before.ever_captured
        assert booked(facts, Account.PROVIDER) == [after.captured.minor]
        assert told(facts, word).payments == facts.payments


@pytest.mark.parametrize("state", [AUTHORIZED, VOIDED, CAPTURED], ids=lambda state: state.value)
def test_a_provider_that_has_nothing_left_of_it_agrees_with_us(state: PaymentState) -> None:
    theirs = said(state, 0, TOTAL.minor)
    before = a_completed_order().payments[0]
    assert payment_differs(before, theirs) is not None
    assert payment_differs(before.observed(theirs, LATER), theirs) is None
    assert payment_differs(before.observed(theirs, LATER), CAME) is not None


def test_a_refund_or_a_bank_that_takes_the_money_is_no_failed_capture() -> None:
    facts = told(refunded(a_completed_order(), 500), CAME)
    taken = a_dispute(facts.payments[0], withdrawn=True)
    facts = replace(facts, disputes=(taken,))
    assert not owed_again(facts, facts.payments[0])
    assert decide(facts, LATER) == OpenCase(
        reason=CaseReason.DISPUTE, subject_id=taken.id, detail=taken.state.value
    )


def test_what_was_refunded_of_money_that_then_failed_is_lost_and_owed() -> None:
    facts = told(refunded(a_completed_order(), 500), FAILED)
    assert booked(facts, Account.PROVIDER, Account.SHOPPER) == [-500, TOTAL.minor]
    assert facts.sale.refundable(facts.payments[0]) == eur(0)
    facts = accepted(with_its_case(facts))
    assert booked(facts, Account.SHOPPER, Account.WRITTEN_OFF) == [0, TOTAL.minor]


def test_accepting_writes_off_what_is_owed_and_says_so_before() -> None:
    facts = with_its_case(told(a_completed_order(), FAILED))
    case = facts.cases[0]
    assert possible_actions(facts, case) == (CaseAction.ACCEPT,)
    assert foresee(facts, case, CaseAction.ACCEPT, KIM).written_off == TOTAL
    assert booked(accepted(facts), Account.SHOPPER, Account.WRITTEN_OFF) == [0, TOTAL.minor]


def test_money_that_comes_after_all_settles_the_case() -> None:
    facts = told(with_its_case(told(a_completed_order(), FAILED)), CAME_AGAIN)
    (case,) = facts.cases
    assert case.resolution is not None
    assert case.decided is None
    assert booked(facts, Account.PROVIDER, Account.SHOPPER) == [TOTAL.minor, 0]
    assert decide(facts, LATER) == Settled()


def test_money_that_fails_once_more_is_another_case() -> None:
    facts = told(with_its_case(told(a_completed_order(), FAILED)), CAME_AGAIN)
    facts = told(facts, said(AUTHORIZED, 0, 2 * TOTAL.minor))
    assert decide(facts, LATER) == opens(facts)
    assert opens(facts).detail == "40.46 EUR, 20.23 EUR lost"


def test_of_two_captures_one_that_fails_leaves_what_was_agreed() -> None:
    facts = told(an_open_order(), said(CAPTURED, 2 * TOTAL.minor)).completed("msg_1", NOW)
    assert with_its_case(facts).cases[0].reason is CaseReason.CAPTURED_AMOUNT_DIFFERS
    facts = told(with_its_case(facts), said(CAPTURED, TOTAL.minor, TOTAL.minor))
    assert facts.cases[0].resolution is not None
    assert decide(facts, LATER) == Settled()


def test_an_open_order_whose_money_failed_is_neither_completed_nor_charged_again() -> None:
    facts = told(an_open_order(), CAME, FAILED)
    step: Step = decide(facts, LATER)
    assert step == opens(facts)
    facts = with_its_case(facts)
    assert isinstance(decide(facts, LATER), WaitUntil)
    assert possible_actions(facts, facts.cases[0]) == (CaseAction.CANCEL, CaseAction.ACCEPT)


def test_an_open_order_that_is_called_off_for_it_gives_nothing_back() -> None:
    facts = with_its_case(told(an_open_order(), CAME, FAILED))
    facts = case_resolved(facts, facts.cases[0].id, CaseAction.CANCEL, KIM, RefundId("ref_1"))
    facts = facts.stock_released(LATER)
    assert (facts.order.state, facts.refunds) == (OrderState.CANCELLED, ())
    assert decide(facts, LATER) == Settled()
    assert booked(facts, Account.PROVIDER, Account.SHOPPER) == [0, 0]


def test_an_open_order_that_a_person_lets_go_is_complete_and_written_off() -> None:
    facts = accepted(with_its_case(told(an_open_order(), CAME, FAILED))).completed("msg_1", LATER)
    assert booked(facts, Account.SHOPPER, Account.WRITTEN_OFF) == [0, TOTAL.minor]


def test_money_that_went_back_before_it_failed_is_shown_though_the_order_is_called_off() -> None:
    order = an_order(state=OrderState.CANCELLED)
    facts = OrderFacts(order=order, payments=(a_payment(order, state=AUTHORIZED),))
    facts = told(facts, CAME)
    refund = a_refund(facts.payments[0], amount=TOTAL)
    facts = facts.refund_requested(refund)
    facts = facts.refund_observed(refund.id, a_refund_snapshot(TOTAL, state=RefundState.SUCCEEDED), LATER)
    facts = told(facts, FAILED)
    assert decide(facts, LATER) == opens(facts)
    facts = accepted(with_its_case(facts))
    assert booked(facts, Account.PROVIDER, Account.SHOPPER) == [-TOTAL.minor, 0]


def test_a_capture_that_failed_before_anybody_saw_it_may_be_asked_for_again() -> None:
    """As long as nothing was taken for paid: the order is open, and its promise of money stands."""
    facts = told(an_open_order(), FAILED)
    assert (facts.payments[0].state, facts.payments[0].captured) == (AUTHORIZED, eur(0))
    assert booked(facts, Account.PROVIDER, Account.SHOPPER) == [0, 0]
    assert isinstance(decide(facts, NOW), Capture)


def test_a_failure_in_another_currency_is_refused_by_name() -> None:
    with pytest.raises(CurrencyMismatch):
        told(a_completed_order(), replace(FAILED, failed=Money.of(2023, "USD")))
