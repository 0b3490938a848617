"""Disputes: whatever a provider says, in whatever order, a verdict stands and the books follow the money."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.case import CaseReason, Resolution
from domain.decision import decide
from domain.dispute import DisputeSnapshot, DisputeState
from domain.disputing import dispute_observed
from domain.identifiers import DisputeId
from domain.journal import Account, balance
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.steps import OpenCase, RequestRefund
from tests.builders import NOW, a_case, a_dispute, a_payment, an_order, eur, new_id

LATER = NOW + timedelta(days=1)
INQUIRY, OPEN, WON, LOST = DisputeState.INQUIRY, DisputeState.OPEN, DisputeState.WON, DisputeState.LOST
# From a state to the states that it takes from a provider; anything else that is said changes nothing.
FOLLOWS = {INQUIRY: {INQUIRY, OPEN, WON, LOST}, OPEN: {OPEN, WON, LOST}, WON: {WON}, LOST: {LOST}}
AMOUNT = 2023


def said(state: DisputeState, *, withdrawn: bool, reference: str = "dp_1") -> DisputeSnapshot:
    return DisputeSnapshot(reference=reference, state=state, amount=eur(AMOUNT), withdrawn=withdrawn)


def facts() -> OrderFacts:
    order = an_order()
    return OrderFacts(order=order, payments=(a_payment(order),))


def told(known: OrderFacts, *snapshots: DisputeSnapshot) -> OrderFacts:
    for snapshot in snapshots:
        known = dispute_observed(known, known.payments[0].id, snapshot, DisputeId(new_id("dsp")), LATER)
    return known


def booked(known: OrderFacts) -> tuple[int, int, int]:
    accounts = (Account.PROVIDER, Account.DISPUTED, Account.WRITTEN_OFF)
    provider, disputed, written_off = (balance(known.news.entries, account) for account in accounts)
    return provider, disputed, written_off


@pytest.mark.parametrize(("before", "saying"), list(product(DisputeState, DisputeState)))
def test_what_follows_what(before: DisputeState, saying: DisputeState) -> None:
    dispute = a_dispute(facts().payments[0], state=before, withdrawn=False)
    after = dispute.observed(said(saying, withdrawn=False), LATER)
    assert after.state is (saying if saying in FOLLOWS[before] else before)
    assert after.seen_at == LATER


@pytest.mark.parametrize(
    ("snapshots", "books"),
    [
        ([said(INQUIRY, withdrawn=False)], (0, 0, 0)),
        ([said(OPEN, withdrawn=True)], (-AMOUNT, AMOUNT, 0)),
        ([said(OPEN, withdrawn=False), said(OPEN, withdrawn=True)], (-AMOUNT, AMOUNT, 0)),
        ([said(OPEN, withdrawn=True), said(WON, withdrawn=True)], (-AMOUNT, AMOUNT, 0)),
        ([said(OPEN, withdrawn=True), said(WON, withdrawn=False)], (0, 0, 0)),
        ([said(WON, withdrawn=True), said(WON, withdrawn=False), said(WON, withdrawn=True)], (0, 0, 0)),
        ([said(OPEN, withdrawn=True), said(LOST, withdrawn=True)], (-AMOUNT, 0, AMOUNT)),
        ([said(LOST, withdrawn=False), said(LOST, withdrawn=True)], (-AMOUNT, 0, AMOUNT)),
        ([said(LOST, withdrawn=True), said(OPEN, withdrawn=False)], (-AMOUNT, 0, AMOUNT)),
    ],
    ids=[
        "asked",
        "taken",
        "taken later",
        "won, not back yet",
        "back",
        "back once",
        "lost",
        "lost, taken later",
        "lost, then an old word",
    ],
)
def test_the_books_follow_the_money(snapshots: list[DisputeSnapshot], books: tuple[int, int, int]) -> None:
    assert booked(told(facts(), *snapshots)) == books


words = st.builds(
    lambda state, withdrawn: said(state, withdrawn=withdrawn), st.sampled_from(DisputeState), st.booleans()
)


@given(heard=st.lists(words, max_size=8))
def test_the_books_say_where_the_money_of_the_dispute_is(heard: list[DisputeSnapshot]) -> None:
    known = told(facts(), *heard)
    gone = [dispute for dispute in known.disputes if dispute.withdrawn]
    lost = sum(dispute.amount.minor for dispute in gone if dispute.state is LOST)
    disputed = sum(dispute.amount.minor for dispute in gone if dispute.state is not LOST)
    assert booked(known) == (-(lost + disputed), disputed, lost)
    assert len(known.disputes) == min(1, len(heard))


@given(heard=st.lists(words, min_size=1, max_size=5))
def test_hearing_the_last_word_again_adds_nothing(heard: list[DisputeSnapshot]) -> None:
    known = told(facts(), *heard)
    assert told(known, heard[-1]).news == known.news


def test_a_verdict_closes_its_case_and_no_other() -> None:
    known = told(facts(), said(OPEN, withdrawn=True), said(OPEN, withdrawn=True, reference="dp_2"))
    first, second = known.disputes
    cases = tuple(a_case(dispute.id, reason=CaseReason.DISPUTE) for dispute in (first, second))
    known = OrderFacts(order=known.order, payments=known.payments, disputes=known.disputes, cases=cases)
    closed = told(known, said(WON, withdrawn=False))
    assert [case.resolution for case in closed.cases] == [Resolution(at=LATER), None]
    assert told(closed, said(WON, withdrawn=False)).cases == closed.cases


@pytest.mark.parametrize("state", [OPEN, LOST])
@pytest.mark.parametrize("order_state", [OrderState.CANCELLED, OrderState.COMPLETED])
def test_money_that_a_bank_has_in_hand_does_not_go_back_by_itself_as_well(
    state: DisputeState, order_state: OrderState
) -> None:
    order = an_order(state=order_state)
    unusable = a_payment(order, state=PaymentState.CAPTURED, captured=order.total, was_over=True)
    dispute = a_dispute(unusable, state=state)
    known = OrderFacts(order=order, payments=(unusable,), disputes=(dispute,))
    known = replace(known, cases=(a_case(dispute.id, reason=CaseReason.DISPUTE, detail=state.value),))
    assert decide(known, LATER) == OpenCase(reason=CaseReason.CAPTURED_AFTER_END, subject_id=unusable.id)
    won = replace(known, disputes=(replace(dispute, state=WON),))
    assert decide(won, LATER) == RequestRefund(payment=unusable, amount=order.total)
