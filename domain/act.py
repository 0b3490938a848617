"""Act: what a person does about an order. Every one names who, why and when, and stays in the order's
timeline.
"""

from datetime import datetime

from domain.values import value


@value
class Act:
    """`by` is the name that the person is known by, `why` the reason that they gave."""

    by: str
    why: str
    at: datetime
