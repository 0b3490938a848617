"""Which steps `decide` named, so that a step that no simulation ever reaches is noticed."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, get_args
from unittest import mock

from application import advance_order
from domain.order_facts import OrderFacts
from domain.steps import Step

STEPS: Final = tuple(sorted(step.__name__ for step in get_args(Step)))


@contextmanager
def counted_decisions() -> Iterator[Counter[str]]:
    """How often each step was named while this lasts."""
    counts: Counter[str] = Counter()
    # Whatever stands there by now: a test may have planted a bug.
    decide = vars(advance_order)["decide"]

    def counting(facts: OrderFacts, now: datetime) -> Step:
        step: Step = decide(facts, now)
        counts[type(step).__name__] += 1
        return step

    with mock.patch.object(advance_order, "decide", counting):
        yield counts
