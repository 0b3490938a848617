"""One transaction's view of storage. Leaving it without `commit` undoes everything."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from domain.act import Act
from domain.catalog import DiscountCode, Product
from domain.checkout import Checkout
from domain.delivery import HeldQuotes
from domain.events import MessageKind
from domain.identifiers import CheckoutId, CustomerId, OrderId, Sku, SubscriptionId
from domain.letter import LetterKind
from domain.order import Order
from domain.order_facts import OrderFacts
from domain.values import value
from ports.customers import Customers
from ports.payments import WebhookNotice
from ports.stock import StockLedger
from ports.subscriptions import Plans, Subscriptions


class Checkouts(Protocol):
    async def get(self, checkout_id: CheckoutId, *, to_quote: bool = False) -> Checkout | None:
        """`to_quote` announces that its products and their stock are asked for next; a store may read them
        along.
        """

    async def add(self, checkout: Checkout) -> None: ...

    async def save(self, checkout: Checkout) -> None:
        """Writes it over the version before its own.

        Raises ConcurrentChange if that is not the stored one.
        """

    async def of_customer(self, customer_id: CustomerId) -> Sequence[Checkout]:
        """All that name the customer, the oldest first."""

    async def quotes(self, checkout_id: CheckoutId) -> HeldQuotes | None:
        """What was last written down of what delivery was promised to cost."""

    async def keep_quotes(self, checkout_id: CheckoutId, quotes: HeldQuotes) -> None:
        """In place of the earlier ones. Leaves the checkout's version alone: what it says has not changed."""


@value
class DueOrder:
    """`failures` is how often in a row a defect has kept it from going on."""

    id: OrderId
    failures: int


class Orders(Protocol):
    async def get(self, order_id: OrderId) -> OrderFacts | None:
        """The facts as of one moment, with empty `news`; attempts that are settled are left out."""

    async def get_all(self, order_ids: Collection[OrderId]) -> Mapping[OrderId, OrderFacts]:
        """The facts of many orders, to be read only; unknown ones are left out."""

    async def add(self, facts: OrderFacts, due_at: datetime | None) -> None:
        """A new order with everything in it, and its news.

        Raises CheckoutHasOrder if its checkout has one already that did not end for want of goods.
        """

    async def save(
        self, before: OrderFacts, after: OrderFacts, due_at: datetime | None, *, is_last: bool = False
    ) -> None:
        """Writes what differs, the news, and when to look at it next.

        `is_last`: its story ends here, so that a request's answer may be kept in the same commit (see
        `ports.idempotency.PendingClaim`). Raises ConcurrentChange if `before` is outdated.
        """

    async def id_of_checkout(self, checkout_id: CheckoutId) -> OrderId | None:
        """The order that it became; those that ended for want of goods don't count."""

    async def id_of_payment(self, provider: str, reference: str) -> OrderId | None: ...

    async def of_customer(
        self, customer_id: CustomerId, after: OrderId | None, limit: int
    ) -> Sequence[OrderId]:
        """Those that the customer pays, by id, behind `after`."""

    async def forget_person(self, order: Order) -> None:
        """Writes what was agreed without whoever placed it, over the version before its own.

        Raises ConcurrentChange, at the latest with the commit, if that is not the stored one.
        """

    async def due(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[DueOrder]:
        """Orders to be looked at by now, earliest first, set aside until the lease ends so that nobody
        else takes them.
        """

    async def failed(self, order_id: OrderId) -> int:
        """Counts a failure, without reading the order; how many in a row that makes. 0 for no such order."""

    async def recovered(self, order_id: OrderId) -> None:
        """Failures are counted anew."""

    async def put_off(self, order_id: OrderId, until: datetime) -> None:
        """Not looked at before then, whatever was planned; without reading the order."""


class Catalog(Protocol):
    async def products(self, skus: Sequence[Sku]) -> Sequence[Product]:
        """The active products among these."""

    async def has(self, sku: Sku) -> bool:
        """Whether there is such a product, active or not."""

    async def put(self, products: Sequence[Product]) -> None:
        """Adds or replaces them, by SKU."""

    async def discount(self, code: str) -> DiscountCode | None:
        """By code, in either case."""

    async def put_discount(self, discount: DiscountCode) -> None: ...


@value
class StoredWebhook:
    id: str
    notice: WebhookNotice
    tries: int


class Inbox(Protocol):
    async def add(self, webhook_id: str, notice: WebhookNotice, body: bytes, now: datetime) -> bool:
        """Stores it once, at the latest with the commit; False if this event was stored before."""

    async def take(self, webhook_id: str, lease_until: datetime, now: datetime) -> StoredWebhook | None:
        """The webhook, set aside until the lease ends, at the latest with the commit; None if it is done or
        in somebody's hands.
        """

    async def due(self, now: datetime, limit: int) -> Sequence[str]: ...

    async def done(self, webhook_id: str, now: datetime) -> None: ...

    async def later(self, webhook_id: str, at: datetime) -> None: ...

    async def park(self, webhook_id: str, reason: str, now: datetime) -> None:
        """It stays stored and won't be tried again before a person says so."""

    async def replay(self, webhook_id: str, act: Act) -> bool:
        """Due at once with all its tries, and the act kept with it; False if it isn't parked."""


@value
class WaitingMessage:
    id: str
    kind: MessageKind
    order_id: OrderId
    tries: int


@value
class WaitingLetter:
    """To a subscriber; `about` is our id of an invoice."""

    id: str
    kind: LetterKind
    subscription_id: SubscriptionId
    about: str | None
    tries: int


Waiting = WaitingMessage | WaitingLetter


@value
class Told:
    """A message or a letter: `about` is its order or subscription; not `sent` is waiting, or parked."""

    kind: str
    about: str
    sent: bool


class Outbox(Protocol):
    """Messages get in through `Orders.save`, letters through `Subscriptions.save`, in the commit that makes
    them true.
    """

    async def take_due(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[Waiting]:
        """Those that have waited longest, set aside until the lease ends, at the latest with the commit. What
        is in somebody's hands is left out.
        """

    async def of_customer(self, customer_id: CustomerId) -> Sequence[Told]:
        """What the customer was told, or is to be; the oldest first. Looks through all messages."""

    async def done(self, message_ids: Sequence[str], now: datetime) -> None: ...

    async def later(self, message_id: str, at: datetime) -> None: ...

    async def park(self, message_id: str, reason: str, now: datetime) -> None:
        """It won't be tried again before a person says so."""

    async def replay(self, message_id: str, act: Act) -> bool:
        """Due at once with all its tries, and the act kept with it; False if it isn't parked."""


class UnitOfWork(Protocol):
    @property
    def checkouts(self) -> Checkouts: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def catalog(self) -> Catalog: ...
    @property
    def stock(self) -> StockLedger: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def customers(self) -> Customers: ...
    @property
    def plans(self) -> Plans: ...
    @property
    def subscriptions(self) -> Subscriptions: ...

    async def commit(self) -> None: ...


# Opens a unit of work; leaving it rolls back whatever was not committed.
UnitOfWorkFactory = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
