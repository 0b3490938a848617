"""What Stripe refuses and in which words: type, code and status of every error that the sandbox can give."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

from entrypoints.sandbox.stripe.models import PaymentError, PaymentIntent


@dataclass(eq=False, kw_only=True)
class StripeError(Exception):
    """`before_execution` marks a refused request that never began: Stripe does not keep those under a key."""

    status: HTTPStatus
    type: str
    message: str
    code: str | None = None
    param: str | None = None
    decline_code: str | None = None
    charge: str | None = None
    payment_error: PaymentError | None = None
    payment_intent: PaymentIntent | None = None
    before_execution: bool = False

    @classmethod
    def refused(cls, message: str, code: str | None = None, param: str | None = None) -> Self:
        return cls(
            status=HTTPStatus.BAD_REQUEST,
            type="invalid_request_error",
            message=message,
            code=code,
            param=param,
        )


def invalid_parameter(param: str, message: str, code: str | None = None) -> StripeError:
    error = StripeError.refused(message, code, param)
    error.before_execution = True
    return error


def unauthorized(message: str) -> StripeError:
    return StripeError(
        status=HTTPStatus.UNAUTHORIZED, type="invalid_request_error", message=message, before_execution=True
    )


def no_such(resource: str, identifier: str, param: str = "id") -> StripeError:
    return StripeError(
        status=HTTPStatus.NOT_FOUND,
        type="invalid_request_error",
        code="resource_missing",
        param=param,
        message=f"No such {resource}: '{identifier}'",
    )


def unexpected_state(intent: PaymentIntent, message: str) -> StripeError:
    error = StripeError.refused(message, "payment_intent_unexpected_state")
    error.payment_intent = intent
    return error


def cannot(participle: str, intent: PaymentIntent, allowed: Iterable[str]) -> StripeError:
    """`cannot("captured", …)`: the sentence Stripe says when a payment is not in the right state."""
    return unexpected_state(
        intent,
        f"This PaymentIntent could not be {participle} because it has a status of {intent.status}. Only a"
        f" PaymentIntent with one of the following statuses may be {participle}: {', '.join(allowed)}.",
    )


def card_error(error: PaymentError, intent: PaymentIntent) -> StripeError:
    return StripeError(
        status=HTTPStatus.PAYMENT_REQUIRED,
        type="card_error",
        code=error.code,
        decline_code=error.decline_code,
        message=error.message,
        charge=error.charge,
        payment_error=error,
        payment_intent=intent,
    )


def internal_error() -> StripeError:
    return StripeError(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        type="api_error",
        message="An unknown error occurred. (The sandbox was told to fail.)",
    )


def too_many_requests() -> StripeError:
    return StripeError(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        type="invalid_request_error",
        code="rate_limit",
        message="Request rate limit exceeded.",
        before_execution=True,
    )


def key_in_use(key: str) -> StripeError:
    return StripeError(
        status=HTTPStatus.CONFLICT,
        type="invalid_request_error",
        code="idempotency_key_in_use",
        message=(
            f"There is currently another in-progress request using this Idempotent Key: {key}. Please try"
            " again later."
        ),
        before_execution=True,
    )


def key_reused(key: str, difference: str) -> StripeError:
    return StripeError(
        status=HTTPStatus.BAD_REQUEST,
        type="idempotency_error",
        message=(
            f"Keys for idempotent requests can only be used {difference}. Try using a key other than '{key}'"
            " if you meant to execute a different request."
        ),
        before_execution=True,
    )
