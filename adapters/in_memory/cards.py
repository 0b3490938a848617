"""What the simulated provider does with which instrument.

The names are those of Stripe's published test cards, so that a story runs against either.
"""

from typing import Final

from domain.payment import DeclineReason, Instrument
from ports.errors import Rejected

DECLINES: Final = {
    "pm_card_visa_chargeDeclined": ("generic_decline", DeclineReason.NOT_ACCEPTED),
    "pm_card_chargeDeclined": ("generic_decline", DeclineReason.NOT_ACCEPTED),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("insufficient_funds", DeclineReason.INSUFFICIENT_FUNDS),
    "pm_card_visa_chargeDeclinedLostCard": ("lost_card", DeclineReason.NOT_ACCEPTED),
    "pm_card_visa_chargeDeclinedStolenCard": ("stolen_card", DeclineReason.NOT_ACCEPTED),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", DeclineReason.INSTRUMENT_EXPIRED),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", DeclineReason.DETAILS_INCORRECT),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", DeclineReason.TRY_AGAIN),
}
REFUNDS_SLOWLY: Final = frozenset({"pm_card_pendingRefund"})
WORKS: Final = frozenset({"pm_card_visa", "pm_card_mastercard", "pm_card_refundFail"}) | REFUNDS_SLOWLY
ASKS_BANK: Final = frozenset({"pm_card_threeDSecure2Required", "pm_card_authenticationRequired"})
TAKES_DAYS: Final = frozenset({"pm_usBankAccount_success", "pm_sepaDebit"})
KNOWN: Final = DECLINES.keys() | WORKS | ASKS_BANK | TAKES_DAYS


def require_known(instrument: Instrument) -> None:
    """Raises Rejected for a card that the provider never heard of."""
    if instrument.token not in KNOWN:
        raise Rejected("no_such_payment_method")
