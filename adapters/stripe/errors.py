"""What Stripe's errors mean: code tables first, then the one translation of the SDK's exceptions."""

import re
from enum import Enum
from typing import Final

import stripe
from stripe import oauth_error

from domain.payment import DeclineReason
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable

# All codes of https://docs.stripe.com/declines/codes, for cards and for other methods, and those of
# https://docs.stripe.com/error-codes that a failed payment can carry instead. What is known of a card's past
# (lost, stolen, suspected) is NOT_ACCEPTED like a refusal without a reason, and so is a code that isn't here:
# that tells a thief nothing.
_DECLINES: Final[dict[DeclineReason, tuple[str, ...]]] = {
    DeclineReason.INSUFFICIENT_FUNDS: (
        *("insufficient_funds", "card_velocity_exceeded", "withdrawal_count_limit_exceeded"),
        "payment_limit_exceeded",
    ),
    DeclineReason.INSTRUMENT_EXPIRED: ("expired_card", "expired_payment_information"),
    DeclineReason.DETAILS_INCORRECT: (
        *("incorrect_number", "invalid_number", "incorrect_cvc", "invalid_cvc"),
        *("invalid_expiry_month", "invalid_expiry_year", "incorrect_zip", "incorrect_address"),
        *("incorrect_pin", "invalid_pin", "invalid_payment_information"),
        *("payment_method_billing_details_address_missing", "payment_method_invalid_parameter"),
    ),
    DeclineReason.AUTHENTICATION_FAILED: (
        *("authentication_required", "authentication_not_handled", "mobile_device_authentication_required"),
        *("offline_pin_required", "online_or_offline_pin_required"),
        *("payment_intent_authentication_failure", "payment_intent_payment_attempt_expired"),
        "payment_method_customer_decline",
    ),
    DeclineReason.TRY_AGAIN: (
        *("processing_error", "issuer_not_available", "reenter_transaction", "try_again_later"),
        *("approve_with_id", "payment_method_not_available", "payment_method_provider_timeout"),
    ),
    DeclineReason.NOT_ACCEPTED: (
        *("card_declined", "generic_decline", "call_issuer", "do_not_honor", "do_not_try_again"),
        *("no_action_taken", "not_permitted", "service_not_allowed", "transaction_not_allowed"),
        *("lost_card", "stolen_card", "pickup_card", "restricted_card", "fraudulent", "merchant_blacklist"),
        *("security_violation", "pin_try_exceeded", "card_decline_rate_limit_exceeded"),
        *("stop_payment_order", "revocation_of_authorization", "revocation_of_all_authorizations"),
        *("card_not_supported", "currency_not_supported", "invalid_account", "invalid_amount"),
        *("new_account_information_available", "duplicate_transaction", "testmode_decline"),
        *("partner_generic_decline", "partner_high_risk_customer", "partner_payment_not_found"),
        *("invalid_customer_account", "invalid_business_account", "invalid_billing_agreement"),
        *("invalid_authorization", "compliance_violation", "payment_disputed"),
        *("bank_account_declined", "bank_account_unusable", "debit_not_authorized", "invalid_card_type"),
        *("payment_intent_payment_attempt_failed", "payment_method_bank_account_blocked"),
        *("payment_method_currency_mismatch", "payment_method_provider_decline"),
        "payment_method_unactivated",
    ),
}
DECLINES: Final = {code: reason for reason, codes in _DECLINES.items() for code in codes}
# The payment is in another state than we thought: reading it tells which.
UNEXPECTED_STATE: Final = frozenset(
    {"payment_intent_unexpected_state", "charge_already_captured", "charge_already_refunded"}
)


class Effect(Enum):
    """What an exception of the SDK says about the effect that was asked for.

    REFUSED: Stripe read the request and said no. NOTHING: it was turned away unread. UNKNOWN: it may have
    happened.
    """

    REFUSED = "refused"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


