"""What Stripe's errors mean: code tables first, then the one translation of the SDK's exceptions."""

from typing import Final

import stripe

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
_TOO_MANY: Final = 429
_CONFLICT: Final = 409
_SERVER_ERROR: Final = 500


def decline_reason(code: str) -> DeclineReason:
    return DECLINES.get(code, DeclineReason.NOT_ACCEPTED)


def meaning(error: stripe.StripeError, *, writing: bool) -> PortError:
    """What an error of the SDK says about the effect that was asked for.

    A write that met a server error, a conflict or a lost connection may have happened. A wrong key or a
    missing permission certainly did nothing, and is mended by a person: it is asked again later, under the
    same key.
    """
    status, name = error.http_status or 0, type(error).__name__
    match error:
        case stripe.APIConnectionError():
            return OutcomeUnknown(name) if writing else Unavailable(name)
        case stripe.RateLimitError() | stripe.AuthenticationError() | stripe.PermissionError():
            return Unavailable(name, _retry_after(error))
        case stripe.IdempotencyError() if status != _CONFLICT:
            return Rejected("idempotency_key_reused")
        case stripe.CardError() | stripe.InvalidRequestError() if status not in (_CONFLICT, _TOO_MANY):
            return Rejected(error.code or "invalid_request")
        case _ if status == _TOO_MANY:
            return Unavailable(name, _retry_after(error))
        case _:
            # Stripe keeps the first result of a key, a 500 among them, and repeats it for 24 hours:
            # https://docs.stripe.com/api/idempotent_requests
            spent = status >= _SERVER_ERROR
            return OutcomeUnknown(name, key_is_spent=spent) if writing else Unavailable(name)


def _retry_after(error: stripe.StripeError) -> int | None:
    value = (error.headers or {}).get("retry-after", "")
    return int(value) if value.isdigit() else None
