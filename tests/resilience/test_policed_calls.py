"""The policy around a call that isn't httpx's: deadline, bulkhead, breaking off, and what is told of each
try.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from adapters.in_memory.clock import ManualClock
from adapters.resilience.breaker import BreakerState
from adapters.resilience.bulkhead import Bulkhead
from adapters.resilience.call_records import BUCKETS_MS, CallMetrics, CallRecord, Observers, Outcome
from adapters.resilience.policed_calls import Tried
from adapters.resilience.policies import POLICIES, Backoff, BreakerRule, Each, Policy
from adapters.resilience.shared_state import ProcessState
from adapters.system_clock import SystemClock
from tests.contracts.vendor_calls import AWAY, DOUBT, WELL, Once, Told, calls_under, in_turn

POLICY: Final = Policy(integration="vendor", timeout_seconds=10, retries=3)


def hangs(clock: ManualClock, seconds: float) -> Once:
    """Takes that long by the clock, and is then lost."""

    async def once() -> Tried[str]:
        await clock.sleep(seconds)
        return DOUBT

    return once


# Deadline.


async def test_a_call_ends_before_its_deadline_whatever_tries_are_left() -> None:
    clock, told = ManualClock(), Told()
    calls = calls_under(replace(POLICY, deadline_seconds=19), clock=clock, told=told)
    began = clock.now()
    ended = await calls.call("rates.list", hangs(clock, 7), repeats_doubts=True)
    assert ended.last is DOUBT
    assert len(told.records) == 3
    assert (clock.now() - began).total_seconds() < 3 * 7 + 1


async def test_a_wait_that_would_pass_the_deadline_is_not_begun() -> None:
    clock, told = ManualClock(), Told()
    began = clock.now()
    asks = replace(AWAY, retry_after_seconds=30)
    ended = await calls_under(POLICY, clock=clock, told=told).call(
        "rates.list", in_turn(asks), repeats_doubts=True
    )
    assert (ended.last.retry_after_seconds, len(told.records)) == (30, 1)
    assert clock.now() == began


async def test_a_try_that_never_ends_is_cut_off_and_in_doubt() -> None:
    async def never() -> Tried[str]:
        await asyncio.Event().wait()
        return WELL

    policy = replace(POLICY, timeout_seconds=0.05, retries=0)
    ended = await calls_under(policy, clock=SystemClock()).call("rates.list", never, repeats_doubts=True)
    assert (ended.last.outcome, ended.last.reason) == (Outcome.IN_DOUBT, "timeout")


async def test_a_timeout_of_somebody_elses_is_not_taken_for_ours() -> None:
    async def theirs() -> Tried[str]:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await calls_under(POLICY).call("rates.list", theirs, repeats_doubts=True)


# Retries.


@pytest.mark.parametrize(
    ("tried", "repeats_doubts", "tries"),
    [
        ((WELL,), True, 1),
        ((AWAY, WELL), False, 2),
        ((AWAY,), False, 4),
        ((DOUBT,), True, 4),
        ((DOUBT,), False, 1),
        ((AWAY, DOUBT, WELL), False, 2),
        ((replace(AWAY, may_change=False),), True, 1),
        ((replace(DOUBT, may_change=False),), True, 1),
    ],
)
async def test_only_what_may_be_repeated_is(
    tried: tuple[Tried[str], ...], repeats_doubts: bool, tries: int
) -> None:
    told = Told()
    ended = await calls_under(POLICY, told=told).call(
        "rates.list", in_turn(*tried), repeats_doubts=repeats_doubts
    )
    assert [record.attempt for record in told.records] == list(range(1, tries + 1))
    assert ended.earlier_try_in_doubt == (repeats_doubts and tried[0] is DOUBT)


async def test_the_same_seed_brings_the_same_delays() -> None:
    async def moments(seed: int) -> list[float]:
        clock = ManualClock(seed=seed)
        began, seen = clock.now(), list[float]()

        async def once() -> Tried[str]:
            seen.append((clock.now() - began).total_seconds())
            return AWAY

        policy = replace(POLICY, retries=6, backoff=Backoff(first_seconds=0.5, longest_seconds=2))
        policy = replace(policy, breaker=BreakerRule(failures=100))
        await calls_under(policy, clock=clock).call("rates.list", once, repeats_doubts=True)
        return seen

    assert await moments(7) == await moments(7)
    assert await moments(7) != await moments(8)
    assert len(await moments(7)) == 7


# Breaking off.


@pytest.mark.parametrize(("after_seconds", "counts"), [(0, False), (4.9, False), (5, True), (9, True)])
async def test_who_gives_up_late_has_seen_the_vendor_fail(after_seconds: float, counts: bool) -> None:
    clock = ManualClock()
    state, told = ProcessState(clock), Told()
    policy = replace(POLICY, breaker=BreakerRule(failures=1))

    async def given_up() -> Tried[str]:
        clock.advance(timedelta(seconds=after_seconds))
        raise asyncio.CancelledError

    calls = calls_under(policy, clock=clock, state=state, told=told)
    with pytest.raises(asyncio.CancelledError):
        await calls.call("rates.list", given_up, repeats_doubts=True)
    assert told.records[0].outcome is Outcome.CANCELLED
    assert told.records[0].breaker is (BreakerState.OPEN if counts else BreakerState.CLOSED)


async def test_a_defect_of_ours_counts_against_nobody_and_is_raised() -> None:
    async def defect() -> Tried[str]:
        raise ZeroDivisionError

    told = Told()
    calls = calls_under(replace(POLICY, breaker=BreakerRule(failures=1)), told=told)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await calls.call("rates.list", defect, repeats_doubts=True)
    assert {record.outcome for record in told.records} == {Outcome.DEFECT}


async def test_what_says_nothing_against_the_vendor_does_not_open_its_breaker() -> None:
    told = Told()
    calls = calls_under(replace(POLICY, breaker=BreakerRule(failures=1)), told=told)
    locked = replace(DOUBT, is_vendors_fault=False)
    await calls.call("rates.list", in_turn(locked), repeats_doubts=True)
    assert [record.breaker for record in told.records] == [BreakerState.CLOSED] * 4


# Bulkhead.


def test_a_bulkhead_has_so_many_places_and_gives_each_back() -> None:
    bulkhead = Bulkhead(2)
    with bulkhead.place() as first, bulkhead.place() as second, bulkhead.place() as third:
        assert (first, second, third, bulkhead.free) == (True, True, False, 0)
    with pytest.raises(ZeroDivisionError), bulkhead.place():
        raise ZeroDivisionError
    assert bulkhead.free == 2


async def test_a_slow_vendor_ties_up_so_many_calls_and_refuses_the_next_at_once() -> None:
    go_on, told = asyncio.Event(), Told()

    async def slow() -> Tried[str]:
        await go_on.wait()
        return WELL

    calls = calls_under(replace(POLICY, at_once=3), told=told)
    under_way = [asyncio.ensure_future(calls.call("rates.list", slow, repeats_doubts=True)) for _ in range(3)]
    await asyncio.sleep(0)
    refused = await calls.call("rates.list", slow, repeats_doubts=True)
    assert (refused.last.outcome, refused.last.reason) == (Outcome.NOTHING, "bulkhead_full")
    go_on.set()
    assert [ended.last for ended in await asyncio.gather(*under_way)] == [WELL] * 3
    assert (await calls.call("rates.list", slow, repeats_doubts=True)).last is WELL
    assert told.reasons == ["bulkhead_full", *["http_200"] * 4]


# What is counted.


def record(**changes: object) -> CallRecord:
    made = CallRecord(
        integration="vendor",
        operation="rates.list",
        outcome=Outcome.ANSWERED,
        reason="http_200",
        duration_ms=12.5,
        attempt=1,
        breaker=BreakerState.CLOSED,
        is_shared=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_tries_are_counted_by_outcome_and_durations_by_bucket() -> None:
    metrics, told = CallMetrics(), Told()
    both = Observers(metrics, told)
    for duration_ms in (0, 5, 5.1, 12.5, 20_000, 20_001):
        both.observe(record(duration_ms=duration_ms))
    both.observe(record(outcome=Outcome.IN_DOUBT, reason="timeout", breaker=BreakerState.OPEN))
    assert metrics.tries == {
        ("vendor", "rates.list", "answered", "http_200"): 6,
        ("vendor", "rates.list", "in_doubt", "timeout"): 1,
    }
    durations = metrics.durations[("vendor", "rates.list")]
    assert durations.counts[:3] == [2, 1, 2]
    assert durations.counts[-2:] == [1, 1]
    assert (sum(durations.counts), len(durations.counts)) == (7, len(BUCKETS_MS) + 1)
    assert durations.sum_ms == pytest.approx(0 + 5 + 5.1 + 12.5 + 20_000 + 20_001 + 12.5)
    assert metrics.breakers == {"vendor": BreakerState.OPEN}
    assert len(told.records) == 7


# The table.


def test_the_table_is_the_designs() -> None:
    """Timeout, retries, failures that open, and limits: the rows of the design's section 8."""
    told = {
        name: (
            policy.timeout_seconds,
            policy.retries,
            policy.breaker.failures,
            [(limit.most, limit.per_seconds, limit.each) for limit in policy.limits],
        )
        for name, policy in POLICIES.items()
    }
    whole, endpoint, party = Each.INTEGRATION, Each.OPERATION, Each.PARTY
    assert told == {
        "stripe": (10, 3, 5, [(100, 1, whole), (25, 1, endpoint)]),
        "adyen": (10, 3, 5, []),
        "inventory": (5, 3, 5, [(500, 1, whole)]),
        "taxjar": (5, 2, 5, [(10_000, 86_400, whole)]),
        "fedex": (3, 0, 5, []),
        "ups": (3, 0, 5, []),
        "usps": (3, 0, 5, [(60, 3_600, whole)]),
        "sendgrid": (10, 0, 5, [(100, 1, whole)]),
        "postmark": (10, 0, 5, [(100, 1, whole)]),
        "twilio": (10, 0, 5, [(1, 1, party)]),
        "s3": (10, 3, 10, []),
        "r2": (10, 3, 10, []),
        "google_maps": (3, 1, 5, [(50, 1, whole)]),
        "segment": (3, 0, 5, []),
        "posthog": (3, 0, 5, []),
        "sentry": (3, 0, 5, []),
    }
    assert {policy.breaker.open_seconds for policy in POLICIES.values()} == {30}


def test_every_call_ends_before_the_application_gives_it_up() -> None:
    from application.vendor_calls import CALL_DEADLINE_SECONDS

    assert max(policy.deadline_seconds for policy in POLICIES.values()) < CALL_DEADLINE_SECONDS
