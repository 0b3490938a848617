"""Story: everything in, order out. For wallets, agents and servers that ask the shopper themselves."""

from dataclasses import dataclass

from application.cart_draft import CartDraft
from application.open_checkout import OpenCheckout
from application.place_order import Placement, PlaceOrder
from domain.errors import DomainRefusal
from domain.identifiers import CheckoutId
from domain.money import Currency
from domain.order_facts import OrderFacts
from domain.payment import Instrument
from domain.shop import ShopRules
from domain.values import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """`accepted_total_minor` is what the shopper agreed to; any other total is refused with QuoteChanged.

    `checkout_id` is the same when the same purchase is asked for again (None: it never is), so that a repeat
    after a crash finds the order that was made. `client_token`: to be the order's, None: one is made.
    """

    currency: Currency
    draft: CartDraft
    accepted_total_minor: int
    instrument: Instrument | None = None
    return_url: str | None = None
    checkout_id: CheckoutId | None = None
    saves_method: bool = False
    client_token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """`client_token` is None when the order was there already: only its hash is kept."""

    facts: OrderFacts
    client_token: str | None


class BuyNow:
    """One call, one commit before the payment. Idempotent by `checkout_id`."""

    def __init__(self, open_checkout: OpenCheckout, place: PlaceOrder, rules: ShopRules) -> None:
        self._open = open_checkout
        self._place = place
        self._rules = rules

    async def __call__(self, purchase: Purchase) -> Bought:
        """Raises what QuoteCart raises, and CheckoutNotReady, OutOfStock and QuoteChanged; then nothing is
        kept.
        """
        try:
            return await self._buy(purchase)
        except DomainRefusal:
            # The first request may have taken the last piece, at the price of then.
            placed = await self._place.placed_before(purchase.checkout_id) if purchase.checkout_id else None
            if placed is None:
                raise
            return Bought(facts=placed, client_token=None)

    async def _buy(self, purchase: Purchase) -> Bought:
        opened = await self._open.quoted(
            purchase.currency, purchase.draft, purchase.checkout_id, purchase.client_token
        )
        checkout = opened.checkout
        checkout.require_ready(self._rules)
        checkout.require_accepted(purchase.accepted_total_minor)
        placement = Placement(
            checkout_id=checkout.id,
            version=checkout.version,
            accepted_total_minor=purchase.accepted_total_minor,
            instrument=purchase.instrument,
            return_url=purchase.return_url,
            saves_method=purchase.saves_method,
        )
        facts = await self._place.place(replace(checkout, version=0), placement, is_new=True)
        is_ours = facts.order.client_token_hash == checkout.client_token_hash
        return Bought(facts=facts, client_token=opened.client_token if is_ours else None)
