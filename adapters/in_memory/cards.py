"""What the simulated provider does with which instrument.

The names are those of Stripe's published test methods, or where it has none those of its sandbox here, so
that a story runs against either.
"""

from typing import Final

from domain.payment import DeclineReason
from domain.payment_method import CARD, METHODS, PaymentMethod

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
# At another page: to confirm, to pay, or to get a voucher for a counter.
REDIRECTS: Final = {"pm_ideal": "ideal", "pm_bancontact": "bancontact", "pm_klarna": "klarna"}
VOUCHERS: Final = {"pm_konbini": "konbini"}
ASKS_BANK: Final = (
    frozenset({"pm_card_threeDSecure2Required", "pm_card_authenticationRequired"})
    | REDIRECTS.keys()
    | VOUCHERS.keys()
)
DEBITS: Final = {
    "pm_usBankAccount_success": "ach_debit",
    "pm_sepaDebit": "sepa_debit",
    "pm_sepaDebit_success_de": "sepa_debit",
}
TAKES_DAYS: Final = DEBITS.keys()
# A debit that was sent to its bank can't be called back.
UNSTOPPABLE: Final = frozenset({"sepa_debit"})
# A customer can save it, but no charge to it succeeds.
CHARGES_FAIL: Final = frozenset({"pm_card_chargeCustomerFail"})
# What may be shown of a card that somebody saved: its brand, and the end of its number.
SAVED_CARDS: Final = {"pm_card_visa": ("visa", "4242"), "pm_card_mastercard": ("mastercard", "4444")}
KNOWN: Final = DECLINES.keys() | WORKS | ASKS_BANK | TAKES_DAYS


def method_of(token: str) -> PaymentMethod:
    """Cards, unless it is something else."""
    name = (REDIRECTS | VOUCHERS | DEBITS).get(token)
    return METHODS[name] if name is not None else CARD
