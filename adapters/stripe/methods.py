"""Payment methods: Stripe's words for them, and what it is asked for where a shop offers more than cards."""

from typing import Any, Final

from domain.payment_method import PaymentMethod, method_named
from domain.shop import CaptureMethod
from ports.payments import PaymentRequest

# Where Stripe's word isn't the field's: https://docs.stripe.com/api/payment_methods/object
_NAMES: Final = {
    "us_bank_account": "ach_debit",
    "au_becs_debit": "becs_debit",
    "afterpay_clearpay": "afterpay",
}


def payment_method(stripe_type: str) -> PaymentMethod:
    """One that nobody knows keeps Stripe's word."""
    return method_named(_NAMES.get(stripe_type, stripe_type))


def offered(request: PaymentRequest, *, cards_only: bool) -> dict[str, Any]:
    """What may be paid with. Manual capture of the whole payment would leave out all methods that have no
    capture, so only cards are asked for it: the option overrides the payment's own capture method.
    https://docs.stripe.com/payments/place-a-hold-on-a-payment-method

    Who confirms at once and names no way back can't be sent to another page.
    """
    if cards_only:
        return {"payment_method_types": ["card"], "capture_method": request.capture_method.value}
    automatic: dict[str, Any] = {"enabled": True}
    if request.instrument is not None and request.return_url is None:
        automatic["allow_redirects"] = "never"
    params = {"automatic_payment_methods": automatic, "capture_method": CaptureMethod.AUTOMATIC.value}
    if request.capture_method is CaptureMethod.MANUAL:
        params["payment_method_options"] = {"card": {"capture_method": "manual"}}
    return params
