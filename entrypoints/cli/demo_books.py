"""What the demo holds against each other at the end: order, provider, journal and stock."""

from dataclasses import dataclass
from typing import Final

from rich.table import Table

from domain.money import Money

_SOLD: Final = frozenset({"paid", "partially_refunded", "refunded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """One order as each of the four tells it. `provider_holds` is what was captured and not given back;
    `quantity` leaves out the pieces that came back to stock. `timeline` is times and what happened then;
    `expected_told` must be among it.
    """

    order_id: str
    story: str
    status: str
    expected_status: str
    total: Money
    refunded: Money
    sku: str
    quantity: int
    provider_state: str
    provider_holds: Money
    journal_provider: Money
    journal_shopper: Money
    timeline: tuple[tuple[str, str], ...]
    expected_told: tuple[str, ...]

    @property
    def is_sold(self) -> bool:
        return self.status in _SOLD

    @property
    def told(self) -> tuple[str, ...]:
        """What is in the timeline of all that must be."""
        happened = {what for _, what in self.timeline}
        return tuple(what for what in self.expected_told if what in happened)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The stock of one SKU, and what the demo brought in."""

    sku: str
    received: int
    held: int
    sold: int
    free: int


_AMOUNTS: Final = ("total", "refunded", "provider holds")


def closing_table(books: list[Books], stock: list[Shelf]) -> Table:
    table = Table(title="What order, provider, journal and stock say", title_justify="left")
    for heading in (
        "order",
        "story",
        "state",
        "total",
        "refunded",
        "provider holds",
        "journal: provider",
        "shopper owes",
        "stock",
        "timeline tells",
    ):
        table.add_column(heading, justify="right" if heading in _AMOUNTS else "left")
    shelves = {shelf.sku: shelf for shelf in stock}
    for book in books:
        shelf = shelves[book.sku]
        table.add_row(
            f"…{book.order_id[-8:]}",
            book.story,
            book.status,
            str(book.total),
            str(book.refunded),
            f"{book.provider_holds} ({book.provider_state})",
            str(book.journal_provider),
            str(book.journal_shopper),
            f"{shelf.sku}: {shelf.free} free, {shelf.held} held, {shelf.sold} sold",
            ", ".join(book.told),
        )
    return table


def disagreements(books: list[Books], stock: list[Shelf]) -> list[str]:
    """Every contradiction, in words; empty when all agree."""
    problems = []
    for book in books:
        owed = book.total - book.refunded if book.is_sold else Money.zero(book.total.currency)
        if book.status != book.expected_status:
            problems.append(f"{book.story}: the order is {book.status}, not {book.expected_status}")
        if book.provider_holds != owed:
            problems.append(f"{book.story}: the provider holds {book.provider_holds}, not {owed}")
        if book.journal_provider != book.provider_holds:
            problems.append(f"{book.story}: the journal says that the provider holds {book.journal_provider}")
        if book.journal_shopper:
            problems.append(f"{book.story}: the shopper's account is {book.journal_shopper}, not even")
        problems += [
            f"{book.story}: the timeline does not tell: {what}"
            for what in book.expected_told
            if what not in book.told
        ]
    for shelf in stock:
        sold = sum(book.quantity for book in books if book.sku == shelf.sku and book.is_sold)
        if (shelf.held, shelf.sold) != (0, sold) or shelf.free != shelf.received - sold:
            problems.append(
                f"{shelf.sku}: {shelf.held} held, {shelf.sold} sold, {shelf.free} free; {sold} went out"
            )
    return problems
