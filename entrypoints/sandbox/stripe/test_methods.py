"""Stripe's published test payment methods (docs.stripe.com/testing) and what each does, as one table.

Of methods at another page none are published: there Stripe.js makes them. Here they have names as well.
"""

from dataclasses import dataclass
from typing import Final

from entrypoints.sandbox.stripe.models import PaymentMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    code: str
    message: str
    decline_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestMethod:
    """`declines` also applies after an authentication or, for a bank debit, once the bank has answered."""

    __test__ = False  # not a test case, whatever pytest makes of the name

    id: str
    type: str = "card"
    brand: str = "visa"
    number: str | None = None
    declines: Decline | None = None
    authenticates: bool = False
    refund_stays_pending: bool = False
    refund_fails_later: bool = False
    disputed_as: str | None = None
    inquiry: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:] if self.number else "6789"

    @property
    def settles_later(self) -> bool:
        return self.type in _DEBIT_TYPES

    @property
    def is_stoppable(self) -> bool:
        """Whether a debit can be called off while its bank works on it: "in rare cases", says Stripe."""
        return self.type == "us_bank_account"


def _declined(decline_code: str, message: str = "Your card was declined.") -> Decline:
    return Decline(code="card_declined", decline_code=decline_code, message=message)


def _debit(
    identifier: str, type_: str, declines: Decline | None = None, disputed_as: str | None = None
) -> TestMethod:
    return TestMethod(id=identifier, type=type_, brand="", declines=declines, disputed_as=disputed_as)


GENERIC_DECLINE: Final = _declined("generic_decline")
_NO_FUNDS: Final = Decline(
    code="insufficient_funds", message="The customer's account has insufficient funds to cover this payment."
)
_CLOSED: Final = Decline(code="account_closed", message="The customer's bank account has been closed.")
_NO_ACCOUNT: Final = Decline(code="no_account", message="The customer's bank account could not be located.")
_NOT_AUTHORIZED: Final = Decline(
    code="debit_not_authorized",
    message="The customer has notified their bank that this payment was unauthorized.",
)
BANK_FAILURE: Final = Decline(
    code="payment_intent_payment_attempt_failed", message="The payment failed, the bank did not say why."
)

_DEBIT_TYPES: Final = frozenset({"us_bank_account", "sepa_debit"})
VOUCHER_TYPES: Final = frozenset({"konbini"})
REDIRECT_TYPES: Final = frozenset({"ideal", "bancontact", "klarna"})

_CARDS: Final = (
    TestMethod(id="pm_card_visa", number="4242424242424242"),
    TestMethod(id="pm_card_visa_debit", number="4000056655665556"),
    TestMethod(id="pm_card_mastercard", brand="mastercard", number="5555555555554444"),
    TestMethod(id="pm_card_amex", brand="amex", number="378282246310005"),
    TestMethod(id="pm_card_visa_chargeDeclined", number="4000000000000002", declines=GENERIC_DECLINE),
    TestMethod(id="pm_card_chargeCustomerFail", number="4000000000000341", declines=GENERIC_DECLINE),
    TestMethod(
        id="pm_card_visa_chargeDeclinedInsufficientFunds",
        number="4000000000009995",
        declines=_declined("insufficient_funds", "Your card has insufficient funds."),
    ),
    TestMethod(
        id="pm_card_visa_chargeDeclinedLostCard", number="4000000000009987", declines=_declined("lost_card")
    ),
    TestMethod(
        id="pm_card_visa_chargeDeclinedStolenCard",
        number="4000000000009979",
        declines=_declined("stolen_card"),
    ),
    TestMethod(
        id="pm_card_chargeDeclinedExpiredCard",
        number="4000000000000069",
        declines=Decline(code="expired_card", message="Your card has expired."),
    ),
    TestMethod(
        id="pm_card_chargeDeclinedIncorrectCvc",
        number="4000000000000127",
        declines=Decline(code="incorrect_cvc", message="Your card's security code is incorrect."),
    ),
    TestMethod(
        id="pm_card_chargeDeclinedProcessingError",
        number="4000000000000119",
        declines=Decline(
            code="processing_error",
            message="An error occurred while processing your card. Try again in a little bit.",
        ),
    ),
    TestMethod(
        id="pm_card_visa_chargeDeclinedVelocityLimitExceeded",
        number="4000000000006975",
        declines=_declined("card_velocity_exceeded"),
    ),
    TestMethod(id="pm_card_threeDSecure2Required", number="4000000000003220", authenticates=True),
    TestMethod(id="pm_card_authenticationRequired", number="4000002760003184", authenticates=True),
    TestMethod(
        id="pm_card_threeDSecureRequiredChargeDeclined",
        number="4000008400001629",
        authenticates=True,
        declines=GENERIC_DECLINE,
    ),
    TestMethod(id="pm_card_pendingRefund", number="4000000000007726", refund_stays_pending=True),
    TestMethod(id="pm_card_refundFail", number="4000000000005126", refund_fails_later=True),
    TestMethod(id="pm_card_createDispute", number="4000000000000259", disputed_as="fraudulent"),
    TestMethod(
        id="pm_card_createDisputeProductNotReceived",
        number="4000000000002685",
        disputed_as="product_not_received",
    ),
    TestMethod(
        id="pm_card_createDisputeInquiry", number="4000000000001976", disputed_as="fraudulent", inquiry=True
    ),
)

