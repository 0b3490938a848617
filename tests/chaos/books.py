"""What order, journal, provider, stock, mailbox and the shoppers themselves say, and where they disagree.

Every invariant is a function from the books to its violations, in words. An empty list means that it holds.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.chaos.goods import DELIVERY_MINOR, Line, tax_minor
from tests.chaos.keepers import Keeper
from tests.chaos.purchase import Ending, Purchase

_PAID: Final = frozenset({"paid", "partially_refunded", "refunded"})
_OVER: Final = _PAID | {"canceled", "expired"}
# What may have become of a status that a client was told. Money that comes late revives an expired order.
_MAY_BECOME: Final[Mapping[str, frozenset[str]]] = {
    "paid": _PAID,
    "canceled": frozenset({"canceled"}),
    "expired": _PAID | {"expired"},
}
_LATE_ARRIVAL: Final = "late_arrival"
_BOOK_BACK: Final = "goods_to_book_back"
_IN_DOUBT: Final = "tries_used_up"
_CLOSED_AT_PROVIDER: Final = frozenset({"succeeded", "canceled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBook:
    """One order. Money in minor units of one currency.

    `refunded` is what our own refunds (failed ones aside) give back; `waiting` is why it isn't settled yet.
    `cases` are the reasons of those that are open; an estimated tax and an estimated delivery are marked.
    """

    order_id: str
    email: str
    status: str
    total: int
    lines: Sequence[Line]
    journal_provider: int
    journal_shopper: int
    tax: int
    tax_is_estimated: bool = False
    delivery: int
    delivery_is_estimated: bool = True
    keeper: Keeper = Keeper.OWN
    refunded: int = 0
    waiting: str | None = None
    closing_reason: str | None = None
    cases: frozenset[str] = frozenset()

    @property
    def is_paid(self) -> bool:
        return self.status in _PAID

    @property
    def has_case(self) -> bool:
        return bool(self.cases)

    @property
    def was_refused_goods(self) -> bool:
        """It ended for want of goods, and its shopper may have bought again from the same checkout."""
        return self.closing_reason == "out_of_stock"

    @property
    def due(self) -> int:
        """What the provider should hold for this order."""
        return self.total - self.refunded if self.is_paid else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPayment:
    """A payment as the provider's own books have it."""

    reference: str
    order_id: str
    status: str
    received: int
    refunded: int

    @property
    def kept(self) -> int:
        return self.received - self.refunded


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The stock of one SKU at one keeper; `delivered` is what the run brought in."""

    sku: str
    keeper: Keeper = Keeper.OWN
    delivered: int
    received: int
    held: int
    sold: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    to: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Something of ours that should have an end by now: an attempt, a webhook, a message."""

    kind: str
    subject: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Everything, read once all was quiet. `breaches` are answers that no client should have been given."""

    orders: Sequence[OrderBook]
    payments: Sequence[ProviderPayment]
    shelves: Sequence[Shelf]
    letters: Sequence[Letter]
    unfinished: Sequence[Work]
    purchases: Sequence[Purchase]
    breaches: Sequence[str] = ()
    defects: Sequence[str] = field(default=())


Invariant = Callable[[Books], Iterator[str]]


def every_order_is_settled(books: Books) -> Iterator[str]:
    """One that is closed may still look once whether a payment that was not found has arrived late."""
    for order in books.orders:
        is_over = order.status in _OVER and order.waiting in (None, _LATE_ARRIVAL)
        if not order.has_case and not is_over:
            yield f"{order.order_id} is {order.status}, waits for {order.waiting}, and has no case"


def money_agrees(books: Books) -> Iterator[str]:
    """Captured − refunded at the provider = the journal = what the order says."""
    kept: Counter[str] = Counter()
    for payment in books.payments:
        kept[payment.order_id] += payment.kept
    for order in books.orders:
        if not kept[order.order_id] == order.journal_provider == order.due:
            yield (
                f"{order.order_id} ({order.status}): the provider keeps {kept[order.order_id]},"
                f" the journal says {order.journal_provider}, the order {order.due}"
            )
        if order.journal_shopper:
            yield f"{order.order_id} ({order.status}): the shopper owes {order.journal_shopper}"


def nobody_paid_twice(books: Books) -> Iterator[str]:
    """At most one kept payment an order, and at most one order a purchase."""
    kept = Counter(payment.order_id for payment in books.payments if payment.kept)
    orders = Counter(order.email for order in books.orders if not order.was_refused_goods)
    yield from (f"{order_id}: {count} payments were kept" for order_id, count in kept.items() if count > 1)
    yield from (f"{email} has {count} orders of one purchase" for email, count in orders.items() if count > 1)


def no_payment_is_forgotten(books: Books) -> Iterator[str]:
    """The provider has no payment of an order that we don't know, and none still open that nobody awaits."""
    orders = {order.order_id: order for order in books.orders}
    for payment in books.payments:
        order = orders.get(payment.order_id)
        if order is None:
            yield f"{payment.reference} belongs to {payment.order_id or 'no order'}, which we don't have"
        elif payment.status not in _CLOSED_AT_PROVIDER and not order.has_case and order.waiting is None:
            yield f"{payment.reference} is {payment.status}, though {order.order_id} is {order.status}"


