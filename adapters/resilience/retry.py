"""When to try again: full jitter, so that those who failed together don't come back together, and never
sooner than the vendor asked for.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from adapters.resilience.policies import Backoff

_WHOLE: Final = re.compile(r"[0-9]{1,9}")
# Seconds since 1970; a shorter number is seconds from now, or anything else.
_EPOCH: Final = re.compile(r"[0-9]{10}")
# By then every longest wait is reached.
_MOST_DOUBLINGS: Final = 30


def wait_seconds(backoff: Backoff, attempt: int, fraction: float, asked_seconds: float | None) -> float:
    """The wait after this many tries; `fraction` (0 to 1) is chance's part.

    What a vendor asks for is kept to, with the jitter of a first wait behind it.
    """
    if asked_seconds is not None:
        return asked_seconds + fraction * backoff.first_seconds
    doublings = min(attempt - 1, _MOST_DOUBLINGS)
    return fraction * min(backoff.first_seconds * (1 << doublings), backoff.longest_seconds)


def asked_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """The wait that an answer asks for; None where it says nothing sensible. Names of headers are lower case.

    Retry-After holds seconds or a date. Otherwise, where it is usual, X-RateLimit-Reset holds a moment, by
    the vendor's own clock.
    """
    after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if _WHOLE.fullmatch(after):
        return float(after)
    if (moment := _moment(after)) is not None:
        return max(0.0, (moment - now).total_seconds())
    if _EPOCH.fullmatch(reset) and (their_now := _moment(headers.get("date", ""))) is not None:
        return max(0.0, int(reset) - their_now.timestamp())
    return None


def _moment(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
