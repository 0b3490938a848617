"""What the account holds of subscriptions: prices, subscriptions, invoices; frozen like all its records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.plan import BillingInterval


class SubscriptionStatus(StrEnum):
    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELED = "canceled"


class PaymentBehavior(StrEnum):
    ALLOW_INCOMPLETE = "allow_incomplete"
    DEFAULT_INCOMPLETE = "default_incomplete"
    ERROR_IF_INCOMPLETE = "error_if_incomplete"


class InvoiceStatus(StrEnum):
    OPEN = "open"
    PAID = "paid"
    VOID = "void"


class BillingReason(StrEnum):
    SUBSCRIPTION_CREATE = "subscription_create"
    SUBSCRIPTION_CYCLE = "subscription_cycle"
    SUBSCRIPTION_UPDATE = "subscription_update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    id: str
    created: int
    currency: str
    unit_amount: int
    product: str
    interval: BillingInterval
    interval_count: int
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def rhythm(self) -> tuple[BillingInterval, int]:
        return self.interval, self.interval_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Unix seconds."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """For a period of the plan, or the difference that a change of plan makes."""

    id: str
    amount: int
    span: Span
    price: Price
    proration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """`credit` is what the customer had from earlier invoices, and this one uses."""

    id: str
    created: int
    customer: str
    subscription: str
    currency: str
    reason: BillingReason
    lines: tuple[InvoiceLine, ...]
    credit: int = 0
    status: InvoiceStatus = InvoiceStatus.OPEN
    payment_intent: str | None = None
    charge: str | None = None
    attempt_count: int = 0
    next_payment_attempt: int | None = None
    paid_at: int | None = None
    voided_at: int | None = None

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def amount_due(self) -> int:
        return max(0, self.total - self.credit)

    @property
    def amount_paid(self) -> int:
        return self.amount_due if self.status is InvoiceStatus.PAID and self.charge else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """`pending` lines wait for the next invoice. `saves_method`: what pays an invoice in the page pays the
    next ones too.
    """

    id: str
    created: int
    customer: str
    item_id: str
    price: Price
    span: Span
    status: SubscriptionStatus = SubscriptionStatus.INCOMPLETE
    metadata: Mapping[str, str] = field(default_factory=dict)
    default_payment_method: str | None = None
    saves_method: bool = False
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    ended_at: int | None = None
    latest_invoice: str | None = None
    pending: tuple[InvoiceLine, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.status in (SubscriptionStatus.CANCELED, SubscriptionStatus.INCOMPLETE_EXPIRED)
