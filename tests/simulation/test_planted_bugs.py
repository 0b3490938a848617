"""The simulation can fail: every bug that is planted is found within so many seeds, by the invariant that it
breaks.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.simulation import invariants, planted_bugs, watch
from tests.simulation.invariants import INVARIANTS
from tests.simulation.storm import play

MOST_SEEDS = 300
_NAMES = {invariant: name for name, invariant in INVARIANTS.items()}

Bug = Callable[[], AbstractContextManager[None]]

BUGS: tuple[tuple[Bug, str], ...] = (
    (planted_bugs.a_clock_in_the_key, watch.ATTEMPT_FIRST),
    (planted_bugs.no_version_check, _NAMES[invariants.money_agrees]),
    (planted_bugs.release_on_decline, watch.GOODS_KEPT),
    (planted_bugs.refund_checked_outside_the_lock, watch.REFUNDS_COVERED),
    (planted_bugs.unknown_is_failure, _NAMES[invariants.no_payment_is_forgotten]),
    (planted_bugs.webhooks_are_not_deduplicated, _NAMES[invariants.every_webhook_is_stored_once]),
    (planted_bugs.capture_before_stock_confirmation, watch.STOCK_BEFORE_MONEY),
    (planted_bugs.expiry_without_stopping_the_payment, _NAMES[invariants.no_payment_is_forgotten]),
    (planted_bugs.attempt_not_persisted_before_the_call, watch.ATTEMPT_FIRST),
    (planted_bugs.confirmation_recorded_outside_the_commit, _NAMES[invariants.every_confirmation_is_sent]),
    (planted_bugs.a_message_is_done_when_it_is_taken, _NAMES[invariants.every_confirmation_is_sent]),
    (planted_bugs.nudges_are_relied_on, _NAMES[invariants.every_webhook_is_stored_once]),
    (planted_bugs.money_for_a_cancelled_order_is_kept, _NAMES[invariants.money_is_where_it_belongs]),
    (planted_bugs.a_creation_that_was_not_found_is_forgotten, _NAMES[invariants.no_payment_is_forgotten]),
    (planted_bugs.the_last_word_about_a_payment_is_believed, watch.CAPTURED_STAYS),
    (planted_bugs.a_capture_that_failed_is_not_believed, _NAMES[invariants.money_agrees]),
    (planted_bugs.a_hold_besides_is_overlooked, _NAMES[invariants.no_payment_is_forgotten]),
)


@pytest.mark.parametrize(("bug", "invariant"), BUGS, ids=[bug.__name__ for bug, _ in BUGS])
def test_a_planted_bug_is_found(bug: Bug, invariant: str) -> None:
    with bug():
        assert any(invariant in play(seed).violations for seed in range(1, MOST_SEEDS + 1))
