"""Story: a checkout that the shopper accepted becomes an order, its goods held and its payment begun."""

from dataclasses import dataclass
from typing import Final

from application.advance_order import AdvanceOrder
from application.cart_draft import draft_of
from application.change_checkout import find_checkout
from application.named_customer import named_customer
from application.own_steps import OwnSteps
from application.quote_cart import Offer, QuoteCart
from application.stock_keeping import StockKeeping, our_own
from domain.checkout import Checkout
from domain.customer import Customer
from domain.errors import CurrencyMismatch, DomainRefusal, FieldRefused, OutOfStock, QuoteChanged
from domain.events import EventKind
from domain.holding import short_of, was_refused_goods
from domain.identifiers import CheckoutId, OrderId
from domain.order import order_from
from domain.order_facts import OrderFacts
from domain.payment import Instrument
from domain.shop import ShopRules
from domain.values import replace
from ports.clock import Clock
from ports.errors import CheckoutHasOrder, ConcurrentChange
from ports.unit_of_work import UnitOfWork, UnitOfWorkFactory

# A checkout that was placed before is not quoted again.
_NO_OFFER: Final = Offer(products={}, free={}, discount=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Which checkout, in the version and for the total that the shopper accepted. `token_hash` None: the
    merchant.

    With an `instrument` the payment is tried at once; `return_url` is where a bank sends the shopper back to.
    `accepted_currency` None: the checkout's own. `saves_method`: the customer wants to pay with it again.
    """

    checkout_id: CheckoutId
    version: int
    accepted_total_minor: int
    accepted_currency: str | None = None
    instrument: Instrument | None = None
    return_url: str | None = None
    token_hash: str | None = None
    saves_method: bool = False


class PlaceOrder:
    """Idempotent by checkout: placing it again, at once or later, answers with the one order that it
    became.
    """

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        quote: QuoteCart,
        advance: AdvanceOrder,
        own_steps: OwnSteps,
        clock: Clock,
        rules: ShopRules,
        keeper: StockKeeping = our_own,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._quote = quote
        self._advance = advance
        self._own_steps = own_steps
        self._clock = clock
        self._rules = rules
        self._keeper = keeper

    async def __call__(self, placement: Placement) -> OrderFacts:
        """Raises UnknownCheckout, CheckoutClosed, StaleVersion, CurrencyMismatch, CheckoutNotReady,
        OutOfStock, NotACustomer, FieldRefused for a guest's wish to save, and QuoteChanged when the total is
        not the accepted one: the checkout then carries the new quote, to be accepted.
        """
        async with self._unit_of_work() as uow:
            checkout = await find_checkout(uow, placement.checkout_id, placement.token_hash, to_quote=True)
            offer = await self._offer(checkout, placement, uow) if checkout.order_id is None else _NO_OFFER
        if checkout.order_id is not None:
            return _unless_refused(await self._advance(checkout.order_id))
        try:
            quoted = await self._quote(checkout, draft_of(checkout), offer)
            return await self._place_as_quoted(checkout, quoted, placement)
        except (DomainRefusal, ConcurrentChange):
            # Whoever asked in the same moment may have placed it, and hold the last piece for this shopper.
            placed = await self.placed_before(checkout.id)
            if placed is None:
                raise
            return placed

    async def _offer(self, checkout: Checkout, placement: Placement, uow: UnitOfWork) -> Offer:
        """What the shop has to say to a checkout that may be placed."""
        checkout.require_open(self._clock.now())
        checkout.require_version(placement.version)
        _require_currency(checkout, placement.accepted_currency)
        return await self._quote.offer_for(draft_of(checkout), uow, checkout)

    async def _place_as_quoted(
        self, checkout: Checkout, quoted: Checkout, placement: Placement
    ) -> OrderFacts:
        if not quoted.pricing.costs_the_same_as(checkout.pricing):
            await self._keep(quoted)
            raise QuoteChanged(
                accepted_minor=placement.accepted_total_minor, total_minor=quoted.pricing.totals.total.minor
            )
        quoted.require_accepted(placement.accepted_total_minor)
        return await self.place(quoted, placement, is_new=False)

    async def placed_before(self, checkout_id: CheckoutId) -> OrderFacts | None:
        """The order that this checkout became, taken as far as it can go now; None if there is none, or only
        some that ended because their goods could not be had. Raises OutOfStock if it has to end so just now.
        """
        async with self._unit_of_work() as uow:
            order_id = await uow.orders.id_of_checkout(checkout_id)
        return _unless_refused(await self._advance(order_id)) if order_id is not None else None

    async def place(self, checkout: Checkout, placement: Placement, *, is_new: bool) -> OrderFacts:
        """Places a checkout whose quote was just made; one that `is_new` is stored in the same commit."""
        if placement.saves_method and checkout.customer_id is None:
            raise FieldRefused(path="/save_payment_method", rule="left out where the cart names no customer")
        try:
            async with self._unit_of_work() as uow:
                named = checkout.customer_id
                customer = await named_customer(uow, named) if named is not None else None
                facts = self._facts(checkout, placement, customer)
                plan = await self._advance.begin(facts, uow)
                placed = checkout.placed_as(facts.order.id)
                await (uow.checkouts.add(placed) if is_new else uow.checkouts.save(placed))
                await uow.commit()
        except (CheckoutHasOrder, ConcurrentChange):
            return await self._already_placed(checkout, placement, is_new=is_new)
        return _unless_refused(await self._advance.go_on(plan))

    def _facts(self, checkout: Checkout, placement: Placement, customer: Customer | None) -> OrderFacts:
        now = self._clock.now()
        order = order_from(checkout, OrderId(self._clock.new_id("ord")), self._rules, now, self._keeper())
        return_url = placement.return_url or checkout.origin.return_url
        payment = self._own_steps.new_payment(order, placement.instrument, return_url)
        if customer is not None:
            order = replace(
                order, payer=customer.payer_at(payment.provider, saves_method=placement.saves_method)
            )
        facts = OrderFacts(order=order, payments=(payment,)).told(EventKind.ORDER_PLACED, now, order.id)
        for carrier in order.delivery.silent:
            facts = facts.told(EventKind.CARRIER_SILENT, now, order.id, carrier)
        if order.delivery.estimated:
            facts = facts.told(EventKind.DELIVERY_ESTIMATED, now, order.id, order.delivery.id)
        if order.totals.tax_estimated:
            facts = facts.told(EventKind.TAX_ESTIMATED, now, order.id, order.totals.tax_service)
        if (check := checkout.address_check) is not None:
            outcome = check.outcome(order.shipping_address)
            facts = facts.told(EventKind.ADDRESS_CHECKED, now, order.id, outcome)
        return facts

    async def _keep(self, quoted: Checkout) -> None:
        async with self._unit_of_work() as uow:
            await uow.checkouts.save(replace(quoted, version=quoted.version + 1))
            await uow.commit()

    async def _already_placed(self, checkout: Checkout, placement: Placement, *, is_new: bool) -> OrderFacts:
        """Somebody placed it in the same moment, and theirs is the order; or changed it, and it has to be
        looked at again.
        """
        placed = await self.placed_before(checkout.id)
        if placed is not None:
            return placed
        if not is_new:
            raise ConcurrentChange
        async with self._unit_of_work() as uow:
            stored = await find_checkout(uow, checkout.id, token_hash=None)
        # This purchase was asked for before, and refused for want of goods; now it is tried once more.
        return await self.place(replace(checkout, version=stored.version), placement, is_new=False)


def _unless_refused(facts: OrderFacts) -> OrderFacts:
    """Raises OutOfStock for an order that ended at once because its goods can't be had: its checkout is open
    again.
    """
    if was_refused_goods(facts):
        raise OutOfStock(skus=short_of(facts))
    return facts


def _require_currency(checkout: Checkout, accepted: str | None) -> None:
    """The same number in another currency is not what the shopper agreed to."""
    if accepted is not None and accepted != checkout.currency.code:
        raise CurrencyMismatch(
            expected=checkout.currency.code, found=accepted, path="/accepted_total/currency"
        )
