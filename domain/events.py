"""Facts in the past tense: what the timeline of an order is made of."""

from datetime import datetime
from enum import Enum

from domain.values import value


class EventKind(Enum):
    ORDER_PLACED = "order_placed"
    CARRIER_SILENT = "carrier_silent"
    DELIVERY_ESTIMATED = "delivery_estimated"
    TAX_ESTIMATED = "tax_estimated"
    ORDER_COMPLETED = "order_completed"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_EXPIRED = "order_expired"
    ADDRESS_CHECKED = "address_checked"
    STOCK_HELD = "stock_held"
    STOCK_REFUSED = "stock_refused"
    HOLD_EXTENDED = "hold_extended"
    STOCK_CONFIRMED = "stock_confirmed"
    STOCK_RELEASED = "stock_released"
    STOCK_SHORT = "stock_short"
    HOLD_REQUESTED = "hold_requested"
    HOLD_EXPIRED = "hold_expired"
    HOLD_LOST = "hold_lost"
    INSTRUMENT_OFFERED = "instrument_offered"
    SHOPPER_RETURNED = "shopper_returned"
    PAYMENT_ADVANCED = "payment_advanced"
    PAYMENT_DECLINED = "payment_declined"
    VENDOR_CALLED = "vendor_called"
    VENDOR_ANSWERED = "vendor_answered"
    WEBHOOK_RECEIVED = "webhook_received"
    REFUND_REQUESTED = "refund_requested"
    REFUND_ADVANCED = "refund_advanced"
    RESTOCKED = "restocked"
    RETURN_NOTED = "return_noted"
    SHORTAGE_REPORTED = "shortage_reported"
    DISPUTE_ADVANCED = "dispute_advanced"
    DISPUTE_FUNDS_MOVED = "dispute_funds_moved"
    EVIDENCE_DUE = "evidence_due"
    TAX_REPORT_AMISS = "tax_report_amiss"
    CASE_OPENED = "case_opened"
    CASE_ASSIGNED = "case_assigned"
    CASE_RESOLVED = "case_resolved"
    WORK_REPLAYED = "work_replayed"
    SUBSCRIPTION_REQUESTED = "subscription_requested"
    SUBSCRIPTION_ADVANCED = "subscription_advanced"
    PLAN_CHANGE_REQUESTED = "plan_change_requested"
    PLAN_CHANGED = "plan_changed"
    PRICE_DIFFERS = "price_differs"
    CANCELLATION_REQUESTED = "cancellation_requested"
    PROVIDER_REFUSED = "provider_refused"
    INVOICE_ADVANCED = "invoice_advanced"
    INVOICE_UNPAID = "invoice_unpaid"
    ENTITLEMENT_CHANGED = "entitlement_changed"


@value
class Event:
    """`subject_id` is what it is about; `detail` is a short machine word (a state, an outcome), never
    personal data. `by` and `why` are those of a person's act, for the merchant's people only.
    """

    kind: EventKind
    at: datetime
    subject_id: str
    detail: str | None = None
    by: str | None = None
    why: str | None = None


class MessageKind(Enum):
    """What somebody has to be told after the commit."""

    ORDER_CONFIRMATION = "order_confirmation"
    PAYMENT_DECLINED = "payment_declined"
    TAX_REPORT = "tax_report"


@value
class OutgoingMessage:
    """Written in the commit that makes it true; sent afterwards, at least once."""

    id: str
    kind: MessageKind
    order_id: str
