"""A stretch of time, such as the day that is reconciled."""

from datetime import UTC, datetime, time, timedelta

from domain.errors import FieldRefused
from domain.values import value


@value
class Period:
    """From `since` up to, and without, `until`. Raises FieldRefused for one that ends before it begins."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.until <= self.since:
            raise FieldRefused(path="/until", rule="later than since")

    def covers(self, moment: datetime) -> bool:
        return self.since <= moment < self.until

    def widened(self, by: timedelta) -> "Period":
        """So much longer at both ends: for moments that were taken from another clock."""
        return Period(since=self.since - by, until=self.until + by)


def day_before(moment: datetime) -> Period:
    """The whole day, in UTC, before the day of this moment."""
    today = datetime.combine(moment.astimezone(UTC).date(), time(), UTC)
    return Period(since=today - timedelta(days=1), until=today)
