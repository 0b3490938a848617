"""Checkouts in memory, saved against their version."""

from adapters.in_memory.storage import Transaction
from domain.checkout import Checkout
from domain.identifiers import CheckoutId
from ports.errors import ConcurrentChange


class InMemoryCheckouts:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._table = transaction.storage.checkouts

    async def get(self, checkout_id: CheckoutId) -> Checkout | None:
        return self._table.get(checkout_id)

    async def add(self, checkout: Checkout) -> None:
        await self._transaction.begin()
        self._transaction.put(self._table, checkout.id, checkout)

    async def save(self, checkout: Checkout) -> None:
        await self._transaction.begin()
        stored = self._table.get(checkout.id)
        if stored is None or stored.version != checkout.version - 1:
            raise ConcurrentChange
        self._transaction.put(self._table, checkout.id, checkout)
