"""Which steps `decide` named, so that a step that no simulation ever reaches is noticed."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, get_args

from application import advance_order
from domain.order_facts import OrderFacts
from domain.steps import Step

STEPS: Final = tuple(sorted(step.__name__ for step in get_args(Step)))


@contextmanager
def counted_decisions() -> Iterator[Counter[str]]:
    """How often each step was named while this lasts."""
    counts: Counter[str] = Counter()
    decide = advance_order.decide

    def counting(facts: OrderFacts, now: datetime) -> Step:
        step = decide(facts, now)
        counts[type(step).__name__] += 1
        return step

    advance_order.decide = counting
    try:
        yield counts
    finally:
        advance_order.decide = decide
