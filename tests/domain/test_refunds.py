"""Refunds: money goes back in any parts and in any order, and never more of it than was captured."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CurrencyMismatch, RefundExceedsBalance
from domain.money import Money, total_of
from domain.refund import Refund, RefundSnapshot, RefundState, refundable, require_refundable
from tests.builders import EUR, NOW, a_payment, a_refund, a_refund_snapshot, an_order, eur

LATER = NOW + timedelta(minutes=1)
PAYMENT = a_payment(an_order())
REQUESTED, PENDING = RefundState.REQUESTED, RefundState.PENDING
SUCCEEDED, FAILED = RefundState.SUCCEEDED, RefundState.FAILED

# From a state to the states that it takes from a provider; anything else that is said changes nothing.
FOLLOWS = {
    REQUESTED: {REQUESTED, PENDING, SUCCEEDED, FAILED},
    PENDING: {PENDING, SUCCEEDED, FAILED},
    # A bank may send back what had succeeded.
    SUCCEEDED: {SUCCEEDED, FAILED},
    FAILED: {FAILED},
}
PAIRS = list(product(RefundState, RefundState))


def refund_of(minor: int, state: RefundState = REQUESTED) -> Refund:
    return a_refund(PAYMENT, amount=eur(minor), state=state)


def said(state: RefundState) -> RefundSnapshot:
    return a_refund_snapshot(eur(100), state=state)


def test_the_table_has_a_row_for_every_state() -> None:
    assert set(FOLLOWS) == set(RefundState)


@pytest.mark.parametrize(("before", "saying"), PAIRS)
def test_what_follows_what(before: RefundState, saying: RefundState) -> None:
    after = refund_of(100, before).observed(said(saying), LATER)
    assert after.state is (saying if saying in FOLLOWS[before] else before)
    assert (after.amount, after.reference, after.seen_at) == (eur(100), "re_1", LATER)


@pytest.mark.parametrize(("before", "saying"), PAIRS)
def test_saying_it_again_changes_nothing(before: RefundState, saying: RefundState) -> None:
    once = refund_of(100, before).observed(said(saying), LATER)
    assert once.observed(said(saying), LATER) == once


@pytest.mark.parametrize(
    ("states", "left"),
    [
        ([], 2000),
        ([REQUESTED], 1500),
        ([PENDING], 1500),
        ([SUCCEEDED], 1500),
        ([FAILED], 2000),
        ([SUCCEEDED, FAILED, PENDING], 1000),
        ([SUCCEEDED] * 4, 0),
    ],
)
def test_a_refund_takes_its_part_until_it_fails(states: list[RefundState], left: int) -> None:
    assert refundable(eur(2000), [refund_of(500, state) for state in states]) == eur(left)


@pytest.mark.parametrize("asked", [-1, 0, 1501, 10**12])
def test_nothing_at_all_and_more_than_is_left_are_refused_with_what_is_left(asked: int) -> None:
    with pytest.raises(RefundExceedsBalance) as refusal:
        require_refundable(eur(asked), eur(2000), [refund_of(500)])
    assert (refusal.value.asked_minor, refusal.value.refundable_minor) == (asked, 1500)


@pytest.mark.parametrize("asked", [1, 1499, 1500])
def test_anything_up_to_what_is_left_can_go_back(asked: int) -> None:
    require_refundable(eur(asked), eur(2000), [refund_of(500)])


def test_money_goes_back_in_the_currency_that_it_came_in() -> None:
    with pytest.raises(CurrencyMismatch):
        require_refundable(Money.of(1, "USD"), eur(2000), [])


wishes = st.lists(st.tuples(st.integers(-10, 3000), st.sampled_from(RefundState)), max_size=12)


def all_that_are_allowed(captured: Money, wanted: list[tuple[int, RefundState]]) -> list[Refund]:
    """The refunds that come about when everybody asks and the rule decides, and how each one ended."""
    made: list[Refund] = []
    for minor, end in wanted:
        try:
            require_refundable(eur(minor), captured, made)
        except RefundExceedsBalance:
            continue
        made.append(refund_of(minor, end))
    return made


@given(captured=st.integers(0, 5000).map(eur), wanted=wishes)
def test_refunds_that_did_not_fail_never_exceed_what_was_captured(
    captured: Money, wanted: list[tuple[int, RefundState]]
) -> None:
    made = all_that_are_allowed(captured, wanted)
    gone = total_of((refund.amount for refund in made if refund.state is not FAILED), EUR)
    assert gone <= captured
    assert refundable(captured, made) == captured - gone


@given(captured=st.integers(1, 5000).map(eur), wanted=wishes)
def test_the_last_refund_takes_the_remainder(captured: Money, wanted: list[tuple[int, RefundState]]) -> None:
    made = all_that_are_allowed(captured, wanted)
    left = refundable(captured, made)
    if left:
        require_refundable(left, captured, made)
        made.append(refund_of(left.minor, SUCCEEDED))
    assert refundable(captured, made) == eur(0)
    with pytest.raises(RefundExceedsBalance):
        require_refundable(eur(1), captured, made)


@given(wanted=wishes, data=st.data())
def test_a_refund_that_fails_gives_its_part_back(
    wanted: list[tuple[int, RefundState]], data: st.DataObject
) -> None:
    captured = eur(5000)
    made = all_that_are_allowed(captured, [(100, SUCCEEDED), *wanted])
    index = data.draw(st.integers(0, len(made) - 1))
    taken = made[index].amount if made[index].state is not FAILED else eur(0)
    failed: list[Any] = [*made[:index], made[index].failed(LATER), *made[index + 1 :]]
    assert refundable(captured, failed) == refundable(captured, made) + taken


def test_a_failure_is_final() -> None:
    failed = refund_of(100, SUCCEEDED).failed(LATER)
    assert failed.failed(LATER) == failed
    assert replace(failed.observed(said(SUCCEEDED), LATER), reference=None) == failed
