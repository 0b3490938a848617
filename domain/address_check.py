"""What somebody who knows places says about an address; it never keeps a shopper from ordering."""

from datetime import datetime
from enum import Enum
from typing import Final

from domain.address import Address
from domain.readiness import Message, Severity
from domain.values import value


class AddressVerdict(Enum):
    """VERIFIED: there is such a place, and it was typed as it is. CORRECTED: there is one that was probably
    meant. UNVERIFIABLE: no such place is known. UNVERIFIED: nobody could be asked.
    """

    VERIFIED = "verified"
    CORRECTED = "corrected"
    UNVERIFIABLE = "unverifiable"
    UNVERIFIED = "unverified"


_MESSAGES: Final = {
    AddressVerdict.CORRECTED: (
        "We found your address in another spelling: take it, or keep yours.",
        Severity.NEEDS_REVIEW,
    ),
    AddressVerdict.UNVERIFIABLE: (
        "We could not find this address: please see that it is right.",
        Severity.NEEDS_REVIEW,
    ),
    AddressVerdict.UNVERIFIED: (
        "Your address could not be checked; we take it as it is.",
        Severity.RECOVERABLE,
    ),
}


@value
class AddressFinding:
    """`suggestion` is what was probably meant, with the recipient as typed; only of a correction."""

    verdict: AddressVerdict
    suggestion: Address | None = None

    def __post_init__(self) -> None:
        if (self.verdict is AddressVerdict.CORRECTED) != (self.suggestion is not None):
            raise ValueError("a correction has a suggestion, and nothing else has one")


@value
class AddressCheck:
    """A finding, kept with the checkout, so that nobody has to be asked when it is placed."""

    finding: AddressFinding
    checked_at: datetime

    def holds_for(self, address: Address, before: Address | None) -> bool:
        """Whether it still says something: nothing changed since, or what it suggests was taken."""
        return address.is_same_place_as(before) or address.is_same_place_as(self.finding.suggestion)

    def open_suggestion(self, address: Address | None) -> Address | None:
        """What the shopper may still take; None once they did."""
        suggestion = self.finding.suggestion
        is_taken = address is not None and address.is_same_place_as(suggestion)
        return None if is_taken else suggestion

    def messages(self, address: Address | None) -> tuple[Message, ...]:
        """What the shopper should know of their address before they order; none of it keeps them from it."""
        verdict = self.finding.verdict
        if verdict is AddressVerdict.CORRECTED and self.open_suggestion(address) is None:
            return ()
        if verdict not in _MESSAGES:
            return ()
        text, severity = _MESSAGES[verdict]
        code = f"address_{verdict.value}"
        return (Message(code=code, path="/shipping_address", text=text, severity=severity),)

    def outcome(self, address: Address) -> str:
        """What became of it, as a word for the order's timeline."""
        if self.open_suggestion(address) is not None:
            return "correction_not_taken"
        return self.finding.verdict.value
