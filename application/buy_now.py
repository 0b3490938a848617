"""Story: everything in, order out. For wallets, agents and servers that ask the shopper themselves."""

from dataclasses import dataclass, replace

from application.cart_draft import CartDraft
from application.open_checkout import OpenCheckout
from application.place_order import Placement, PlaceOrder
from domain.money import Currency
from domain.order_facts import OrderFacts
from domain.payment import Instrument
from domain.shop import ShopRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """`accepted_total_minor` is what the shopper agreed to; any other total is refused with QuoteChanged."""

    currency: Currency
    draft: CartDraft
    accepted_total_minor: int
    instrument: Instrument | None = None
    return_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    facts: OrderFacts
    client_token: str


class BuyNow:
    """One call, one commit before the payment.

    Not idempotent by itself: a repeat is recognised by its Idempotency-Key.
    """

    def __init__(self, open_checkout: OpenCheckout, place: PlaceOrder, rules: ShopRules) -> None:
        self._open = open_checkout
        self._place = place
        self._rules = rules

    async def __call__(self, purchase: Purchase) -> Bought:
        """Raises what QuoteCart raises, and CheckoutNotReady, OutOfStock and QuoteChanged; then nothing is
        kept.
        """
        opened = await self._open.quoted(purchase.currency, purchase.draft)
        checkout = opened.checkout
        checkout.require_ready(self._rules)
        checkout.require_accepted(purchase.accepted_total_minor)
        placement = Placement(
            checkout_id=checkout.id,
            version=checkout.version,
            accepted_total_minor=purchase.accepted_total_minor,
            instrument=purchase.instrument,
            return_url=purchase.return_url,
        )
        facts = await self._place.place(replace(checkout, version=0), placement, is_new=True)
        return Bought(facts=facts, client_token=opened.client_token)
