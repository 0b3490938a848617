"""One unit of work's view of the storage: what is committed, with its own writes laid over it until they are
committed too.

Writers take turns: whoever writes first goes on alone until its unit of work ends, the others wait, as they
would for a locked row. A write that is refused says so with the next write, or with the commit: as late as
PostgreSQL's may.
"""

from collections.abc import Iterator
from typing import Any, Final, Generic, TypeVar

from adapters.in_memory.storage import Storage
from ports.errors import PortError

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


class Transaction:
    """The layers of one unit of work."""

    def __init__(self, storage: Storage) -> None:
        self._writer = storage.writer
        self._has_turn = False
        self._refusal: PortError | None = None
        self._written = written = list[Layer[Any, Any]]()
        self.checkouts = Layer(storage.checkouts, written)
        self.quotes = Layer(storage.quotes, written)
        self.orders = Layer(storage.orders, written)
        self.order_of_checkout = Layer(storage.order_of_checkout, written)
        self.order_of_payment = Layer(storage.order_of_payment, written)
        self.products = Layer(storage.products, written)
        self.discounts = Layer(storage.discounts, written)
        self.stock = Layer(storage.stock, written)
        self.stock_receipts = Layer(storage.stock_receipts, written)
        self.inbox = Layer(storage.inbox, written)
        self.webhook_of_event = Layer(storage.webhook_of_event, written)
        self.outbox = Layer(storage.outbox, written)
        self.customers = Layer(storage.customers, written)
        self.plans = Layer(storage.plans, written)
        self.subscriptions = Layer(storage.subscriptions, written)

    async def turn_to_write(self) -> None:
        """Waits until nobody else is writing. Raises the refusal of an earlier write."""
        self._raise_refusal()
        if not self._has_turn:
            await self._writer.acquire()
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
            self._writer.release()