_DEBITS: Final = (
    _debit("pm_usBankAccount_success", "us_bank_account"),
    _debit("pm_usBankAccount_processing", "us_bank_account"),
    _debit("pm_usBankAccount_insufficientFunds", "us_bank_account", _NO_FUNDS),
    _debit("pm_usBankAccount_accountClosed", "us_bank_account", _CLOSED),
    _debit("pm_usBankAccount_noAccount", "us_bank_account", _NO_ACCOUNT),
    _debit("pm_usBankAccount_debitNotAuthorized", "us_bank_account", _NOT_AUTHORIZED),
    _debit("pm_usBankAccount_dispute", "us_bank_account", disputed_as="debit_not_authorized"),
    _debit("pm_sepaDebit_success_de", "sepa_debit"),
    _debit("pm_sepaDebit_failed_de", "sepa_debit", BANK_FAILURE),
    _debit("pm_sepaDebit_insufficientFunds_de", "sepa_debit", _NO_FUNDS),
    _debit("pm_sepaDebit_disputed_de", "sepa_debit", disputed_as="debit_not_authorized"),
)

_ELSEWHERE: Final = tuple(
    TestMethod(id=f"pm_{type_}", type=type_, brand="", authenticates=True)
    for type_ in sorted(REDIRECT_TYPES | VOUCHER_TYPES)
)

# Stripe's documentation has used both spellings, with and without the brand.
_ALIASES: Final = {
    "pm_card_chargeDeclined": "pm_card_visa_chargeDeclined",
    "pm_card_chargeDeclinedInsufficientFunds": "pm_card_visa_chargeDeclinedInsufficientFunds",
    "pm_card_chargeDeclinedLostCard": "pm_card_visa_chargeDeclinedLostCard",
    "pm_card_chargeDeclinedStolenCard": "pm_card_visa_chargeDeclinedStolenCard",
    "pm_card_visa_chargeDeclinedExpiredCard": "pm_card_chargeDeclinedExpiredCard",
    "pm_card_visa_chargeDeclinedIncorrectCvc": "pm_card_chargeDeclinedIncorrectCvc",
    "pm_card_visa_chargeDeclinedProcessingError": "pm_card_chargeDeclinedProcessingError",
}

_BY_ID: Final = {method.id: method for method in (*_CARDS, *_DEBITS, *_ELSEWHERE)}
_BY_NUMBER: Final = {method.number: method for method in _CARDS}


def published_method(identifier: str) -> TestMethod | None:
    return _BY_ID.get(_ALIASES.get(identifier, identifier))


def behaviour_of(method: PaymentMethod) -> TestMethod:
    """A payment method is only ever made from a published one."""
    return _BY_ID[method.test_id]


def card_with_number(number: str) -> TestMethod | None:
    """The test card with this number, as a shopper types it into Stripe's own form."""
    return _BY_NUMBER.get(number.replace(" ", ""))
