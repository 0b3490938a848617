"""How a payment at Adyen stands, from all that was told of it, in whatever order that came."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from adapters.adyen.amounts import Amount, from_adyen
from adapters.adyen.answers import Agreed, Entry, GivenUp, Item, Modified, Tried
from adapters.adyen.methods import takes_at_once
from domain.identifiers import is_prefixed
from domain.shop import CaptureMethod

AUTHORISED: Final = "Authorised"
REFUSED: Final = frozenset({"Refused", "Cancelled", "Error"})
CAPTURES: Final = "captures"
CANCELS: Final = "cancels"
REFUNDS: Final = "refunds"
# Events that end an authorization: https://docs.adyen.com/development-resources/webhooks/webhook-types/
_ENDS: Final = frozenset({"CANCELLATION", "TECHNICAL_CANCEL", "EXPIRE"})
# What says how a modification ended, well or not.
_OUTCOMES: Final = frozenset({"CAPTURE", "CAPTURE_FAILED", "CANCELLATION", "CANCEL_OR_REFUND"})
_REFUND_BACK: Final = frozenset({"REFUND_FAILED", "REFUNDED_REVERSED"})


@dataclass(slots=True)
class Charge:
    """One try to pay, which Adyen calls a payment."""

    psp_reference: str
    result: str = ""
    refusal_code: str | None = None
    refusal_words: str | None = None
    action: str | None = None
    method: str | None = None
    authorised: Amount | None = None
    is_over: bool = False
    captured: dict[str, Amount] = field(default_factory=dict)
    failed: dict[str, Amount] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)

    @property
    def is_changing(self) -> bool:
        """A capture or cancel was received, and nothing was said of it since."""
        return bool(self.asked - self.answered)


@dataclass(slots=True)
class Returned:
    """A refund; without our id somebody else made it."""

    psp_reference: str
    of_payment: str
    at: datetime
    amount: Amount
    refund_id: str | None = None
    has_succeeded: bool = False
    has_failed: bool = False


@dataclass(slots=True)
class History:
    """`entries`, sorted by what they are about."""

    agreed: Agreed
    begun_at: datetime
    charges: dict[str, Charge] = field(default_factory=dict)
    refunds: dict[str, Returned] = field(default_factory=dict)
    disputes: dict[str, list[Item]] = field(default_factory=dict)
    raised_at: dict[str, datetime] = field(default_factory=dict)
    latest: Charge | None = None
    methods: set[str] = field(default_factory=set)
    is_given_up: bool = False

    def charge(self, psp_reference: str) -> Charge:
        return self.charges.setdefault(psp_reference, Charge(psp_reference))

    def received_minor(self, charge: Charge) -> int:
        """What was captured and didn't fail, in our own minor units."""
        return self.captured_minor(charge) - self.failed_minor(charge)

    def failed_minor(self, charge: Charge) -> int:
        """What was captured and then failed. Where the shopper's yes takes the money, a capture has no
        reference that was told before: what failed may be any of it, and is no more than all of it.
        """
        if not self._takes_by_itself(charge):
            return sum(from_adyen(a).minor for ref, a in charge.captured.items() if ref in charge.failed)
        failed = sum(from_adyen(amount).minor for amount in charge.failed.values())
        return min(failed, self.captured_minor(charge))

    def captured_minor(self, charge: Charge) -> int:
        """All that ever was, by request or with the shopper's yes: a capture that is told of besides is the
        same money. One that failed under another reference is not: who captures by hand afterwards takes it
        a second time.
        """
        if charge.authorised is None or not self._takes_by_itself(charge):
            return sum(from_adyen(amount).minor for amount in charge.captured.values())
        told_of = {**charge.failed, **charge.captured}
        taken = sum(from_adyen(amount).minor for amount in told_of.values())
        return max(taken, from_adyen(charge.authorised).minor)

    def _takes_by_itself(self, charge: Charge) -> bool:
        """It was asked for so, or that is the nature of what was paid with."""
        return self.agreed.capture_method is CaptureMethod.AUTOMATIC or takes_at_once(charge.method)

    def paid_with(self) -> str | None:
        """What a charge was made with that doesn't say it; None where that could be one of several."""
        return next(iter(self.methods)) if len(self.methods) == 1 else None

    def holds_promise(self, charge: Charge) -> bool:
        """Authorized, and not given up since. What takes money by itself and failed promises nothing: to ask
        for it would be to charge the shopper again.
        """
        if self._takes_by_itself(charge) and charge.failed:
            return False
        return charge.authorised is not None and not charge.is_over

    def strays(self) -> list[Charge]:
        """Authorized, and nothing goes by them: another try brought the money, or the payment was given up or
        cancelled. While no money is there, what failed to be captured is what a person can still capture,
        whatever became of the others.
        """
        charges = self.charges.values()
        is_unwanted = self.is_given_up or any(map(self.received_minor, charges))
        has_ended = is_unwanted or any(charge.is_over for charge in charges)
        return [
            charge
            for charge in charges
            if (is_unwanted or (has_ended and not charge.failed))
            and self.holds_promise(charge)
            and not self.received_minor(charge)
        ]


