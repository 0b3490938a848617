"""Checkout: a cart on its way to an order.

It may be incomplete for as long as it likes; its messages say what is missing.
"""

from datetime import datetime
from enum import Enum
from hmac import compare_digest
from typing import Final

from domain.address import Address
from domain.address_check import AddressCheck
from domain.catalog import DiscountCode
from domain.delivery import DeliveryOption
from domain.errors import CheckoutClosed, CheckoutNotReady, QuoteChanged, StaleVersion, UnknownCheckout
from domain.identifiers import CheckoutId, CustomerId, LineId, OrderId
from domain.money import Currency
from domain.pricing import CartLine, Pricing
from domain.readiness import Message, Severity, blocking
from domain.shop import ShopRules
from domain.tax import TaxExemption
from domain.values import replace, value


class CheckoutState(Enum):
    OPEN = "open"
    PLACED = "placed"
    CANCELLED = "cancelled"


@value
class Origin:
    """Who sent the shopper and where they go back to; told by the caller, shown to operators, never
    trusted.
    """

    locale: str | None = None
    channel: str | None = None
    source: str | None = None
    return_url: str | None = None
    cancel_url: str | None = None


@value
class DeliveryGroup:
    """Lines that travel together to one destination, with the option chosen for them."""

    id: str
    line_ids: tuple[LineId, ...]
    destination: Address | None
    chosen: DeliveryOption | None


@value
class Checkout:
    """The cart, who buys it, where it goes and what it costs now. `version` counts its changes, from 1."""

    id: CheckoutId
    version: int
    state: CheckoutState
    currency: Currency
    created_at: datetime
    expires_at: datetime
    client_token_hash: str
    lines: tuple[CartLine, ...]
    pricing: Pricing
    email: str | None = None
    name: str | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    delivery: DeliveryOption | None = None
    discount: DiscountCode | None = None
    tax_exemption: TaxExemption | None = None
    origin: Origin = Origin()
    order_id: OrderId | None = None
    address_check: AddressCheck | None = None
    customer_id: CustomerId | None = None

    def is_expired_at(self, now: datetime) -> bool:
        return self.state is CheckoutState.OPEN and now >= self.expires_at

    def require_token(self, token_hash: str | None) -> None:
        """Raises UnknownCheckout unless the token is this checkout's; None is the merchant, who may see
        all.
        """
        if token_hash is not None and not compare_digest(token_hash, self.client_token_hash):
            raise UnknownCheckout(checkout_id=self.id)

    def require_open(self, now: datetime) -> None:
        """Raises CheckoutClosed unless it can still be changed."""
        if self.is_expired_at(now):
            raise CheckoutClosed(state="expired")
        if self.state is not CheckoutState.OPEN:
            raise CheckoutClosed(state=self.state.value)

    def require_version(self, version: int | None) -> None:
        """Raises StaleVersion if the caller read another version; None means that it doesn't care."""
        if version is not None and version != self.version:
            raise StaleVersion(expected=version, current=self.version)

    def require_ready(self, rules: ShopRules) -> None:
        """Raises CheckoutNotReady with everything that is missing."""
        if missing := blocking(self.messages(rules)):
            raise CheckoutNotReady(messages=missing)

    def require_accepted(self, total_minor: int) -> None:
        """Raises QuoteChanged unless this is the total: nobody pays a price that they didn't see."""
        if total_minor != self.pricing.totals.total.minor:
            raise QuoteChanged(accepted_minor=total_minor, total_minor=self.pricing.totals.total.minor)

    def delivery_groups(self) -> tuple[DeliveryGroup, ...]:
        """How the lines travel; one group for now, none for an empty cart."""
        if not self.lines:
            return ()
        line_ids = tuple(line.id for line in self.lines)
        return (
            DeliveryGroup(
                id="group_1", line_ids=line_ids, destination=self.shipping_address, chosen=self.delivery
            ),
        )

    def placed_as(self, order_id: OrderId) -> "Checkout":
        return replace(self, state=CheckoutState.PLACED, order_id=order_id, version=self.version + 1)

    def given_back(self) -> "Checkout":
        """Open again: its order ended before anybody could pay it, because the goods can't be had."""
        return replace(self, state=CheckoutState.OPEN, order_id=None, version=self.version + 1)

    def cancelled(self, now: datetime) -> "Checkout":
        self.require_open(now)
        return replace(self, state=CheckoutState.CANCELLED, version=self.version + 1)

    def messages(self, rules: ShopRules) -> tuple[Message, ...]:
        """What is missing before it can be placed, and what is to be known about goods, price and address.

        It is ready when none of them blocks.
        """
        return (
            *_lines_missing(self),
            *_stock_unknown(self),
            *_contact_missing(self, rules),
            *_delivery_missing(self),
            *((_ESTIMATED,) if self.pricing.totals.tax_estimated else ()),
            *(self.address_check.messages(self.shipping_address) if self.address_check else ()),
        )


_ESTIMATED: Final = Message(
    code="tax_estimated",
    path="/taxes",
    text="The tax is an estimate by rates known before: the tax service can't be reached just now.",
    severity=Severity.RECOVERABLE,
)


def _lines_missing(checkout: Checkout) -> list[Message]:
    if not checkout.lines:
        return [_ask("cart_empty", "/lines", "Put something into the cart.")]
    return [
        _ask(
            "out_of_stock",
            f"/lines/{index}/quantity",
            f"Only {line.free} of {line.sku} can be had; order fewer.",
        )
        for index, line in enumerate(checkout.lines)
        if line.free is not None and line.free < line.quantity
    ]


def _stock_unknown(checkout: Checkout) -> list[Message]:
    """Nobody is kept from ordering what an inventory service can't be asked about; placing decides."""
    return [
        Message(
            code="stock_unknown",
            path=f"/lines/{index}/quantity",
            text=f"How many of {line.sku} can be had will be seen when you order.",
            severity=Severity.RECOVERABLE,
        )
        for index, line in enumerate(checkout.lines)
        if line.free is None
    ]


def _contact_missing(checkout: Checkout, rules: ShopRules) -> list[Message]:
    missing = []
    if rules.requires_email and not checkout.email:
        missing.append(_ask("email_missing", "/email", "Tell us your e-mail address."))
    if rules.requires_name and not (
        checkout.name or (checkout.shipping_address and checkout.shipping_address.name)
    ):
        missing.append(_ask("name_missing", "/name", "Tell us your name."))
    return missing


def _delivery_missing(checkout: Checkout) -> list[Message]:
    if checkout.shipping_address is None:
        return [_ask("shipping_address_missing", "/shipping_address", "Tell us where to deliver.")]
    # The buyer's name stands in for a recipient's, so it isn't asked for twice.
    fields = [
        name for name in checkout.shipping_address.missing_fields() if not (name == "name" and checkout.name)
    ]
    missing = [
        _ask("address_incomplete", f"/shipping_address/{name}", f"The delivery address needs its {name}.")
        for name in fields
    ]
    if checkout.delivery is None:
        missing.append(_ask("delivery_not_chosen", "/delivery", "Choose how it should be delivered."))
    return missing


def _ask(code: str, path: str, text: str) -> Message:
    return Message(code=code, path=path, text=text, severity=Severity.NEEDS_INPUT)
