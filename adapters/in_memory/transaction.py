"""One unit of work's view of the storage: what is committed, with its own writes laid over it until they are
committed too.

Writers take turns: whoever writes first goes on alone until its unit of work ends, the others wait, as they
would for a locked row. A write that is refused says so with the next write, or with the commit: as late as
PostgreSQL's may.
"""

from collections.abc import Iterator
from typing import Any, Final, Generic, TypeVar

from adapters.in_memory.storage import (
    CustomerRecord,
    OrderRecord,
    Storage,
    SubscriptionRecord,
    WorkRecord,
)
from domain.catalog import DiscountCode, Product
from domain.checkout import Checkout
from domain.delivery import HeldQuotes
from domain.events import OutgoingMessage
from domain.identifiers import CheckoutId, CustomerId, OrderId, PlanId, ReceiptId, Sku, SubscriptionId
from domain.letter import Letter
from domain.plan import Plan
from ports.errors import PortError
from ports.payments import WebhookNotice
from ports.stock import StockLevel, StockReceipt

K = TypeVar("K")
V = TypeVar("V")


_NONE: Final[dict[Any, Any]] = {}


class Layer(Generic[K, V]):
    """Own records over committed ones."""

    __slots__ = ("_committed", "_own", "_written")

    def __init__(self, committed: dict[K, V], written: "list[Layer[Any, Any]]") -> None:
        """Adds itself to those that were `written` when it is."""
        self._committed = committed
        self._own: dict[K, V] = _NONE  # until the first is written: nearly all layers see none
        self._written = written

    def get(self, key: K) -> V | None:
        return self._own[key] if key in self._own else self._committed.get(key)

    def require(self, key: K) -> V:
        return self._own[key] if key in self._own else self._committed[key]

    def put(self, key: K, value: V) -> None:
        if self._own is _NONE:
            self._own = {}
            self._written.append(self)
        self._own[key] = value

    def items(self) -> Iterator[tuple[K, V]]:
        yield from self._own.items()
        for key, value in self._committed.items():
            if key not in self._own:
                yield key, value

    def commit(self) -> None:
        self._committed.update(self._own)
        self._own = _NONE


class _Table(Generic[K, V]):
    """A layer, made when a unit of work first asks for it: most of them touch two or three."""

    def __set_name__(self, owner: type["Transaction"], name: str) -> None:
        self._name = name

    def __get__(self, transaction: "Transaction", owner: type["Transaction"]) -> Layer[K, V]:
        layer = transaction.layer(self._name)
        transaction.__dict__[self._name] = layer
        return layer


class Transaction:
    """The layers of one unit of work."""

    checkouts = _Table[CheckoutId, Checkout]()
    quotes = _Table[CheckoutId, HeldQuotes]()
    orders = _Table[OrderId, OrderRecord]()
    order_of_checkout = _Table[CheckoutId, OrderId]()
    order_of_payment = _Table[tuple[str, str], OrderId]()
    products = _Table[Sku, Product]()
    discounts = _Table[str, DiscountCode]()
    stock = _Table[Sku, StockLevel]()
    stock_receipts = _Table[ReceiptId, StockReceipt]()
    inbox = _Table[str, WorkRecord[WebhookNotice]]()
    webhook_of_event = _Table[tuple[str, str], str]()
    outbox = _Table[str, WorkRecord[OutgoingMessage | Letter]]()
    customers = _Table[CustomerId, CustomerRecord]()
    plans = _Table[PlanId, Plan]()
    subscriptions = _Table[SubscriptionId, SubscriptionRecord]()

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._has_turn = False
        self._refusal: PortError | None = None
        self._written: list[Layer[Any, Any]] = []

    def layer(self, table: str) -> Layer[Any, Any]:
        """Over the storage's table of that name."""
        return Layer(getattr(self._storage, table), self._written)

    async def turn_to_write(self) -> None:
        """Waits until nobody else is writing. Raises the refusal of an earlier write."""
        self._raise_refusal()
        if not self._has_turn:
            await self._storage.writer.acquire()
            self._has_turn = True

    def refuse(self, refusal: PortError) -> None:
        """The write that is at work came to nothing, and with it the unit of work."""
        self._refusal = refusal

    def commit(self) -> None:
        self._raise_refusal()
        for layer in self._written:
            layer.commit()
        self._written.clear()
        self._end_turn()

    def end(self) -> None:
        """What was not committed is forgotten with this object."""
        self._end_turn()

    def _raise_refusal(self) -> None:
        if self._refusal is not None:
            raise self._refusal

    def _end_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._storage.writer.release()