def history(told: Iterable[Entry]) -> History | None:
    """None where nothing began the payment: it is no payment of ours, as far as we know."""
    known = list(told)
    first = next((entry for entry in known if _agreed(entry) is not None), None)
    if first is None or (agreed := _agreed(first)) is None:
        return None
    story = History(agreed=agreed, begun_at=first.at)
    for entry in known:
        _take_in(story, entry)
    return story


def _agreed(entry: Entry) -> Agreed | None:
    match entry.said:
        case Agreed() as agreed:
            return agreed
        case Tried(agreed=agreed):
            return agreed
        case _:
            return None


def _take_in(story: History, entry: Entry) -> None:
    match entry.said:
        case Tried() as tried:
            _try(story, tried)
        case Modified(operation=operation) as modified if operation == REFUNDS:
            _refund_asked(story, modified, entry.at)
        case Modified() as modified:
            story.charge(modified.of_payment).asked.add(modified.psp_reference)
        case GivenUp():
            story.is_given_up = True
        case Item() as item:
            _item(story, item, entry.at)


def _try(story: History, tried: Tried) -> None:
    # An action may come without a reference yet, as some redirects have it.
    charge = story.charge(tried.psp_reference) if tried.psp_reference is not None else Charge("")
    charge.result, charge.refusal_code, charge.action = tried.result_code, tried.refusal_code, tried.action
    if tried.method is not None:
        story.methods.add(tried.method)
    charge.method = tried.method or charge.method or story.paid_with()
    if tried.result_code == AUTHORISED:
        charge.authorised = story.agreed.amount
    story.latest = charge


def _refused(story: History, charge: Charge, words: str) -> None:
    if charge.result not in REFUSED:
        charge.result, charge.refusal_words = "Refused", words
    if story.latest is not None and not story.latest.psp_reference:
        story.latest = charge


def _item(story: History, item: Item, at: datetime) -> None:
    charge, code = story.charge(item.of_payment), item.event_code
    if code in _OUTCOMES:
        charge.answered.add(item.psp_reference)
    match code:
        case "AUTHORISATION" if item.has_succeeded:
            charge.authorised = item.amount
            # Another try's answer may not have come yet.
            if item.payment_method == story.paid_with():
                charge.method = charge.method or item.payment_method
        case "AUTHORISATION":
            _refused(story, charge, item.reason)
        case "CAPTURE" if item.has_succeeded:
            charge.authorised = charge.authorised or story.agreed.amount
            charge.captured[item.psp_reference] = item.amount
        case "CAPTURE_FAILED":
            charge.failed[item.psp_reference] = item.amount
        case "REFUND" | "REFUND_FAILED" | "REFUNDED_REVERSED":
            _refund_told(story, item, at)
        case "CANCEL_OR_REFUND" if item.additional_data.get("modification.action") == "cancel":
            charge.is_over = charge.is_over or item.has_succeeded
        case _ if code in _ENDS:
            charge.is_over = charge.is_over or item.has_succeeded
        case _ if code in DISPUTES:
            story.disputes.setdefault(item.psp_reference, []).append(item)
            story.raised_at.setdefault(item.psp_reference, at)


def _refund_asked(story: History, modified: Modified, at: datetime) -> None:
    refund = _refund(story, modified.psp_reference, modified.of_payment, modified.amount, at)
    refund.refund_id = modified.refund_id


def _refund_told(story: History, item: Item, at: datetime) -> None:
    refund = _refund(story, item.psp_reference, item.of_payment, item.amount, at)
    # What we asked for has our id as its reference; its answer may have been lost.
    if is_prefixed(item.merchant_reference, "ref"):
        refund.refund_id = item.merchant_reference
    if item.event_code in _REFUND_BACK or not item.has_succeeded:
        refund.has_failed = True
    else:
        refund.has_succeeded = True


def _refund(story: History, reference: str, of: str, amount: Amount | None, at: datetime) -> Returned:
    known = Returned(reference, of, at, amount or story.agreed.amount)
    return story.refunds.setdefault(reference, known)


# https://docs.adyen.com/risk-management/disputes-api/dispute-notifications: how far each has come. What comes
# late is not taken for the latest.
DISPUTES: Final = {
    "REQUEST_FOR_INFORMATION": 0,
    "NOTIFICATION_OF_CHARGEBACK": 1,
    "CHARGEBACK": 2,
    "DISPUTE_DEFENSE_PERIOD_ENDED": 3,
    "CHARGEBACK_REVERSED": 4,
    "ISSUER_RESPONSE_TIMEFRAME_EXPIRED": 5,
    "PREARBITRATION_WON": 5,
    "PREARBITRATION_LOST": 6,
    "SECOND_CHARGEBACK": 6,
}
