"""What a person has given up is given up once: each cent of it is written off when they say so, and not again
whatever fails, comes or goes back later.
"""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.amount_captured import owed_again
from domain.case import CaseAction, CaseReason
from domain.comparison import OrderBooks
from domain.decision import decide
from domain.foresight import foresee
from domain.identifiers import RefundId
from domain.journal import Account, balance
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentSnapshot
from domain.refund import RefundState
from domain.resolving import case_resolved
from domain.steps import Complete, OpenCase, Settled
from tests.builders import a_payment, a_refund, a_refund_snapshot, a_reservation, an_order, eur
from tests.domain.test_failed_captures import (
    AUTHORIZED,
    CAME,
    CAPTURED,
    KIM,
    LATER,
    TOTAL,
    a_completed_order,
    accepted,
    an_open_order,
    booked,
    said,
    told,
    with_its_case,
)

ALL: Final = TOTAL.minor
PART: Final = 800
REST: Final = ALL - PART
PART_FAILED: Final = said(CAPTURED, REST, PART)
ALL_FAILED: Final = said(AUTHORIZED, 0, ALL)
LOSS: Final = (Account.SHOPPER, Account.WRITTEN_OFF)


def foreseen(facts: OrderFacts) -> int:
    return foresee(facts, facts.cases[-1], CaseAction.ACCEPT, KIM).written_off.minor


def gap(facts: OrderFacts) -> tuple[str, str] | None:
    balances = {account: balance(facts.news.entries, account) for account in Account}
    return OrderBooks(facts=facts, balances=balances, due_at=None).journal_gap()


def given_up_in_part() -> OrderFacts:
    return accepted(with_its_case(told(a_completed_order(), PART_FAILED)))


def completed_with_less() -> OrderFacts:
    """Less was captured than agreed, a person took it, and the difference is written off."""
    facts = accepted(with_its_case(told(an_open_order(), said(CAPTURED, REST))))
    assert isinstance(decide(facts, LATER), Complete)
    return facts.completed("msg_1", LATER)


def test_of_what_fails_in_two_parts_each_is_written_off_once() -> None:
    facts = given_up_in_part()
    assert booked(facts, *LOSS) == [0, PART]
    facts = with_its_case(told(facts, ALL_FAILED))
    assert foreseen(facts) == REST
    facts = accepted(facts)
    assert (booked(facts, *LOSS), gap(facts)) == ([0, ALL], None)
    assert decide(facts, LATER) == Settled()


def test_a_difference_that_was_accepted_is_not_written_off_again_when_the_rest_fails() -> None:
    facts = completed_with_less()
    assert booked(facts, *LOSS) == [0, PART]
    facts = with_its_case(told(facts, said(AUTHORIZED, 0, REST)))
    assert (facts.cases[-1].reason, foreseen(facts)) == (CaseReason.CAPTURE_FAILED, REST)
    facts = accepted(facts)
    assert (booked(facts, *LOSS), gap(facts)) == ([0, ALL], None)


def test_an_open_order_is_written_off_when_it_is_complete_and_says_so_before() -> None:
    facts = with_its_case(told(an_open_order(), CAME, PART_FAILED))
    assert foreseen(facts) == PART
    facts = accepted(facts)
    assert booked(facts, Account.WRITTEN_OFF) == [0]
    assert booked(facts.completed("msg_1", LATER), *LOSS) == [0, PART]


def test_of_an_order_that_was_paid_late_what_failed_is_written_off_once() -> None:
    order = an_order(state=OrderState.EXPIRED)
    payment = a_payment(order, state=AUTHORIZED)
    facts = OrderFacts(order=order, payments=(payment,), reservation=a_reservation(order).confirmed())
    facts = with_its_case(told(facts, CAME, PART_FAILED))
    assert foreseen(facts) == PART
    facts = accepted(facts)
    assert isinstance(decide(facts, LATER), Complete)
    assert booked(facts.completed("msg_1", LATER), *LOSS) == [0, PART]


def test_money_that_comes_after_it_was_given_up_is_no_loss_any_more() -> None:
    for facts in (
        told(given_up_in_part(), said(CAPTURED, ALL, PART)),
        told(completed_with_less(), said(CAPTURED, ALL)),
    ):
        assert (booked(facts, Account.PROVIDER, *LOSS), gap(facts)) == ([ALL, 0, 0], None)
        assert decide(facts, LATER) == Settled()


