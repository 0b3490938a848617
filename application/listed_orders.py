"""The orders behind a page of what a provider lists, in two statements however long the page is."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from domain.order_facts import OrderFacts
from ports.books import Books
from ports.payment_ledger import ListPage


class _OfAPayment(Protocol):
    @property
    def payment_reference(self) -> str: ...


T = TypeVar("T", bound=_OfAPayment)


async def with_their_orders(
    books: Books, provider: str, page: ListPage[T]
) -> Sequence[tuple[T, OrderFacts | None]]:
    """Each with the facts of its payment's order; None for a payment that is no order's of ours."""
    references = list({listed.payment_reference for listed in page.listed})
    order_ids = await books.orders_of_payments(provider, references)
    orders = await books.of_orders(list(set(order_ids.values())))
    facts = {
        reference: orders[order_id].facts for reference, order_id in order_ids.items() if order_id in orders
    }
    return [(listed, facts.get(listed.payment_reference)) for listed in page.listed]