def stock_adds_up(books: Books) -> Iterator[str]:
    """At each keeper held + sold + free = received = delivered, and every piece that is not free has its
    order, or a person who is to book it back.
    """
    paid: Counter[tuple[Keeper, str]] = Counter()
    awaited: Counter[tuple[Keeper, str]] = Counter()
    in_doubt: Counter[tuple[Keeper, str]] = Counter()
    for order in books.orders:
        is_awaited = order.status not in _OVER or _BOOK_BACK in order.cases
        for line in order.lines:
            paid[order.keeper, line.sku] += line.quantity if order.is_paid else 0
            awaited[order.keeper, line.sku] += line.quantity if is_awaited else 0
            # While nobody knows what came of its payment, a closed order may still hold its goods.
            if not is_awaited and not order.is_paid and _IN_DOUBT in order.cases:
                in_doubt[order.keeper, line.sku] += line.quantity
    for shelf in books.shelves:
        place = (shelf.keeper, shelf.sku)
        counted = (
            f"{shelf.sku} ({shelf.keeper.value}): {shelf.held} held + {shelf.sold} sold + {shelf.free} free"
        )
        if not shelf.held + shelf.sold + shelf.free == shelf.received == shelf.delivered:
            yield f"{counted}, {shelf.received} received, {shelf.delivered} delivered"
        # A piece is sold once its order's payment is about to be captured, so an open order may have either.
        beyond = shelf.held + shelf.sold - paid[place] - awaited[place]
        if not 0 <= beyond <= in_doubt[place] or shelf.sold < paid[place]:
            yield f"{counted}; orders paid for {paid[place]} and await {awaited[place]}"


def nobody_was_charged_a_wrong_tax(books: Books) -> Iterator[str]:
    """Each order's tax is the right one, or an estimate that is marked; never a negative one."""
    for order in books.orders:
        right = tax_minor(order.lines)
        if order.tax < 0 or (order.tax != right and not order.tax_is_estimated):
            yield f"{order.order_id} was taxed {order.tax}, not marked as an estimate; right is {right}"


def delivery_without_carriers_is_marked(books: Books) -> Iterator[str]:
    """No carrier has answered at any time, so every order has the shop's own rate, and says so."""
    for order in books.orders:
        if order.delivery != DELIVERY_MINOR or not order.delivery_is_estimated:
            marked = "marked" if order.delivery_is_estimated else "not marked"
            yield f"{order.order_id} pays {order.delivery} for delivery, {marked} as an estimate"


def every_paid_order_was_confirmed(books: Books) -> Iterator[str]:
    told = {(letter.to, word) for letter in books.letters for word in letter.subject.split()}
    for order in books.orders:
        if order.is_paid and (order.email, order.order_id) not in told:
            yield f"{order.order_id} is paid, and {order.email} got no letter about it"


def all_work_has_an_outcome(books: Books) -> Iterator[str]:
    yield from (f"{work.kind} {work.subject} is {work.state}" for work in books.unfinished)


def every_promise_was_kept(books: Books) -> Iterator[str]:
    """What a client was told by a successful answer is still true; who was refused has no order."""
    orders = {order.order_id: order for order in books.orders}
    buyers = {order.email: order for order in books.orders if not order.was_refused_goods}
    for purchase in books.purchases:
        order = orders.get(purchase.order_id) if purchase.order_id else None
        if purchase.order_id and order is None:
            yield f"{purchase.email} was told of {purchase.order_id}, which is not there"
        if purchase.ending is Ending.SOLD_OUT and purchase.email in buyers:
            yield f"{purchase.email} was told that it is sold out, and has {buyers[purchase.email].order_id}"
        for status in purchase.promised if order else ():
            if order and order.status not in _MAY_BECOME.get(status, {order.status}):
                yield f"{order.order_id} is {order.status}; its shopper was told {status}"


def every_answer_was_clear(books: Books) -> Iterator[str]:
    """No 5xx but a 503 problem with Retry-After, no refusal without a reason."""
    yield from books.breaches


def nothing_broke_inside(books: Books) -> Iterator[str]:
    """No process ended by itself, and none logged a defect of ours."""
    yield from books.defects


INVARIANTS: Final[Mapping[str, Invariant]] = {
    "no order is unsettled without a case": every_order_is_settled,
    "provider, journal and order agree to the cent": money_agrees,
    "nobody was charged twice": nobody_paid_twice,
    "no payment is forgotten at the provider": no_payment_is_forgotten,
    "stock held + sold + free = received, at both keepers": stock_adds_up,
    "nobody was charged a wrong tax that isn't marked": nobody_was_charged_a_wrong_tax,
    "delivery without a carrier is marked": delivery_without_carriers_is_marked,
    "every paid order was confirmed by e-mail": every_paid_order_was_confirmed,
    "every attempt, webhook and message has an outcome": all_work_has_an_outcome,
    "what a client was told is still true": every_promise_was_kept,
    "every answer to a client was clear": every_answer_was_clear,
    "no process ended or failed by itself": nothing_broke_inside,
}


def violations(books: Books) -> dict[str, list[str]]:
    """Each invariant by name with what contradicts it; all lists are empty when the promise was kept."""
    return {name: list(invariant(books)) for name, invariant in INVARIANTS.items()}
