"""What the simulated provider does with which instrument.

The names are those of Stripe's published test cards, so that a story runs against either.
"""

from typing import Final

from domain.payment import DeclineReason

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
# A customer can save it, but no charge to it succeeds.
CHARGES_FAIL: Final = frozenset({"pm_card_chargeCustomerFail"})
# What may be shown of a card that somebody saved: its brand, and the end of its number.
SAVED_CARDS: Final = {"pm_card_visa": ("visa", "4242"), "pm_card_mastercard": ("mastercard", "4444")}
KNOWN: Final = DECLINES.keys() | WORKS | ASKS_BANK | TAKES_DAYS
