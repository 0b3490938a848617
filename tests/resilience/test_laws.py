"""What holds for limits and breakers whatever happens in whatever order."""

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.in_memory.clock import ManualClock
from adapters.resilience.policies import BreakerRule, Policy, RateLimit
from adapters.resilience.shared_state import Admitted, ProcessState, Refusal
from adapters.resilience.ticks import ticks_at

# Milliseconds from one ask to the next: often none, sometimes just around a window's end.
gaps = st.lists(st.sampled_from([0, 0, 1, 10, 333, 999, 1_000, 1_001, 5_000]), max_size=60)


@given(most=st.integers(1, 7), per_seconds=st.sampled_from([1, 2, 5]), gaps=gaps)
async def test_never_more_than_so_many_in_any_window_and_never_less_than_there_is_room_for(
    most: int, per_seconds: int, gaps: Sequence[int]
) -> None:
    clock = ManualClock()
    state = ProcessState(clock)
    limits = (RateLimit(most=most, per_seconds=per_seconds),)
    policy = Policy(integration="vendor", timeout_seconds=1, limits=limits)
    made: list[int] = []
    window = per_seconds * 1_000_000
    for gap in gaps:
        clock.advance(timedelta(milliseconds=gap))
        now = ticks_at(clock.now())
        in_window = [moment for moment in made if moment > now - window]
        answer = await state.admit(policy, "rates.list", "")
        assert isinstance(answer, Admitted) == (len(in_window) < most)
        if isinstance(answer, Admitted):
            made.append(now)
        else:
            assert answer.retry_after_seconds == (in_window[0] + window - now) / 1_000_000
    for first, beyond in zip(made, made[most:], strict=False):
        assert beyond - first >= window


@given(
    failures=st.integers(1, 4),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["fail", "succeed", "give up", "hold"]), st.sampled_from([0, 1, 29, 30, 40])
        ),
        max_size=60,
    ),
)
async def test_an_open_breaker_lets_nothing_through_before_its_time_and_one_probe_after_it(
    failures: int, steps: Sequence[tuple[str, int]]
) -> None:
    clock = ManualClock()
    state = ProcessState(clock)
    rule = BreakerRule(failures=failures, open_seconds=30)
    policy = Policy(integration="vendor", timeout_seconds=10, breaker=rule)
    in_a_row, opened_at, probes_out = 0, None, list[tuple[Admitted, int]]()
    for step, wait in steps:
        clock.advance(timedelta(seconds=wait))
        now = ticks_at(clock.now())
        answer = await state.admit(policy, "rates.list", "")
        probes_out = [(probe, until) for probe, until in probes_out if until > now]
        if opened_at is not None and now < opened_at + 30_000_000:
            assert not isinstance(answer, Admitted)
            continue
        if opened_at is not None:
            assert isinstance(answer, Admitted) == (not probes_out)
        if not isinstance(answer, Admitted):
            assert answer.refusal is Refusal.BREAKER_OPEN
            continue
        assert bool(answer.probe) == (opened_at is not None)
        match step:
            case "fail":
                await state.failed(policy, answer)
                in_a_row += 1
                if answer.probe or in_a_row >= failures:
                    opened_at = now
            case "succeed":
                await state.succeeded(policy, answer)
                in_a_row, opened_at = 0, None
            case "give up":
                await state.gave_up(policy, answer)
            case _ if answer.probe:
                probes_out.append((answer, now + 15_000_000))
            case _:
                pass
