"""When the next try is made: drawn by chance below a bound that doubles, never sooner than asked for."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.resilience.policies import Backoff
from adapters.resilience.retry import asked_seconds, wait_seconds

BACKOFF = Backoff(first_seconds=0.25, longest_seconds=4)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempt", "longest"), [(1, 0.25), (2, 0.5), (3, 1), (4, 2), (5, 4), (6, 4), (1_000_000, 4)]
)
def test_the_bound_doubles_up_to_the_longest_wait(attempt: int, longest: float) -> None:
    assert wait_seconds(BACKOFF, attempt, 1, None) == longest
    assert wait_seconds(BACKOFF, attempt, 0.5, None) == longest / 2
    assert wait_seconds(BACKOFF, attempt, 0, None) == 0


@given(
    attempt=st.integers(1, 100),
    fraction=st.floats(0, 1, exclude_max=True),
    asked=st.floats(0, 10**9),
)
def test_nobody_comes_back_sooner_than_asked_and_not_all_at_once(
    attempt: int, fraction: float, asked: float
) -> None:
    assert asked <= wait_seconds(BACKOFF, attempt, fraction, asked) <= asked + BACKOFF.first_seconds
    assert 0 <= wait_seconds(BACKOFF, attempt, fraction, None) <= BACKOFF.longest_seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "120"}, 120),
        ({"retry-after": "Mon, 23 Nov 2026 12:01:30 GMT"}, 90),
        ({"retry-after": "Mon, 23 Nov 2026 12:01:30 -0000"}, 90),
        ({"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "²"}, None),
        ({"retry-after": "9" * 5_000}, None),
        ({"retry-after": ""}, None),
        # By the vendor's own clock, which may differ from ours.
        ({"x-ratelimit-reset": "1767225660", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}, 60),
        ({"x-ratelimit-reset": "1767225660"}, None),
        ({"x-ratelimit-reset": "60", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}, None),
        ({"x-ratelimit-reset": "1767225660", "date": "soon"}, None),
        ({"retry-after": "30", "x-ratelimit-reset": "1767225660", "date": "soon"}, 30),
    ],
)
def test_a_wait_is_read_in_every_form_that_it_comes_in(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert asked_seconds(headers, NOW) == seconds
