"""Which of a payment's tries a capture, a void or a refund goes to: at Adyen each is a payment of its own."""

from collections.abc import Iterable

from adapters.adyen.amounts import from_adyen
from adapters.adyen.answers import Addressed, Entry, Modified
from adapters.adyen.history import Charge, History, Returned
from domain.identifiers import AttemptId, RefundId
from domain.money import Money


def address_id(key: AttemptId) -> AttemptId:
    """What the address of a refund under this key is kept by: the key itself is its answer's."""
    return AttemptId(f"{key}.to")


def asked_before(told: Iterable[Entry], key: AttemptId) -> str | None:
    """What this key was used for before: a repeat goes the same way."""
    for entry in told:
        match entry.said:
            case Modified(of_payment=charge) if entry.id == key:
                return charge
            case Addressed(of_payment=charge) if entry.id == address_id(key):
                return charge
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


def refund_made(story: History, refund_id: RefundId, amount: Money) -> Returned | None:
    """The refund of this id, where Adyen has told of one that didn't fail: it needn't be asked for again."""
    made = (r for r in story.refunds.values() if r.refund_id == refund_id and not r.has_failed)
    return next((refund for refund in made if from_adyen(refund.amount) == amount), None)


def to_refund(story: History, amount: Money) -> str | None:
    """The charge that has enough left of it; else the first one that was captured, also if that failed since:
    whether it gives anything back is Adyen's to say.
    """
    charges = story.charges.values()
    captured = [charge for charge in charges if story.received_minor(charge)]
    once_captured = (charge for charge in charges if story.captured_minor(charge))
    enough = (charge for charge in captured if _left(story, charge) >= amount.minor)
    chosen = next(enough, captured[0] if captured else next(once_captured, None))
    return chosen.psp_reference if chosen else None


def _left(story: History, charge: Charge) -> int:
    gone = [r for r in story.refunds.values() if r.of_payment == charge.psp_reference and not r.has_failed]
    return story.received_minor(charge) - sum(from_adyen(refund.amount).minor for refund in gone)
