"""The read side: lists and explanations that no rule depends on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.catalog import Product
from domain.events import Event
from domain.identifiers import OrderId
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


class Queries(Protocol):
    async def orders(
        self, after: OrderId | None, limit: int, state: OrderState | None
    ) -> Sequence[OrderSummary]:
        """Newest first, those placed before `after`."""

    async def timeline(self, order_id: OrderId) -> Sequence[Event]:
        """In the order in which it was written."""

    async def balances(self, order_id: OrderId) -> Sequence[AccountBalance]:
        """Each account that the order's journal moves, in minor units of the order's currency."""

    async def products(self, after: str | None, limit: int) -> Sequence[Product]:
        """By SKU, those behind `after`; inactive ones too."""

    async def stock(self, after: str | None, limit: int) -> Sequence[StockLevel]: ...
