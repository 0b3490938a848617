"""Order: what was agreed, with its lines, prices and taxes frozen, and the few states that it can be in."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from hmac import compare_digest
from typing import Final

from domain.address import Address
from domain.checkout import Checkout, Origin
from domain.customer import Payer
from domain.delivery import DeliveryOption
from domain.errors import CheckoutNotReady, OrderAlreadyPaid, OrderNotPayable, TransitionRefused, UnknownOrder
from domain.identifiers import CheckoutId, LineId, OrderId, Sku
from domain.money import Money
from domain.pricing import PricedLine, Totals
from domain.shop import CaptureMethod, ShopRules, StockKeeper
from domain.tax import TaxExemption
from domain.values import replace, value


class OrderState(Enum):
    """Where the order stands.

    OPEN may become any of the others; money that arrives late completes an EXPIRED one.
    """

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


_CLOSED_UNPAID: Final = (OrderState.CANCELLED, OrderState.EXPIRED)


class ClosingReason(Enum):
    """Why an order ended without being paid."""

    SHOPPER = "cancelled_by_shopper"
    MERCHANT = "cancelled_by_merchant"
    OUT_OF_STOCK = "out_of_stock"
    NOT_PAID_IN_TIME = "not_paid_in_time"
    PAYMENT_REFUSED = "payment_refused"


@value
class SkuQuantity:
    """How many pieces of one SKU, over all lines."""

    sku: Sku
    quantity: int


@value
class Order:
    """The agreement and its state.

    `pay_until` ends the window to pay it; `version` counts what storage has written. `stock_keeper` is frozen
    with the rest: a flag that is turned doesn't move the goods of an order that is under way. `payer` is None
    for a guest.
    """

    id: OrderId
    checkout_id: CheckoutId
    state: OrderState
    lines: tuple[PricedLine, ...]
    totals: Totals
    email: str | None
    name: str | None
    shipping_address: Address
    billing_address: Address | None
    delivery: DeliveryOption
    discount_code: str | None
    origin: Origin
    capture_method: CaptureMethod
    placed_at: datetime
    pay_until: datetime
    client_token_hash: str
    version: int = 1
    closing_reason: ClosingReason | None = None
    closed_at: datetime | None = None
    stock_keeper: StockKeeper = StockKeeper.BUILT_IN
    tax_exemption: TaxExemption | None = None
    payer: Payer | None = None

    @property
    def total(self) -> Money:
        return self.totals.total

    @property
    def is_closed_unpaid(self) -> bool:
        return self.state in _CLOSED_UNPAID

    def goods(self) -> tuple[SkuQuantity, ...]:
        """All that was ordered, as it lies in stock."""
        return self.goods_of({line.id: line.quantity for line in self.lines})

    def goods_of(self, pieces_of_lines: Mapping[LineId, int]) -> tuple[SkuQuantity, ...]:
        """So many pieces of these lines as they lie in stock: aggregated by SKU, sorted, so that everybody
        locks in the same order.
        """
        pieces: Counter[Sku] = Counter()
        for line in self.lines:
            pieces[line.sku] += pieces_of_lines.get(line.id, 0)
        return tuple(SkuQuantity(sku=sku, quantity=pieces[sku]) for sku in sorted(pieces) if pieces[sku])

    def require_token(self, token_hash: str | None) -> None:
        """Raises UnknownOrder unless the token is this order's; None is the merchant, who may see all."""
        if token_hash is not None and not compare_digest(token_hash, self.client_token_hash):
            raise UnknownOrder(order_id=self.id)

    def require_payable(self, now: datetime) -> None:
        """Raises OrderNotPayable unless a shopper may still try to pay."""
        if self.state is not OrderState.OPEN:
            raise OrderNotPayable(order_id=self.id, state=self.state.value)
        if now >= self.pay_until:
            raise OrderNotPayable(order_id=self.id, state="payment_window_over")

    def completed(self) -> "Order":
        """Paid and confirmed. Repeating it changes nothing; a cancelled order refuses."""
        if self.state is OrderState.CANCELLED:
            raise TransitionRefused(subject="order", state=self.state.value, fact="completed")
        return replace(self, state=OrderState.COMPLETED, closing_reason=None, closed_at=None)

    def closed(self, reason: ClosingReason, now: datetime) -> "Order":
        """Cancelled, or expired when it was not paid in time; the first reason stays.

        Only a cancellation follows an expiry: late money must not revive what somebody called off. Raises
        OrderAlreadyPaid for a completed order.
        """
        if self.state is OrderState.COMPLETED:
            raise OrderAlreadyPaid(order_id=self.id)
        expired = reason is ClosingReason.NOT_PAID_IN_TIME
        state = OrderState.EXPIRED if expired else OrderState.CANCELLED
        if self.state in (OrderState.CANCELLED, state):
            return self
        return replace(self, state=state, closing_reason=reason, closed_at=now)

    def with_payment_try(self, now: datetime, rules: ShopRules) -> "Order":
        """A shopper is paying just now, so the window lasts until a try can be finished that began in it; but
        whoever keeps trying keeps the goods from others no longer than that.
        """
        latest = self.placed_at + rules.payment_window + rules.payment_try_time
        return replace(self, pay_until=max(self.pay_until, min(now + rules.payment_try_time, latest)))


def order_from(
    checkout: Checkout,
    order_id: OrderId,
    rules: ShopRules,
    now: datetime,
    stock_keeper: StockKeeper = StockKeeper.BUILT_IN,
) -> Order:
    """Freezes a checkout that is open and ready. Raises CheckoutClosed or CheckoutNotReady."""
    checkout.require_open(now)
    checkout.require_ready(rules)
    address, delivery = checkout.shipping_address, checkout.delivery
    if address is None or delivery is None:
        raise CheckoutNotReady(messages=checkout.messages(rules))
    return Order(
        id=order_id,
        checkout_id=checkout.id,
        state=OrderState.OPEN,
        lines=checkout.pricing.lines,
        totals=checkout.pricing.totals,
        email=checkout.email,
        name=checkout.name or address.name,
        shipping_address=address,
        billing_address=checkout.billing_address,
        delivery=delivery,
        discount_code=checkout.discount.code if checkout.discount else None,
        tax_exemption=checkout.tax_exemption,
        origin=checkout.origin,
        capture_method=rules.capture_method,
        placed_at=now,
        pay_until=now + rules.payment_window,
        client_token_hash=checkout.client_token_hash,
        stock_keeper=stock_keeper,
        payer=Payer(customer_id=checkout.customer_id) if checkout.customer_id is not None else None,
    )
