"""What can be asked of the account, as plain values that routes read from forms and benchmarks write."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from entrypoints.sandbox.stripe.models import AllowRedirects, CaptureMethod, RefundReason, Shipping


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDetails:
    """Not about the money. None leaves a detail as it is; an empty metadata value removes its key."""

    metadata: Mapping[str, str] = field(default_factory=dict)
    customer: str | None = None
    description: str | None = None
    receipt_email: str | None = None
    setup_future_usage: str | None = None
    shipping: Shipping | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    transfer_group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """`from_browser`: sent with the publishable key, as Stripe.js does, which handles redirects by itself."""

    payment_method: str | None = None
    return_url: str | None = None
    capture_method: CaptureMethod | None = None
    off_session: bool = False
    error_on_requires_action: bool = False
    from_browser: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """Without `payment_method_types` Stripe offers whatever the account has enabled for the currency.

    `invoice`: the one that it collects; Stripe's own doing, nobody can ask for it.
    """

    amount: int
    currency: str
    capture_method: CaptureMethod = CaptureMethod.AUTOMATIC
    card_capture_method: CaptureMethod | None = None
    payment_method_types: tuple[str, ...] = ()
    allow_redirects: AllowRedirects = AllowRedirects.ALWAYS
    confirmation_method: str = "automatic"
    payment_method: str | None = None
    invoice: str | None = None
    details: PaymentDetails = PaymentDetails()
    confirmation: Confirmation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChange:
    """None keeps what is there."""

    amount: int | None = None
    currency: str | None = None
    capture_method: CaptureMethod | None = None
    payment_method_types: tuple[str, ...] = ()
    payment_method: str | None = None
    details: PaymentDetails = PaymentDetails()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefund:
    """Of a payment or of a charge; no amount means all that is left."""

    payment_intent: str | None = None
    charge: str | None = None
    amount: int | None = None
    reason: RefundReason | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
