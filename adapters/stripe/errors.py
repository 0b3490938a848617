"""What Stripe's errors mean: code tables first, then the one translation of the SDK's exceptions."""

import re
from enum import Enum
from typing import Final

import stripe
from stripe import oauth_error

from domain.payment import DeclineReason
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable

# https://docs.stripe.com/declines/codes; a code that isn't here is NOT_ACCEPTED, which tells a thief nothing.
DECLINES: Final[dict[str, DeclineReason]] = {
    "insufficient_funds": DeclineReason.INSUFFICIENT_FUNDS,
    "card_velocity_exceeded": DeclineReason.INSUFFICIENT_FUNDS,
    "withdrawal_count_limit_exceeded": DeclineReason.INSUFFICIENT_FUNDS,
    "expired_card": DeclineReason.INSTRUMENT_EXPIRED,
    "incorrect_number": DeclineReason.DETAILS_INCORRECT,
    "invalid_number": DeclineReason.DETAILS_INCORRECT,
    "incorrect_cvc": DeclineReason.DETAILS_INCORRECT,
    "invalid_cvc": DeclineReason.DETAILS_INCORRECT,
    "incorrect_zip": DeclineReason.DETAILS_INCORRECT,
    "invalid_expiry_month": DeclineReason.DETAILS_INCORRECT,
    "invalid_expiry_year": DeclineReason.DETAILS_INCORRECT,
    "incorrect_pin": DeclineReason.DETAILS_INCORRECT,
    "authentication_required": DeclineReason.AUTHENTICATION_FAILED,
    "payment_intent_authentication_failure": DeclineReason.AUTHENTICATION_FAILED,
    "processing_error": DeclineReason.TRY_AGAIN,
    "issuer_not_available": DeclineReason.TRY_AGAIN,
    "reenter_transaction": DeclineReason.TRY_AGAIN,
    "try_again_later": DeclineReason.TRY_AGAIN,
    "approve_with_id": DeclineReason.TRY_AGAIN,
}
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