def test_money_that_came_after_all_and_fails_again_is_for_a_person_again() -> None:
    facts = told(given_up_in_part(), said(CAPTURED, ALL, PART), said(CAPTURED, REST, 2 * PART))
    facts = with_its_case(facts)
    assert foreseen(facts) == PART
    assert booked(accepted(facts), *LOSS) == [0, PART]


def test_what_comes_after_all_makes_up_for_what_was_given_up_before_anything_else() -> None:
    facts = with_its_case(told(given_up_in_part(), ALL_FAILED))
    facts = told(facts, said(CAPTURED, REST, ALL))
    assert (booked(facts, *LOSS), gap(facts)) == ([PART, 0], None)
    assert foreseen(facts) == PART


def test_a_refund_that_a_bank_sends_back_is_no_loss_any_more() -> None:
    """Of an order that was called off, what had gone back is lost once its capture fails."""
    order = an_order(state=OrderState.CANCELLED)
    facts = told(OrderFacts(order=order, payments=(a_payment(order),)), said(AUTHORIZED), CAME)
    refund = a_refund(facts.payments[0], amount=TOTAL)
    facts = facts.refund_requested(refund)
    paid, bounced = (a_refund_snapshot(TOTAL, state=s) for s in (RefundState.SUCCEEDED, RefundState.FAILED))
    facts = told(facts.refund_observed(refund.id, paid, LATER), ALL_FAILED)
    facts = accepted(with_its_case(facts))
    assert booked(facts, Account.PROVIDER, *LOSS) == [-ALL, 0, ALL]
    facts = facts.refund_observed(refund.id, bounced, LATER)
    assert (booked(facts, Account.PROVIDER, *LOSS), gap(facts)) == ([0, 0, 0], None)


words = st.tuples(st.integers(0, ALL), st.integers(0, 2 * ALL)).map(
    lambda sums: said(CAPTURED if sums[0] else AUTHORIZED, *sums)
)


@given(st.lists(words, max_size=8), st.lists(st.booleans(), min_size=8, max_size=8))
def test_whatever_fails_and_comes_the_loss_is_never_more_than_what_is_missing(
    told_of_it: list[PaymentSnapshot], accepts: list[bool]
) -> None:
    facts = a_completed_order()
    for word, yes in zip(told_of_it, accepts, strict=False):
        facts = told(facts, word)
        if isinstance(decide(facts, LATER), OpenCase):
            facts = with_its_case(facts)
        waiting = [case for case in facts.cases if case.resolution is None]
        if yes and waiting and waiting[-1].reason is CaseReason.CAPTURE_FAILED:
            before = booked(facts, Account.WRITTEN_OFF)[0]
            said_before = foresee(facts, waiting[-1], CaseAction.ACCEPT, KIM).written_off.minor
            facts = case_resolved(facts, waiting[-1].id, CaseAction.ACCEPT, KIM, RefundId("ref_1"))
            assert booked(facts, Account.WRITTEN_OFF)[0] == before + said_before
            assert not owed_again(facts, facts.payments[0])
        lost, missing = booked(facts, Account.WRITTEN_OFF)[0], ALL - facts.payments[0].captured.minor
        assert 0 <= lost <= max(0, missing)
        assert gap(facts) is None


def test_a_loss_that_the_journal_has_twice_is_a_gap() -> None:
    facts = given_up_in_part()
    (loss,) = [e for e in facts.news.entries if e.movement.value == "written_off"]
    assert gap(facts) is None
    assert gap(facts.booked(loss)) is not None


@pytest.mark.parametrize("minor", [0, -1])
def test_nothing_is_given_up_and_nothing_comes_that_is_no_money(minor: int) -> None:
    payment = a_payment(an_order()).forgoing(eur(5))
    assert payment.forgoing(eur(minor)) == payment.recovering(eur(minor)) == payment


def test_what_was_made_up_for_wholly_is_kept_as_if_nothing_had_been_given_up() -> None:
    assert told(given_up_in_part(), said(CAPTURED, ALL, PART)).payments[0].forgone is None
