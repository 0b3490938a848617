"""What the account holds. Records are frozen and replaced whole, so events keep their snapshots for free."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from entrypoints.sandbox.stripe.subscription_models import Invoice, Subscription


class IntentStatus(StrEnum):
    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class CaptureMethod(StrEnum):
    AUTOMATIC = "automatic"
    AUTOMATIC_ASYNC = "automatic_async"
    MANUAL = "manual"


class AllowRedirects(StrEnum):
    ALWAYS = "always"
    NEVER = "never"


class CancellationReason(StrEnum):
    DUPLICATE = "duplicate"
    FRAUDULENT = "fraudulent"
    REQUESTED_BY_CUSTOMER = "requested_by_customer"
    ABANDONED = "abandoned"
    AUTOMATIC = "automatic"


class ChargeStatus(StrEnum):
    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"


class RefundStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RefundReason(StrEnum):
    DUPLICATE = "duplicate"
    FRAUDULENT = "fraudulent"
    REQUESTED_BY_CUSTOMER = "requested_by_customer"


class DisputeStatus(StrEnum):
    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    city: str | None = None
    country: str | None = None
    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    address: Address
    name: str | None = None
    phone: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    """A copy of a published test method, made on use. `test_id` decides how it behaves.

    `customer` is whoever saved it; once `detached` it is of no more use to anybody.
    """

    id: str
    created: int
    test_id: str
    customer: str | None = None
    detached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentError:
    """Why the last try to pay did not succeed: `last_payment_error`."""

    type: str
    code: str
    message: str
    decline_code: str | None = None
    charge: str | None = None
    payment_method: PaymentMethod | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """What a shopper has to do at `url`: a 3-D Secure challenge, or another way of paying. Without a return
    URL Stripe.js shows it in the page, and a `voucher` of this type always.
    """

    id: str
    url: str
    return_url: str | None
    voucher: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentIntent:
    """`card_capture_method` is what cards are asked for instead of the payment's own capture method."""

    id: str
    created: int
    client_secret: str
    amount: int
    currency: str
    capture_method: CaptureMethod
    payment_method_types: tuple[str, ...]
    allow_redirects: AllowRedirects | None
    status: IntentStatus
    card_capture_method: CaptureMethod | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    confirmation_method: str = "automatic"
    customer: str | None = None
    description: str | None = None
    receipt_email: str | None = None
    setup_future_usage: str | None = None
    shipping: Shipping | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    transfer_group: str | None = None
    payment_method: str | None = None
    amount_received: int = 0
    invoice: str | None = None
    latest_charge: str | None = None
    last_payment_error: PaymentError | None = None
    authentication: Authentication | None = None
    canceled_at: int | None = None
    cancellation_reason: CancellationReason | None = None

    def captures_manually(self, method_type: str) -> bool:
        own = self.card_capture_method if method_type == "card" else None
        return (own or self.capture_method) is CaptureMethod.MANUAL

    @property
    def amount_capturable(self) -> int:
        return self.amount if self.status is IntentStatus.REQUIRES_CAPTURE else 0

    @property
    def is_over(self) -> bool:
        return self.status in (IntentStatus.SUCCEEDED, IntentStatus.CANCELED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    id: str
    created: int
    payment_intent: str
    payment_method: PaymentMethod
    amount: int
    currency: str
    status: ChargeStatus
    customer: str | None
    description: str | None
    metadata: Mapping[str, str]
    shipping: Shipping | None
    invoice: str | None = None
    amount_captured: int = 0
    amount_refunded: int = 0
    captured: bool = False
    disputed: bool = False
    failure_code: str | None = None
    failure_message: str | None = None
    decline_code: str | None = None

    @property
    def refundable(self) -> int:
        return max(0, self.amount_captured - self.amount_refunded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    id: str
    created: int
    amount: int
    currency: str
    charge: str
    payment_intent: str
    status: RefundStatus
    reason: RefundReason | None
    metadata: Mapping[str, str]
    failure_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    id: str
    created: int
    amount: int
    currency: str
    charge: str
    payment_intent: str
    reason: str
    status: DisputeStatus

    @property
    def is_inquiry(self) -> bool:
        return self.status in (DisputeStatus.WARNING_NEEDS_RESPONSE, DisputeStatus.WARNING_CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    id: str
    created: int
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    description: str | None = None
    address: Address | None = None
    shipping: Shipping | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    id: str
    created: int
    url: str
    secret: str
    enabled_events: tuple[str, ...]
    description: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    def wants(self, event_type: str) -> bool:
        return "*" in self.enabled_events or event_type in self.enabled_events


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOrigin:
    """Which request made an event happen; nothing for what a bank or a shopper did."""

    id: str | None = None
    idempotency_key: str | None = None


EventSubject: TypeAlias = PaymentIntent | Charge | Refund | Dispute | Subscription | Invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    id: str
    created: int
    type: str
    subject: EventSubject
    origin: RequestOrigin
