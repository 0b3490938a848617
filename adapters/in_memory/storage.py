"""What an in-memory database holds: committed records, written when a unit of work commits and at no other
time.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from domain.act import Act
from domain.catalog import DiscountCode, Product
from domain.checkout import Checkout
from domain.customer import Customer
from domain.delivery import HeldQuotes
from domain.events import Event, OutgoingMessage
from domain.identifiers import (
    CheckoutId,
    CustomerId,
    OrderId,
    PlanId,
    ReceiptId,
    ReconciliationId,
    Sku,
    SubscriptionId,
)
from domain.journal import JournalEntry
from domain.letter import Letter
from domain.order_facts import OrderFacts
from domain.plan import Plan
from domain.reconciliation import Reconciliation
from domain.subscription import Subscription
from domain.values import value
from ports.payments import WebhookNotice
from ports.stock import StockLevel, StockReceipt

T = TypeVar("T")


@value
class OrderRecord:
    """One order with all that was ever told and booked about it; `failures` to go on, in a row."""

    facts: OrderFacts
    due_at: datetime | None
    events: tuple[Event, ...]
    entries: tuple[JournalEntry, ...]
    failures: int = 0


@value
class WorkRecord(Generic[T]):
    """A webhook or a message, and when it is due; None once it is done or parked.

    `replays` are the acts of people who had it tried again.
    """

    content: T
    due_at: datetime | None
    tries: int = 0
    parked_because: str | None = None
    parked_at: datetime | None = None
    replays: tuple[Act, ...] = ()


@value
class CustomerRecord:
    customer: Customer
    due_at: datetime | None


@value
class SubscriptionRecord:
    """A subscription with all that was ever told and booked about it."""

    subscription: Subscription
    due_at: datetime | None
    events: tuple[Event, ...] = ()
    entries: tuple[JournalEntry, ...] = ()


@value
class SlotRecord:
    """A moment at which a job runs once; taken until the lease ends, or done."""

    leased_until: datetime
    done: bool = False


@dataclass(slots=True)
class Storage:
    """The committed state.

    `writer` is held by the unit of work that writes, from its first write to its end.
    """

    checkouts: dict[CheckoutId, Checkout] = field(default_factory=dict)
    quotes: dict[CheckoutId, HeldQuotes] = field(default_factory=dict)
    orders: dict[OrderId, OrderRecord] = field(default_factory=dict)
    order_of_checkout: dict[CheckoutId, OrderId] = field(default_factory=dict)
    order_of_payment: dict[tuple[str, str], OrderId] = field(default_factory=dict)
    products: dict[Sku, Product] = field(default_factory=dict)
    discounts: dict[str, DiscountCode] = field(default_factory=dict)
    stock: dict[Sku, StockLevel] = field(default_factory=dict)
    stock_receipts: dict[ReceiptId, StockReceipt] = field(default_factory=dict)
    inbox: dict[str, WorkRecord[WebhookNotice]] = field(default_factory=dict)
    webhook_of_event: dict[tuple[str, str], str] = field(default_factory=dict)
    outbox: dict[str, WorkRecord[OutgoingMessage | Letter]] = field(default_factory=dict)
    plans: dict[PlanId, Plan] = field(default_factory=dict)
    subscriptions: dict[SubscriptionId, SubscriptionRecord] = field(default_factory=dict)
    customers: dict[CustomerId, CustomerRecord] = field(default_factory=dict)
    reconciliations: dict[ReconciliationId, Reconciliation] = field(default_factory=dict)
    slots: dict[tuple[str, datetime], SlotRecord] = field(default_factory=dict)
    writer: asyncio.Lock = field(default_factory=asyncio.Lock)
