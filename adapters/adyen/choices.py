"""Which of a payment's tries a capture, a void or a refund goes to: at Adyen each is a payment of its own."""

from collections.abc import Iterable

from adapters.adyen.amounts import from_adyen
from adapters.adyen.answers import Entry, Modified
from adapters.adyen.history import Charge, History
from domain.identifiers import AttemptId
from domain.money import Money


def modified_before(told: Iterable[Entry], key: AttemptId) -> str | None:
    """What was modified under this key before: a repeat goes the same way."""
    for entry in told:
        if entry.id == key and isinstance(entry.said, Modified):
            return entry.said.of_payment
    return None


def to_capture(story: History) -> str | None:
    """None when money was captured already, or none was promised."""
    charges = story.charges.values()
    if any(map(story.received_minor, charges)):
        return None
    return next((c.psp_reference for c in charges if story.holds_promise(c)), None)


def to_void(story: History) -> str | None:
    """Of a payment that ever brought money only a stray, where there are several: what a void was meant for
    may be over by now, and the other one's capture may have failed.
    """
    charges = story.charges.values()
    is_after_stray = (
        any(map(story.captured_minor, charges)) and sum(c.authorised is not None for c in charges) > 1
    )
    live = None if is_after_stray else to_capture(story)
    return live or next((charge.psp_reference for charge in story.strays()), None)


def to_refund(story: History, amount: Money) -> str | None:
    """The charge that has enough left of it; the first one that was captured if none has."""
    captured = [charge for charge in story.charges.values() if story.received_minor(charge)]
    enough = (charge for charge in captured if _left(story, charge) >= amount.minor)
    chosen = next(enough, captured[0] if captured else None)
    return chosen.psp_reference if chosen else None


def _left(story: History, charge: Charge) -> int:
    gone = [r for r in story.refunds.values() if r.of_payment == charge.psp_reference and not r.has_failed]
    return story.received_minor(charge) - sum(from_adyen(refund.amount).minor for refund in gone)
