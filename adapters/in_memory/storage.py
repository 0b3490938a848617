"""What an in-memory database holds, and the undo log that makes a forgotten commit a rollback."""

import asyncio
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from domain.catalog import DiscountCode, Product
from domain.checkout import Checkout
from domain.events import Event, OutgoingMessage
from domain.identifiers import CheckoutId, OrderId, Sku
from domain.journal import JournalEntry
from domain.order_facts import OrderFacts
from ports.payments import WebhookNotice
from ports.stock import StockLevel

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """One order with all that was ever told and booked about it."""

    facts: OrderFacts
    due_at: datetime | None
    events: tuple[Event, ...]
    entries: tuple[JournalEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRecord(Generic[T]):
    """A webhook or a message, and when it is due; None once it is done or parked."""

    content: T
    due_at: datetime | None
    tries: int = 0


@dataclass(slots=True)
class Storage:
    """The state, and the lock that lets one writer at a time at it."""

    checkouts: dict[CheckoutId, Checkout] = field(default_factory=dict)
    orders: dict[OrderId, OrderRecord] = field(default_factory=dict)
    order_of_checkout: dict[CheckoutId, OrderId] = field(default_factory=dict)
    products: dict[Sku, Product] = field(default_factory=dict)
    discounts: dict[str, DiscountCode] = field(default_factory=dict)
    stock: dict[Sku, StockLevel] = field(default_factory=dict)
    inbox: dict[str, WorkRecord[WebhookNotice]] = field(default_factory=dict)
    webhook_of_event: dict[tuple[str, str], str] = field(default_factory=dict)
    outbox: dict[str, WorkRecord[OutgoingMessage]] = field(default_factory=dict)
    writer: asyncio.Lock = field(default_factory=asyncio.Lock)


class Transaction:
    """Writes go straight to the storage, under its lock, and are undone in reverse unless committed.

    A writer never suspends between its first write and its end, except to wait for the lock; so nobody sees
    half of it.
    """

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._undo: list[Callable[[], object]] = []
        self._writing = False

    async def begin(self) -> None:
        """Waits for the turn to write. Without it, reads see what others have committed."""
        if not self._writing:
            await self.storage.writer.acquire()
            self._writing = True

    def put(self, table: MutableMapping[K, V], key: K, value: V) -> None:
        if key in table:
            before = table[key]
            self._undo.append(lambda: table.__setitem__(key, before))
        else:
            self._undo.append(lambda: table.pop(key))
        table[key] = value

    def commit(self) -> None:
        self._undo.clear()
        self._end()

    def roll_back(self) -> None:
        while self._undo:
            self._undo.pop()()
        self._end()

    def _end(self) -> None:
        if self._writing:
            self._writing = False
            self.storage.writer.release()
