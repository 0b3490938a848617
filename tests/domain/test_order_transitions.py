"""An order, its hold and its attempts: which states follow which, what is refused by name, and that
repeating a fact changes nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attempt import Attempt, AttemptState, holds_lease
from domain.errors import DomainRefusal, OrderAlreadyPaid, OrderNotPayable, TransitionRefused, UnknownOrder
from domain.events import EventKind
from domain.order import ClosingReason, Order, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Instrument, PaymentState
from domain.reservation import Reservation, ReservationState
from domain.shop import ShopRules
from tests.builders import (
    NOW,
    a_cart_line,
    a_payment,
    a_reservation,
    a_sku,
    an_attempt,
    an_order,
    pieces,
    placed_facts,
    priced,
)

LATER = NOW + timedelta(minutes=1)
OPEN, COMPLETED = OrderState.OPEN, OrderState.COMPLETED
CANCELLED, EXPIRED = OrderState.CANCELLED, OrderState.EXPIRED
A_PERSON = [ClosingReason.SHOPPER, ClosingReason.MERCHANT]
THE_RULES = [ClosingReason.OUT_OF_STOCK, ClosingReason.PAYMENT_REFUSED]


@pytest.mark.parametrize(
    ("before", "reason", "after"),
    [
        *((OPEN, reason, CANCELLED) for reason in (*A_PERSON, *THE_RULES)),
        (OPEN, ClosingReason.NOT_PAID_IN_TIME, EXPIRED),
        *((COMPLETED, reason, OrderAlreadyPaid) for reason in ClosingReason),
        *((CANCELLED, reason, CANCELLED) for reason in ClosingReason),
        *((EXPIRED, reason, CANCELLED) for reason in (*A_PERSON, *THE_RULES)),
        (EXPIRED, ClosingReason.NOT_PAID_IN_TIME, EXPIRED),
    ],
)
def test_how_an_order_ends_unpaid(
    before: OrderState, reason: ClosingReason, after: OrderState | type[DomainRefusal]
) -> None:
    order = an_order(state=before)
    if isinstance(after, OrderState):
        assert order.closed(reason, LATER).state is after
    else:
        with pytest.raises(after):
            order.closed(reason, LATER)


@pytest.mark.parametrize("reason", ClosingReason)
@pytest.mark.parametrize("again", ClosingReason)
def test_an_order_that_was_closed_for_a_reason_keeps_it(reason: ClosingReason, again: ClosingReason) -> None:
    closed = OrderFacts(order=an_order()).closed(reason, NOW)
    repeated = closed.closed(again, LATER)
    if closed.order.state is EXPIRED and again is not ClosingReason.NOT_PAID_IN_TIME:
        # Late money must not revive what a person called off.
        assert (repeated.order.state, repeated.order.closing_reason) == (CANCELLED, again)
    else:
        assert repeated == closed


@pytest.mark.parametrize("before", [OPEN, EXPIRED])
def test_a_paid_order_is_completed_and_money_that_came_late_revives_an_expired_one(
    before: OrderState,
) -> None:
    order = an_order(state=before, closing_reason=None if before is OPEN else ClosingReason.NOT_PAID_IN_TIME)
    done = order.completed()
    assert (done.state, done.closing_reason, done.closed_at) == (COMPLETED, None, None)


def test_a_cancellation_stands() -> None:
    with pytest.raises(TransitionRefused) as refusal:
        an_order(state=CANCELLED).completed()
    assert (refusal.value.subject, refusal.value.state) == ("order", "cancelled")


def test_completing_it_again_changes_nothing_and_sells_nothing_twice() -> None:
    facts = placed_facts()
    once = facts.completed("msg_1", NOW)
    assert once.completed("msg_2", LATER) == once
    assert [message.id for message in once.news.messages] == ["msg_1"]


@pytest.mark.parametrize(
    ("changes", "seconds", "state"),
    [
        ({}, 0, None),
        ({}, 30 * 60 - 1, None),
        ({}, 30 * 60, "payment_window_over"),
        ({"state": COMPLETED}, 0, "completed"),
        ({"state": CANCELLED}, 0, "cancelled"),
        ({"state": EXPIRED}, 0, "expired"),
    ],
)
def test_an_order_can_be_paid_while_it_is_open_and_its_window_lasts(
    changes: dict[str, OrderState], seconds: int, state: str | None
) -> None:
    order = an_order(**changes)
    at = NOW + timedelta(seconds=seconds)
    if state is None:
        order.require_payable(at)
    else:
        with pytest.raises(OrderNotPayable) as refusal:
            order.require_payable(at)
        assert refusal.value.state == state


@given(minutes=st.integers(-60, 30))
def test_a_try_leaves_time_to_finish_it_and_never_shortens_the_window(minutes: int) -> None:
    order, at = an_order(), NOW + timedelta(minutes=minutes)
    rules = ShopRules()
    extended = order.with_payment_try(at, rules)
    assert extended.pay_until >= max(order.pay_until, at + rules.payment_try_time)
    assert extended.pay_until in (order.pay_until, at + rules.payment_try_time)


def test_tries_that_follow_each_other_do_not_keep_the_window_open_for_ever() -> None:
    order, rules = an_order(), ShopRules()
    while order.pay_until < order.placed_at + 2 * rules.payment_window:
        extended = order.with_payment_try(order.pay_until - timedelta(seconds=1), rules)
        if extended == order:
            break
        order = extended
    assert order.pay_until == order.placed_at + rules.payment_window + rules.payment_try_time


def test_an_instrument_is_refused_for_an_order_that_is_over() -> None:
    facts = placed_facts(state=CANCELLED)
    with pytest.raises(OrderNotPayable):
        facts.instrument_offered(
            facts.payments[0].id, Instrument(token="pm_1"), None, ShopRules(), facts.order.placed_at
        )


def test_an_instrument_that_was_submitted_is_not_offered_again_but_a_newer_one_stays() -> None:
    order = an_order()
    first, second = Instrument(token="pm_1"), Instrument(token="pm_2")
    facts = OrderFacts(order=order, payments=(a_payment(order, offered=second),))
    payment_id = facts.payments[0].id
    assert facts.instrument_submitted(payment_id, first).payments[0].offered == second
    assert facts.instrument_submitted(payment_id, second).payments[0].offered is None


def test_goods_are_counted_by_sku_and_sorted_so_that_everybody_locks_in_the_same_order() -> None:
    wanted = [("ZEBRA", 1), ("MUG", 2), ("ZEBRA", 3)]
    lines = tuple(priced(a_cart_line(sku=a_sku(sku), quantity=quantity)) for sku, quantity in wanted)
    assert list(an_order(lines=lines).goods()) == pieces(MUG=2, ZEBRA=4)


def test_only_the_token_that_came_with_it_or_the_merchant_sees_an_order() -> None:
    order = an_order()
    order.require_token(order.client_token_hash)
    order.require_token(None)
    with pytest.raises(UnknownOrder):
        order.require_token("f" * 64)


HELD, CONFIRMED = ReservationState.HELD, ReservationState.CONFIRMED
RELEASED, REFUSED = ReservationState.RELEASED, ReservationState.REFUSED


@pytest.mark.parametrize(
    ("before", "confirmed", "released", "extended"),
    [
        (HELD, CONFIRMED, RELEASED, HELD),
        (CONFIRMED, None, RELEASED, None),
        (RELEASED, None, None, None),
        (REFUSED, None, None, None),
    ],
)
def test_a_hold_is_confirmed_once_and_released_once(
    before: ReservationState,
    confirmed: ReservationState | None,
    released: ReservationState | None,
    extended: ReservationState | None,
) -> None:
    hold = a_reservation(an_order(), state=before)
    _follows(hold, "confirmed", hold.confirmed, confirmed)
    _follows(hold, "released", hold.released, released)
    _follows(hold, "extended", lambda: hold.extended(hold.expires_at), extended)


def _follows(
    hold: Reservation, fact: str, transition: Callable[[], Reservation], after: ReservationState | None
) -> None:
    """None: refused by name."""
    if after is not None:
        assert transition().state is after
        return
    with pytest.raises(TransitionRefused) as refusal:
        transition()
    said = refusal.value
    assert (said.subject, said.state, said.fact) == ("reservation", hold.state.value, fact)


def test_a_hold_is_never_shortened() -> None:
    hold = a_reservation(an_order())
    assert hold.extended(hold.expires_at - timedelta(minutes=1)) == hold
    assert hold.extended(hold.expires_at + timedelta(minutes=1)).expires_at > hold.expires_at


def an_attempt_at(order: Order) -> Attempt:
    return an_attempt(a_payment(order), tries=0)


def test_waits_between_tries_grow_until_one_an_hour() -> None:
    attempt, waits = an_attempt_at(an_order()), []
    for _ in range(12):
        attempt = attempt.retried(NOW, NOW).in_doubt("deadline", NOW)
        waits.append(attempt.until - NOW)
    assert waits[:3] == [timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=5)]
    assert all(earlier <= later for earlier, later in pairwise(waits))
    assert waits[-1] == waits[-2] == timedelta(hours=1)


def test_an_attempt_keeps_its_key_through_all_its_tries() -> None:
    attempt = an_attempt_at(an_order())
    tried = attempt.looked_up(NOW).in_doubt("deadline", NOW).retried(NOW, NOW).unavailable("429", NOW)
    assert (tried.id, tried.tries, tried.state) == (attempt.id, 2, AttemptState.UNAVAILABLE)


def test_a_look_up_is_no_try_and_a_new_key_starts_anew() -> None:
    attempt = an_attempt_at(an_order())
    assert attempt.last_tried_at == attempt.started_at
    tried = attempt.retried(LATER, LATER).looked_up(LATER + timedelta(hours=1))
    assert tried.last_tried_at == LATER
    replacement = tried.replacement(LATER + timedelta(hours=2), LATER)
    assert replacement.last_tried_at == replacement.started_at == LATER + timedelta(hours=2)


def test_what_certainly_did_not_happen_may_be_tried_again_at_once() -> None:
    attempt = an_attempt_at(an_order()).looked_up(LATER).not_done(NOW)
    assert (attempt.state, attempt.until) == (AttemptState.UNAVAILABLE, NOW)


@pytest.mark.parametrize(
    ("state", "doubtful", "settled"),
    [
        (AttemptState.IN_FLIGHT, True, False),
        (AttemptState.UNKNOWN, True, False),
        (AttemptState.UNAVAILABLE, False, False),
        (AttemptState.SUCCEEDED, False, True),
        (AttemptState.REJECTED, False, True),
    ],
)
def test_which_attempts_are_in_doubt_and_which_are_done(
    state: AttemptState, doubtful: bool, settled: bool
) -> None:
    attempt = replace(an_attempt_at(an_order()), state=state)
    assert (attempt.is_doubtful, attempt.is_settled) == (doubtful, settled)


@pytest.mark.parametrize("state", AttemptState)
@pytest.mark.parametrize("tries", [1, 2])
def test_only_who_made_the_last_try_may_tell_its_outcome(state: AttemptState, tries: int) -> None:
    order = an_order()
    payment = a_payment(order)
    attempt = an_attempt(payment, state=state, tries=2)
    facts = OrderFacts(order=order, payments=(payment,), attempts=(attempt,))
    assert holds_lease(facts.attempts, attempt.id, tries) is (tries == 2 and attempt.is_doubtful)


def test_an_attempt_that_is_taken_up_again_replaces_itself() -> None:
    facts = placed_facts()
    (attempt,) = facts.attempts
    again = facts.attempt_started(attempt.retried(LATER, LATER), LATER)
    assert [(a.id, a.tries) for a in again.attempts] == [(attempt.id, 2)]
    assert again.attempt_ended(again.attempts[0].succeeded(), LATER).as_stored(2).attempts == ()


@pytest.mark.parametrize(
    ("states", "live"),
    [
        ([], None),
        ([PaymentState.VOIDED, PaymentState.REFUSED], None),
        ([PaymentState.NEW], 0),
        ([PaymentState.VOIDED, PaymentState.NEW], 1),
        ([PaymentState.NEW, PaymentState.AWAITING_ACTION], 1),
        ([PaymentState.AWAITING_METHOD, PaymentState.PROCESSING], 1),
        ([PaymentState.PROCESSING, PaymentState.AUTHORIZED], 1),
        ([PaymentState.AUTHORIZED, PaymentState.CAPTURED, PaymentState.PROCESSING], 1),
        ([PaymentState.AUTHORIZED, PaymentState.AUTHORIZED], 0),
        ([PaymentState.CAPTURED, PaymentState.CAPTURED], 0),
    ],
)
def test_an_order_goes_by_the_payment_that_is_furthest_ahead(
    states: list[PaymentState], live: int | None
) -> None:
    order = an_order()
    payments = tuple(a_payment(order, state=state) for state in states)
    expected = None if live is None else payments[live]
    assert OrderFacts(order=order, payments=payments).live_payment is expected


def test_a_repeated_fact_tells_the_timeline_nothing_new() -> None:
    facts = placed_facts().closed(ClosingReason.SHOPPER, NOW).closed(ClosingReason.SHOPPER, LATER)
    assert [event.kind for event in facts.news.events].count(EventKind.ORDER_CANCELLED) == 1
