"""Moments as whole numbers, so that a decision made here and one made inside Redis calculate alike."""

from datetime import UTC, datetime, timedelta
from typing import Final

TICKS_PER_SECOND: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


def ticks_at(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // _TICK


def ticks(seconds: float) -> int:
    return round(seconds * TICKS_PER_SECOND)


def seconds(ticks: int) -> float:
    return ticks / TICKS_PER_SECOND
