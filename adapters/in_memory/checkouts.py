"""Checkouts, written over the version that was read."""

from collections.abc import Sequence

from adapters.in_memory.transaction import Transaction
from domain.checkout import Checkout
from domain.delivery import HeldQuotes
from domain.identifiers import CheckoutId, CustomerId
from ports.errors import ConcurrentChange


class InMemoryCheckouts:
    """Implements `ports.unit_of_work.Checkouts`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, checkout_id: CheckoutId, *, to_quote: bool = False) -> Checkout | None:
        del to_quote  # in memory there is no way to be saved
        return self._transaction.checkouts.get(checkout_id)

    async def add(self, checkout: Checkout) -> None:
        """Raises ConcurrentChange if there is one with this id."""
        await self._transaction.turn_to_write()
        if self._transaction.checkouts.get(checkout.id) is not None:
            self._transaction.refuse(ConcurrentChange())
        self._transaction.checkouts.put(checkout.id, checkout)

    async def save(self, checkout: Checkout) -> None:
        await self._transaction.turn_to_write()
        stored = self._transaction.checkouts.get(checkout.id)
        if stored is None or stored.version != checkout.version - 1:
            self._transaction.refuse(ConcurrentChange())
        self._transaction.checkouts.put(checkout.id, checkout)

    async def of_customer(self, customer_id: CustomerId) -> Sequence[Checkout]:
        theirs = [each for _, each in self._transaction.checkouts.items() if each.customer_id == customer_id]
        return sorted(theirs, key=lambda checkout: (checkout.created_at, checkout.id))

    async def quotes(self, checkout_id: CheckoutId) -> HeldQuotes | None:
        return self._transaction.quotes.get(checkout_id)

    async def keep_quotes(self, checkout_id: CheckoutId, quotes: HeldQuotes) -> None:
        await self._transaction.turn_to_write()
        self._transaction.quotes.put(checkout_id, quotes)
