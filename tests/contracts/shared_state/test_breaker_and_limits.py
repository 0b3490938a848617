"""The contract of `SharedState`: what breakers and limits let through, alike in one process and in Redis."""

from typing import Final

import pytest

from adapters.resilience.breaker import BreakerState
from adapters.resilience.policies import BreakerRule, Each, Policy, RateLimit
from adapters.resilience.shared_state import Refusal
from tests.contracts.shared_state.conftest import GateUnder

PLAIN: Final = Policy(
    integration="vendor", timeout_seconds=10, breaker=BreakerRule(failures=3, open_seconds=30)
)


def limited(*limits: RateLimit) -> Policy:
    return Policy(integration="vendor", timeout_seconds=10, limits=limits)


# The breaker.


async def test_it_opens_after_so_many_failures_in_a_row(gate_under: GateUnder) -> None:
    gate = gate_under(PLAIN)
    await gate.fails(2)
    assert (await gate.admitted()).breaker is BreakerState.CLOSED
    assert await gate.state.failed(gate.policy, await gate.admitted()) is BreakerState.OPEN
    refused = await gate.refused()
    assert (refused.refusal, refused.breaker) == (Refusal.BREAKER_OPEN, BreakerState.OPEN)
    assert refused.retry_after_seconds == 30


async def test_a_success_between_failures_starts_the_count_anew(gate_under: GateUnder) -> None:
    gate = gate_under(PLAIN)
    await gate.fails(2)
    await gate.succeeds()
    await gate.fails(2)
    assert (await gate.admitted()).failures == 2


async def test_it_stays_open_for_its_time_and_then_sends_one_probe(gate_under: GateUnder) -> None:
    gate = gate_under(PLAIN)
    await gate.fails(3)
    gate.wait(29.9)
    assert (await gate.refused()).retry_after_seconds == pytest.approx(0.1)
    gate.wait(0.1)
    probe = await gate.admitted()
    assert probe.breaker is BreakerState.HALF_OPEN
    assert (await gate.refused()).breaker is BreakerState.HALF_OPEN


async def test_a_probe_that_succeeds_closes_it(gate_under: GateUnder) -> None:
    gate = gate_under(PLAIN)
    await gate.fails(3)
    gate.wait(30)
    assert await gate.state.succeeded(gate.policy, await gate.admitted()) is BreakerState.CLOSED
    assert (await gate.admitted()).is_plain


async def test_a_probe_that_fails_opens_it_for_as_long_again(gate_under: GateUnder) -> None:
    gate = gate_under(PLAIN)
    await gate.fails(3)
    gate.wait(30)
    assert await gate.state.failed(gate.policy, await gate.admitted()) is BreakerState.OPEN
    assert (await gate.refused()).retry_after_seconds == 30
    gate.wait(30)
    assert (await gate.admitted()).probe


async def test_a_probe_that_was_broken_off_makes_room_for_the_next(gate_under: GateUnder) -> None:
    gate = gate_under(PLAIN)
    await gate.fails(3)
    gate.wait(30)
    await gate.state.gave_up(gate.policy, await gate.admitted())
    assert (await gate.admitted()).probe


async def test_a_probe_that_is_never_heard_of_again_is_over_soon_after_its_timeout(
    gate_under: GateUnder,
) -> None:
    gate = gate_under(PLAIN)
    await gate.fails(3)
    gate.wait(30)
    lost = await gate.admitted()
    gate.wait(14.9)
    await gate.refused()
    gate.wait(0.1)
    assert (await gate.admitted()).probe != lost.probe
    await gate.state.succeeded(gate.policy, lost)
    assert (await gate.refused()).refusal is Refusal.BREAKER_OPEN, "only the probe that is out has a say"


async def test_what_was_begun_before_it_opened_changes_nothing_any_more(gate_under: GateUnder) -> None:
    gate = gate_under(PLAIN)
    slow = [await gate.admitted() for _ in range(3)]
    await gate.fails(3)
    gate.wait(20)
    assert await gate.state.succeeded(gate.policy, slow[0]) is BreakerState.OPEN
    assert await gate.state.failed(gate.policy, slow[1]) is BreakerState.OPEN
    await gate.state.gave_up(gate.policy, slow[2])
    assert (await gate.refused()).retry_after_seconds == 10


