"""What an inventory service says of a hold: only what can follow is taken in, and nothing twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.holding import hold_observed, hold_requested
from domain.identifiers import ReservationId, Sku
from domain.order_facts import OrderFacts
from domain.reservation import HoldSnapshot, ReservationState
from domain.shop import StockKeeper
from tests.builders import NOW, a_reservation, a_service_hold, an_order

ORDER = an_order(stock_keeper=StockKeeper.SERVICE)
REQUESTED, HELD, PARTIAL, REFUSED, CONFIRMED, RELEASED, EXPIRED, LOST = (
    ReservationState.REQUESTED,
    ReservationState.HELD,
    ReservationState.PARTIAL,
    ReservationState.REFUSED,
    ReservationState.CONFIRMED,
    ReservationState.RELEASED,
    ReservationState.EXPIRED,
    ReservationState.LOST,
)
# From, and what the service says, to what that makes of it. All else changes nothing.
FOLLOWS = {
    **{(REQUESTED, said): said for said in (HELD, PARTIAL, REFUSED)},
    **{(HELD, said): said for said in (CONFIRMED, RELEASED, EXPIRED, LOST)},
    # Nobody gets a part of what they ordered: in the end nothing could be had.
    **{(PARTIAL, said): REFUSED for said in (CONFIRMED, RELEASED, EXPIRED, LOST)},
}


@pytest.mark.parametrize("said", ReservationState)
@pytest.mark.parametrize("before", ReservationState)
def test_a_fact_follows_or_changes_nothing(before: ReservationState, said: ReservationState) -> None:
    hold = a_service_hold(ORDER, state=before)
    after = hold.observed(HoldSnapshot(state=said, reference="res_1", short_of=(Sku("MUG"),)))
    assert after.state is FOLLOWS.get((before, said), before)
    if (before, said) not in FOLLOWS:
        assert after == hold
    assert after.observed(HoldSnapshot(state=said, reference="res_1")) == after


def test_the_service_has_no_say_about_our_own_stock() -> None:
    ours = a_reservation(ORDER)
    assert ours.observed(HoldSnapshot(state=RELEASED)) == ours


def test_a_hold_learns_its_name_and_how_long_it_lasts() -> None:
    until = NOW + timedelta(minutes=15)
    asked = a_service_hold(ORDER, state=REQUESTED)
    held = asked.observed(HoldSnapshot(state=HELD, reference="res_1", expires_at=until))
    assert held.service is not None
    assert (held.service.reference, held.expires_at) == ("res_1", until)
    assert not held.is_gone_at(until - timedelta(seconds=1))
    assert held.is_gone_at(until)


def test_a_hold_on_our_own_stock_does_not_end_by_itself() -> None:
    assert not a_reservation(ORDER).is_gone_at(NOW + timedelta(days=365))


def test_what_is_said_of_an_earlier_hold_does_not_touch_the_present_one() -> None:
    facts = OrderFacts(order=ORDER, reservation=a_service_hold(ORDER))
    late = hold_observed(facts, ReservationId("res_of_before"), HoldSnapshot(state=LOST), NOW)
    assert late == facts


def test_a_repeated_fact_is_told_once() -> None:
    facts = OrderFacts(order=ORDER, reservation=a_service_hold(ORDER, state=CONFIRMED))
    hold = facts.reservation
    assert hold is not None
    assert hold_observed(facts, hold.id, HoldSnapshot(state=CONFIRMED), NOW) == facts


def test_a_hold_that_ran_out_is_told_when_another_is_asked_for() -> None:
    facts = OrderFacts(order=ORDER, reservation=a_service_hold(ORDER, expires_at=NOW))
    asked = a_service_hold(ORDER, state=REQUESTED)
    after = hold_requested(facts, asked, NOW)
    assert [event.kind.value for event in after.news.events] == ["hold_expired", "hold_requested"]
    assert after.reservation == asked
    first = hold_requested(replace(facts, reservation=None), asked, NOW)
    assert [event.kind.value for event in first.news.events] == ["hold_requested"]
