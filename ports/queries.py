"""The read side: lists and explanations that no rule depends on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from domain.act import Act
from domain.case import Case, CaseReason, CaseState
from domain.catalog import Product
from domain.events import Event
from domain.identifiers import CaseId, OrderId
from domain.journal import Account
from domain.order import OrderState
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
    case: Case
    order_id: OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChoice:
    """Which cases: in one of these states and, where it is given, for this reason or of this order."""

    states: frozenset[CaseState]
    reason: CaseReason | None = None
    order_id: OrderId | None = None


class Box(Enum):
    """INBOX: webhooks that were received. OUTBOX: messages to be sent."""

    INBOX = "inbox"
    OUTBOX = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedWork:
    """What kept failing. `kind` is the event's type, or the message's; `because` the last failure's word.

    `order_id` is None for an event that is about no order of ours. `replays` are the earlier acts of people
    who had it tried again, oldest first.
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

    async def parked(self, after: str | None, limit: int) -> Sequence[ParkedWork]:
        """By id, those behind `after`: messages, then webhooks, each oldest first."""

    async def parked_work(self, work_id: str) -> ParkedWork | None:
        """None if it isn't parked."""

    async def products(self, after: str | None, limit: int) -> Sequence[Product]:
        """By SKU, those behind `after`; inactive ones too."""

    async def stock(self, after: str | None, limit: int) -> Sequence[StockLevel]: ...