async def test_what_was_broken_off_counts_neither_way(gate_under: GateUnder) -> None:
    gate = gate_under(PLAIN)
    await gate.fails(2)
    await gate.state.gave_up(gate.policy, await gate.admitted())
    assert (await gate.admitted()).failures == 2


# Limits.


async def test_no_more_than_so_many_in_any_window(gate_under: GateUnder) -> None:
    gate = gate_under(limited(RateLimit(most=3, per_seconds=1)))
    for _ in range(3):
        await gate.admitted()
        gate.wait(0.2)
    refused = await gate.refused()
    assert (refused.refusal, refused.breaker) == (Refusal.RATE_LIMITED, BreakerState.CLOSED)
    assert refused.retry_after_seconds == pytest.approx(0.4)
    gate.wait(0.4)
    await gate.admitted()
    assert (await gate.refused()).retry_after_seconds == pytest.approx(0.2)


async def test_a_full_second_is_no_new_beginning(gate_under: GateUnder) -> None:
    gate = gate_under(limited(RateLimit(most=3, per_seconds=1)))
    gate.wait(0.99)
    for _ in range(3):
        await gate.admitted()
    gate.wait(0.02)
    await gate.refused()


async def test_endpoints_are_counted_apart_and_together(gate_under: GateUnder) -> None:
    gate = gate_under(
        limited(RateLimit(most=3, per_seconds=1), RateLimit(most=2, per_seconds=1, each=Each.OPERATION))
    )
    await gate.admitted("a")
    await gate.admitted("a")
    await gate.refused("a")
    await gate.admitted("b")
    await gate.refused("b")
    await gate.refused("c")


async def test_parties_are_counted_apart(gate_under: GateUnder) -> None:
    gate = gate_under(limited(RateLimit(most=1, per_seconds=1, each=Each.PARTY)))
    await gate.admitted(party="+1 555 0100")
    await gate.refused(party="+1 555 0100")
    await gate.admitted(party="+1 555 0101")


async def test_the_longest_wait_of_several_limits_is_told(gate_under: GateUnder) -> None:
    gate = gate_under(limited(RateLimit(most=1, per_seconds=1), RateLimit(most=1, per_seconds=3_600)))
    await gate.admitted()
    assert (await gate.refused()).retry_after_seconds == 3_600


async def test_a_try_that_one_limit_refuses_is_counted_by_none(gate_under: GateUnder) -> None:
    gate = gate_under(limited(RateLimit(most=1, per_seconds=1), RateLimit(most=2, per_seconds=60)))
    await gate.admitted()
    for _ in range(5):
        await gate.refused()
    gate.wait(1)
    await gate.admitted()


async def test_what_an_open_breaker_refuses_is_counted_by_no_limit(gate_under: GateUnder) -> None:
    rule = BreakerRule(failures=1, open_seconds=1)
    limits = (RateLimit(most=2, per_seconds=60),)
    gate = gate_under(Policy(integration="vendor", timeout_seconds=1, breaker=rule, limits=limits))
    await gate.fails()
    for _ in range(5):
        assert (await gate.refused()).refusal is Refusal.BREAKER_OPEN
    gate.wait(1)
    await gate.succeeds()


async def test_a_probe_that_a_limit_refuses_is_not_sent(gate_under: GateUnder) -> None:
    rule = BreakerRule(failures=1, open_seconds=1)
    limits = (RateLimit(most=1, per_seconds=2),)
    gate = gate_under(Policy(integration="vendor", timeout_seconds=10, breaker=rule, limits=limits))
    await gate.fails()
    gate.wait(1)
    assert (await gate.refused()).refusal is Refusal.RATE_LIMITED
    gate.wait(1)
    assert (await gate.admitted()).probe


async def test_limits_of_a_day_are_kept_to_as_well(gate_under: GateUnder) -> None:
    gate = gate_under(limited(RateLimit(most=50, per_seconds=86_400)))
    for _ in range(50):
        await gate.admitted()
        gate.wait(60)
    assert (await gate.refused()).retry_after_seconds == 86_400 - 50 * 60


async def test_a_clock_that_is_set_back_does_not_close_the_door(gate_under: GateUnder) -> None:
    gate = gate_under(limited(RateLimit(most=2, per_seconds=1)))
    for _ in range(2):
        await gate.admitted()
    gate.wait(-3_600)
    for _ in range(2):
        await gate.admitted()
    await gate.refused()
