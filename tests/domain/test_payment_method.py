"""What is known of the ways to pay, written out so that it can disagree with the table in the code."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.payment import Payment, PaymentState
from domain.payment_method import CARD, LONGEST_WAY, METHODS, CaptureTiming, method_named
from tests.builders import NOW, a_payment, a_snapshot, an_order

ORDER = an_order()
LATER = NOW + timedelta(hours=1)
SEPA, ACH, KONBINI, IDEAL = (METHODS[name] for name in ("sepa_debit", "ach_debit", "konbini", "ideal"))
PROCESSING, ACTION = PaymentState.PROCESSING, PaymentState.AWAITING_ACTION


# The documented business days, weekends and two holidays with them.
@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("sepa_debit", 22),
        ("ach_debit", 8),
        ("bacs_debit", 13),
        ("becs_debit", 7),
        ("acss_debit", 11),
        ("konbini", 9),
        ("ideal", 2),
        ("card", 2),
        ("something_new", 22),
    ],
)
def test_money_may_be_on_its_way_as_long_as_is_documented(name: str, days: int) -> None:
    method = method_named(name)
    assert method.arrives_within == timedelta(days=days)
    assert method.is_delayed is (days > 2)


def test_only_cards_are_captured_separately() -> None:
    separate = [method for method in METHODS.values() if method.capture is CaptureTiming.SEPARATE]
    assert separate == [CARD]
    assert method_named("something_new").capture is CaptureTiming.AT_ONCE


def test_some_vouchers_can_not_be_given_back() -> None:
    assert {name for name, method in METHODS.items() if not method.refundable} == {"boleto", "oxxo"}


def on_its_way(state: PaymentState, **said: object) -> Payment:
    return a_payment(ORDER, reference="pi_1").observed(a_snapshot(ORDER.total, state=state, **said), NOW)


def test_time_is_counted_from_when_money_was_first_seen_on_its_way() -> None:
    payment = on_its_way(PROCESSING, method=SEPA)
    assert (payment.method, payment.expected_by) == (SEPA, NOW + SEPA.arrives_within)
    again = payment.observed(a_snapshot(ORDER.total, state=PROCESSING, method=SEPA), LATER)
    assert again.expected_by == payment.expected_by
    untold = payment.observed(a_snapshot(ORDER.total, state=PROCESSING), LATER)
    assert (untold.method, untold.expected_by) == (SEPA, payment.expected_by)


def test_another_method_has_its_own_time() -> None:
    payment = on_its_way(PROCESSING, method=SEPA)
    other = payment.observed(a_snapshot(ORDER.total, state=PROCESSING, method=ACH), LATER)
    assert other.expected_by == LATER + ACH.arrives_within


@pytest.mark.parametrize("state", [PaymentState.AWAITING_METHOD, PaymentState.CAPTURED])
def test_nothing_is_on_its_way_once_it_has_arrived_or_failed(state: PaymentState) -> None:
    payment = on_its_way(PROCESSING, method=SEPA)
    after = payment.observed(a_snapshot(ORDER.total, state=state, received=ORDER.total), LATER)
    assert (after.expected_by, after.arrives_by) == (None, None)


def test_a_voucher_is_a_promise_and_a_bank_that_asks_is_not() -> None:
    assert on_its_way(ACTION, method=KONBINI).expected_by == NOW + KONBINI.arrives_within
    assert on_its_way(ACTION, method=IDEAL).expected_by is None
    assert on_its_way(ACTION).expected_by is None


def test_what_nobody_knows_has_the_time_of_the_slowest() -> None:
    """Also one that was on its way before times were written down."""
    assert on_its_way(PROCESSING).expected_by == NOW + LONGEST_WAY
    older = a_payment(ORDER, state=PROCESSING)
    assert older.arrives_by == older.created_at + LONGEST_WAY
    assert replace(older, state=ACTION).arrives_by is None
