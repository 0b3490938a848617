"""Disputes: whatever a provider says, in whatever order, a verdict stands and the books follow the money."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.case import CaseReason, Resolution
from domain.decision import decide
from domain.dispute import DisputeSnapshot, DisputeState
from domain.disputing import dispute_observed, evidence_due_by
from domain.events import EventKind
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
    assert [case.resolution for case in closed.cases] == [Resolution(at=LATER, why="dispute_won"), None]
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


@pytest.mark.parametrize(
    ("verdict", "why"),
    [
        (said(WON, withdrawn=False), "dispute_won"),
        (said(WON, withdrawn=True), "dispute_won"),
        (said(LOST, withdrawn=True), "dispute_lost"),
        (said(LOST, withdrawn=False), "dispute_lost"),
    ],
    ids=["won", "won, not back yet", "lost", "lost, not taken yet"],
)
@pytest.mark.parametrize("first", [INQUIRY, OPEN])
def test_a_verdict_resolves_its_case_by_itself_and_says_why(
    first: DisputeState, verdict: DisputeSnapshot, why: str
) -> None:
    known = disputed(said(first, withdrawn=first is OPEN))
    closed = told(known, verdict)
    (case,) = closed.cases
    assert case.resolution == Resolution(at=LATER, why=why)
    assert case.decided is None
    kinds = [event.kind for event in closed.news.events]
    assert kinds.count(EventKind.CASE_RESOLVED) == 1
    assert told(closed, verdict).news == closed.news


DUE = NOW + timedelta(days=7)


@pytest.mark.parametrize(
    ("words", "due_by", "events"),
    [
        ([None], None, []),
        ([DUE], DUE, [DUE]),
        ([DUE, DUE], DUE, [DUE]),
        ([None, DUE], DUE, [DUE]),
        ([DUE, None], DUE, [DUE]),
        ([DUE, DUE + timedelta(days=1)], DUE + timedelta(days=1), [DUE, DUE + timedelta(days=1)]),
    ],
    ids=["nobody is heard", "told", "told again", "told later", "not told any more", "put off"],
)
def test_until_when_the_bank_hears_us_is_known_and_told_once(
    words: list[datetime | None], due_by: datetime | None, events: list[datetime]
) -> None:
    snapshots = [replace(said(OPEN, withdrawn=True), evidence_due_by=word) for word in words]
    known = told(facts(), *snapshots)
    (dispute,) = known.disputes
    assert dispute.evidence_due_by == due_by
    heard = [event.detail for event in known.news.events if event.kind is EventKind.EVIDENCE_DUE]
    assert heard == [moment.isoformat() for moment in events]
    assert evidence_due_by(known, a_case(dispute.id, reason=CaseReason.DISPUTE)) == due_by
    assert evidence_due_by(known, a_case("ref_1")) is None


def disputed(snapshot: DisputeSnapshot) -> OrderFacts:
    """An order with this dispute and the case that was opened for it."""
    known = told(facts(), snapshot)
    case = a_case(known.disputes[0].id, reason=CaseReason.DISPUTE, detail=snapshot.state.value)
    return replace(known, cases=(case,))
