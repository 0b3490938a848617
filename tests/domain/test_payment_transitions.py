"""A payment only moves forward: what each state makes of each thing that a provider may say.

The table is written out, not computed, so that it can disagree with the code.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CurrencyMismatch
from domain.money import Money
from domain.order_facts import OrderFacts
from domain.payment import Instrument, Payment, PaymentSnapshot, PaymentState
from tests.builders import NOW, a_decline, a_payment, a_snapshot, an_order, eur

LATER = NOW + timedelta(minutes=1)
ORDER = an_order()

NEW = PaymentState.NEW
METHOD = PaymentState.AWAITING_METHOD
CONFIRMATION = PaymentState.AWAITING_CONFIRMATION
ACTION = PaymentState.AWAITING_ACTION
PROCESSING = PaymentState.PROCESSING
AUTHORIZED = PaymentState.AUTHORIZED
CAPTURED = PaymentState.CAPTURED
VOIDED = PaymentState.VOIDED
REFUSED = PaymentState.REFUSED

_SHOPPERS_TURN = {METHOD, CONFIRMATION, ACTION, PROCESSING}
_BEYOND = {AUTHORIZED, CAPTURED, VOIDED, REFUSED}
# From a state to the states that it takes from a provider; anything else that is said changes nothing.
FOLLOWS: dict[PaymentState, set[PaymentState]] = {
    NEW: {NEW} | _SHOPPERS_TURN | _BEYOND,
    # A decline leads back to the shopper, so within these everything follows everything.
    METHOD: _SHOPPERS_TURN | _BEYOND,
    CONFIRMATION: _SHOPPERS_TURN | _BEYOND,
    ACTION: _SHOPPERS_TURN | _BEYOND,
    PROCESSING: _SHOPPERS_TURN | _BEYOND,
    AUTHORIZED: _BEYOND,
    CAPTURED: {CAPTURED},
    # What was over can still turn out to hold money at the provider.
    VOIDED: {VOIDED, CAPTURED},
    REFUSED: {REFUSED, CAPTURED},
}
PAIRS = list(product(PaymentState, PaymentState))


def in_state(state: PaymentState) -> Payment:
    captured = ORDER.total if state is CAPTURED else eur(0)
    return a_payment(ORDER, state=state, captured=captured, reference=None if state is NEW else "pi_1")


def said(state: PaymentState, **changes: Any) -> PaymentSnapshot:
    received = ORDER.total if state is CAPTURED else eur(0)
    return replace(a_snapshot(ORDER.total, state=state, received=received), **changes)


def test_the_table_has_a_row_for_every_state() -> None:
    assert set(FOLLOWS) == set(PaymentState)


@pytest.mark.parametrize(("before", "saying"), PAIRS, ids=lambda state: state.value)
def test_what_follows_what(before: PaymentState, saying: PaymentState) -> None:
    after = in_state(before).observed(said(saying), LATER)
    assert after.state is (saying if saying in FOLLOWS[before] else before)


@pytest.mark.parametrize(
    ("before", "saying"), [p for p in PAIRS if p[1] not in FOLLOWS[p[0]]], ids=lambda state: state.value
)
def test_a_stale_fact_changes_nothing_but_when_it_was_looked_at(
    before: PaymentState, saying: PaymentState
) -> None:
    payment = in_state(before)
    stale = said(saying, reference="pi_other", received=eur(999_999), client_secret="x", decline=a_decline())
    assert payment.observed(stale, LATER) == replace(payment, seen_at=LATER)


@pytest.mark.parametrize(("before", "saying"), PAIRS, ids=lambda state: state.value)
def test_saying_it_again_changes_nothing(before: PaymentState, saying: PaymentState) -> None:
    fact = said(saying, decline=a_decline(), client_secret="secret")
    once = in_state(before).observed(fact, LATER)
    assert once.observed(fact, LATER) == once


snapshots = st.builds(
    lambda state, received: said(state, received=eur(received)),
    st.sampled_from(PaymentState),
    st.integers(0, 5_000),
)


@given(state=st.sampled_from(PaymentState), facts=st.lists(snapshots, max_size=12))
def test_whatever_is_said_in_whatever_order_captured_money_never_shrinks(
    state: PaymentState, facts: list[PaymentSnapshot]
) -> None:
    payment = in_state(state)
    for fact in facts:
        after = payment.observed(fact, LATER)
        assert payment.captured <= after.captured
        assert after.state in FOLLOWS[payment.state]
        payment = after


@given(facts=st.lists(snapshots, max_size=12))
def test_a_payment_that_ended_stays_as_it_ended_unless_its_money_was_taken(
    facts: list[PaymentSnapshot],
) -> None:
    taken = any(fact.state is CAPTURED for fact in facts)
    for end in (CAPTURED, VOIDED, REFUSED):
        payment = in_state(end)
        for fact in facts:
            payment = payment.observed(fact, LATER)
        assert payment.state is (CAPTURED if taken else end)
        assert payment.was_over is (taken and end is not CAPTURED)


@pytest.mark.parametrize("end", [VOIDED, REFUSED], ids=lambda state: state.value)
def test_money_of_a_payment_that_was_over_is_a_fact_and_nothing_goes_by_it(end: PaymentState) -> None:
    payment = in_state(end).observed(said(CAPTURED), LATER)
    assert (payment.state, payment.captured, payment.was_over) == (CAPTURED, ORDER.total, True)
    assert OrderFacts(order=ORDER, payments=(payment,)).live_payment is None


def test_a_smaller_capture_that_arrives_late_is_not_believed() -> None:
    whole = in_state(AUTHORIZED).observed(said(CAPTURED), LATER)
    assert whole.observed(said(CAPTURED, received=eur(1)), LATER).captured == ORDER.total


def test_money_in_another_currency_is_refused_by_name() -> None:
    with pytest.raises(CurrencyMismatch):
        in_state(AUTHORIZED).observed(said(CAPTURED, received=Money.of(2023, "USD")), LATER)


def test_a_client_secret_is_kept_when_a_later_answer_leaves_it_out() -> None:
    payment = in_state(NEW).observed(said(METHOD, client_secret="secret"), LATER)
    assert payment.observed(said(ACTION), LATER).client_secret == "secret"


def test_a_decline_is_forgotten_once_another_card_works() -> None:
    declined = in_state(ACTION).observed(said(METHOD, decline=a_decline()), LATER)
    assert declined.decline == a_decline()
    assert declined.observed(said(AUTHORIZED), LATER).decline is None


@pytest.mark.parametrize("state", PaymentState, ids=lambda state: state.value)
def test_only_a_payment_that_the_provider_does_not_know_can_be_refused(state: PaymentState) -> None:
    payment = in_state(state)
    after = payment.refused(LATER)
    if state is NEW:
        assert (after.state, after.offered, after.seen_at) == (REFUSED, None, LATER)
    else:
        assert after == payment


# Whether it is open, over, and takes a card.
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (NEW, (False, False, False)),
        (METHOD, (True, False, True)),
        (CONFIRMATION, (True, False, True)),
        (ACTION, (True, False, True)),
        (PROCESSING, (True, False, False)),
        (AUTHORIZED, (False, False, False)),
        (CAPTURED, (False, False, False)),
        (VOIDED, (False, True, False)),
        (REFUSED, (False, True, False)),
    ],
    ids=lambda value: getattr(value, "value", None),
)
def test_what_a_state_means_to_the_shopper(state: PaymentState, expected: tuple[bool, bool, bool]) -> None:
    payment = in_state(state)
    assert (payment.is_open, payment.is_over, payment.takes_instruments) == expected


def test_one_card_is_tried_at_a_time() -> None:
    assert not replace(in_state(METHOD), offered=Instrument(token="pm_1")).takes_instruments
