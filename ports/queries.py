"""The read side: lists and explanations that no rule depends on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol

from domain.act import Act
from domain.case import Case, CaseReason, CaseState
from domain.catalog import Product
from domain.events import Event
from domain.identifiers import CaseId, OrderId, PaymentId
from domain.journal import Account
from domain.money import Money
from domain.order import OrderState
from domain.payment import Decline, DeclineReason, PaymentState
from domain.period import Period
from ports.stock import StockLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSummary:
    id: OrderId
    state: OrderState
    total_minor: int
    currency: str
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    account: Account
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCase:
    """`evidence_due_by`: until when a bank hears us, in the case of a dispute."""

    case: Case
    order_id: OrderId
    evidence_due_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChoice:
    """Which cases: in one of these states and, where it is given, for this reason or of this order."""

    states: frozenset[CaseState]
    reason: CaseReason | None = None
    order_id: OrderId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSummary:
    """`decline` is that of the last try, while the payment waits for another one."""

    id: PaymentId
    order_id: OrderId
    provider: str
    reference: str | None
    state: PaymentState
    amount: Money
    captured: Money
    decline: Decline | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPlace:
    """Where a payment stands in the list of all: by its order, then by its own id."""

    order_id: OrderId
    payment_id: PaymentId


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChoice:
    """Which payments; what is None doesn't matter. A payment that begins at `created_until` is too late."""

    provider: str | None = None
    state: PaymentState | None = None
    order_id: OrderId | None = None
    decline_reason: DeclineReason | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStatistics:
    """What became of the payments that began with a provider within a period.

    `succeeded`: authorized or captured. `declined`: tried or refused, and not succeeded. Payments that nobody
    ever tried are in neither. `declines` counts every single one, by its reason. `refunds` and
    `refunds_failed` are those that were asked for within the period; `open_disputes` are all that stand now.

    `settled_calls` of these payments' orders had a final answer: half of them within `p50_ms` from the moment
    on which the attempt was persisted, 95 % within `p95_ms`, waits and retries included.
    """

    provider: str
    payments: int = 0
    succeeded: int = 0
    declined: int = 0
    declines: Mapping[DeclineReason, int] = field(default_factory=dict)
    refunds: int = 0
    refunds_failed: int = 0
    open_disputes: int = 0
    settled_calls: int = 0
    p50_ms: int | None = None
    p95_ms: int | None = None


class Box(Enum):
    """INBOX: webhooks that were received. OUTBOX: messages to be sent."""

    INBOX = "inbox"
    OUTBOX = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedWork:
    """What kept failing. `kind` is the event's type, or the message's; `because` the last failure's word.

    `order_id` is None for what is about no order of ours, such as a letter to a subscriber. `replays` are the
    earlier acts of people who had it tried again, oldest first.
    """

    id: str
    box: Box
    kind: str
    order_id: OrderId | None
    parked_at: datetime
    because: str
    tries: int
    replays: tuple[Act, ...]


class Queries(Protocol):
    async def orders(
        self, after: OrderId | None, limit: int, state: OrderState | None
    ) -> Sequence[OrderSummary]:
        """Newest first, those placed before `after`."""

    async def timeline(self, order_id: OrderId) -> Sequence[Event]:
        """In the order in which it was written."""

    async def balances(self, order_id: OrderId) -> Sequence[AccountBalance]:
        """Each account that the order's journal moves, in minor units of the order's currency."""

    async def next_look(self, order_id: OrderId) -> datetime | None:
        """When a worker looks at the order next; None if never."""

    async def cases(self, after: CaseId | None, limit: int, choice: CaseChoice) -> Sequence[ListedCase]:
        """Oldest first, those opened after `after`."""

    async def case(self, case_id: CaseId) -> ListedCase | None: ...

    async def payments(
        self, after: PaymentPlace | None, limit: int, choice: PaymentChoice
    ) -> Sequence[PaymentSummary]:
        """Those of the newest order first, those that stand behind `after`."""

    async def payment_statistics(self, period: Period) -> Sequence[ProviderStatistics]:
        """By the provider's name; those that had anything to do."""

    async def parked(self, after: str | None, limit: int) -> Sequence[ParkedWork]:
        """By id, those behind `after`: messages, then webhooks, each oldest first."""

    async def parked_work(self, work_id: str) -> ParkedWork | None:
        """None if it isn't parked."""

    async def products(self, after: str | None, limit: int) -> Sequence[Product]:
        """By SKU, those behind `after`; inactive ones too."""

    async def stock(self, after: str | None, limit: int) -> Sequence[StockLevel]: ...