# Every exception that the SDK has; one that isn't here is UNKNOWN, and a test fails until it is.
EFFECTS: Final[dict[type[stripe.StripeError], Effect]] = {
    stripe.CardError: Effect.REFUSED,
    stripe.InvalidRequestError: Effect.REFUSED,
    stripe.RateLimitError: Effect.NOTHING,
    # A wrong key or a missing permission is mended by a person: it is asked again later, under the same key.
    stripe.AuthenticationError: Effect.NOTHING,
    stripe.PermissionError: Effect.NOTHING,
    stripe.APIConnectionError: Effect.UNKNOWN,
    stripe.APIError: Effect.UNKNOWN,
    # The key came with other arguments before: what those did has to be looked up.
    stripe.IdempotencyError: Effect.UNKNOWN,
    # What follows never comes from the calls that are made here: base classes, webhooks, API v2, OAuth.
    stripe.StripeError: Effect.UNKNOWN,
    stripe.StripeErrorWithParamCode: Effect.UNKNOWN,
    stripe.SignatureVerificationError: Effect.UNKNOWN,
    stripe.AlreadyCanceledError: Effect.UNKNOWN,
    stripe.BlockedByStripeError: Effect.UNKNOWN,
    stripe.CannotProceedError: Effect.UNKNOWN,
    stripe.CapabilityNotEnabledError: Effect.UNKNOWN,
    stripe.ControlledByAlternateResourceError: Effect.UNKNOWN,
    stripe.FeatureNotEnabledError: Effect.UNKNOWN,
    stripe.FinancialAccountNotOpenError: Effect.UNKNOWN,
    stripe.FxQuoteNeedsRefreshError: Effect.UNKNOWN,
    stripe.InsufficientFundsError: Effect.UNKNOWN,
    stripe.InvalidPaymentMethodError: Effect.UNKNOWN,
    stripe.InvalidPayoutMethodError: Effect.UNKNOWN,
    stripe.InvalidVaultedCredentialError: Effect.UNKNOWN,
    stripe.NotCancelableError: Effect.UNKNOWN,
    stripe.QuotaExceededError: Effect.UNKNOWN,
    stripe.RecipientNotNotifiableError: Effect.UNKNOWN,
    stripe.TemporarySessionExpiredError: Effect.UNKNOWN,
    stripe.VerificationAttemptFailedError: Effect.UNKNOWN,
    stripe.VerificationExpiredError: Effect.UNKNOWN,
    stripe.VerificationNotInitiatedError: Effect.UNKNOWN,
    oauth_error.OAuthError: Effect.UNKNOWN,
    oauth_error.InvalidClientError: Effect.UNKNOWN,
    oauth_error.InvalidGrantError: Effect.UNKNOWN,
    oauth_error.InvalidRequestError: Effect.UNKNOWN,
    oauth_error.InvalidScopeError: Effect.UNKNOWN,
    oauth_error.UnsupportedGrantTypeError: Effect.UNKNOWN,
    oauth_error.UnsupportedResponseTypeError: Effect.UNKNOWN,
}
# What a working shop meets now and then. Any other exception is reported: a key is wrong, or ours is the
# fault.
EXPECTED: Final = frozenset(
    {
        *(stripe.CardError, stripe.InvalidRequestError, stripe.RateLimitError),
        *(stripe.APIConnectionError, stripe.APIError),
    }
)
# Where the status says more than the exception's class. 409: another request has the key, or the payment.
_BY_STATUS: Final = {409: Effect.UNKNOWN, 429: Effect.NOTHING}
_SERVER_ERROR: Final = 500
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


def decline_reason(code: str) -> DeclineReason:
    return DECLINES.get(code, DeclineReason.NOT_ACCEPTED)


def meaning(error: stripe.StripeError, *, writing: bool, earlier_try_lost: bool = False) -> PortError:
    """What an error of the SDK says about the effect that was asked for; a read has none.

    `earlier_try_lost`: it was tried before under the same key, and that try may have happened whatever became
    of this one.
    """
    status, name = error.http_status or 0, type(error).__name__
    effect = _BY_STATUS.get(status, EFFECTS.get(type(error), Effect.UNKNOWN))
    if effect is Effect.REFUSED:
        return Rejected(error.code or name)
    if not writing or (effect is Effect.NOTHING and not earlier_try_lost):
        return Unavailable(name, _retry_after(error))
    return OutcomeUnknown(name, key_is_spent=status >= _SERVER_ERROR and _in_stripes_words(error))


def _in_stripes_words(error: stripe.StripeError) -> bool:
    """Stripe keeps the first result of a key, a 500 among them, and repeats it for 24 hours:
    https://docs.stripe.com/api/idempotent_requests. A gateway's error page is no result of Stripe's: its
    request may still be under way.
    """
    return error.error is not None


def _retry_after(error: stripe.StripeError) -> int | None:
    value = (error.headers or {}).get("retry-after", "")
    return int(value) if _SECONDS.fullmatch(value) else None
