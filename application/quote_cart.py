"""Turns a draft into a priced cart: looks the goods up, asks for delivery and tax, and lets the domain add
it up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from application.cart_draft import CartDraft, DraftLine
from application.stock_keeping import StockKeeping, our_own
from domain.address import Address
from domain.catalog import DiscountCode, Product
from domain.checkout import Checkout
from domain.delivery import DeliveryOption, DeliveryQuestion, HeldQuotes
from domain.errors import (
    DestinationNotTaxable,
    FieldRefused,
    NoPriceInCurrency,
    UnknownDeliveryOption,
    UnknownDiscountCode,
    UnknownSku,
)
from domain.identifiers import LineId, Sku
from domain.money import Currency, Money, require_chargeable, total_of
from domain.packing import Pieces
from domain.pricing import CartLine, discount_shares, price, taxable_lines
from domain.shop import ShopRules, StockKeeper
from domain.tax import TaxAnswer, TaxQuestion
from domain.values import replace
from ports.clock import Clock
from ports.delivery_rates import DeliveryRates
from ports.errors import Rejected
from ports.inventory import InventoryService
from ports.taxes import TaxCalculator
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the shop has to say to a draft: the products, how many are free (None: it isn't ours to say), the
    discount behind the code, and what delivery was promised to cost.
    """

    products: Mapping[Sku, Product]
    free: Mapping[Sku, int] | None
    discount: DiscountCode | None
    quotes: HeldQuotes | None = None


class QuoteCart:
    """Used by every story that makes or changes a checkout, so that a price comes about in one way only."""

    def __init__(
        self,
        rates: DeliveryRates,
        taxes: TaxCalculator,
        clock: Clock,
        rules: ShopRules,
        *,
        inventory: InventoryService | None = None,
        keeper: StockKeeping = our_own,
    ) -> None:
        """`inventory` is asked what can be had while it is the `keeper` of the goods."""
        self._inventory = inventory
        self._keeper = keeper
        self._rates = rates
        self._taxes = taxes
        self._clock = clock
        self._rules = rules

    async def offer_for(self, draft: CartDraft, uow: UnitOfWork, checkout: Checkout | None = None) -> Offer:
        """Reads what the draft names; `checkout` None: there is none yet.

        Raises UnknownDiscountCode; unknown goods are found when the cart is priced.
        """
        skus = sorted({line.sku for line in draft.lines})
        products = await uow.catalog.products(skus) if skus else ()
        is_ours = self._inventory is None or self._keeper() is StockKeeper.BUILT_IN
        free = await uow.stock.free(skus) if skus and is_ours else {}
        return Offer(
            products={product.sku: product for product in products},
            free=free if is_ours else None,
            discount=await self._discount(draft.discount_code, uow),
            quotes=await self._quotes(draft, uow, checkout),
        )

    async def __call__(self, checkout: Checkout, draft: CartDraft, offer: Offer) -> Checkout:
        """The checkout with the draft's content and today's prices. Asks carriers and tax services: hold no
        transaction.

        Raises UnknownSku, NoPriceInCurrency, FieldRefused, UnknownDeliveryOption and DestinationNotTaxable,
        each naming the field, and Unavailable when no tax can be told.
        """
        self._check(draft)
        free = await self._free(offer)
        lines = tuple(
            self._line(index, line, offer, free, checkout.currency) for index, line in enumerate(draft.lines)
        )
        discounts = discount_shares(lines, offer.discount, checkout.currency)
        question = _question(draft.shipping_address, lines, discounts, checkout.currency)
        chosen = await self._delivery(draft.delivery_option_id, question, checkout, offer.quotes)
        tax = await self._tax(draft, lines, discounts, chosen, checkout.currency)
        label = offer.discount.title if offer.discount else None
        return replace(
            checkout,
            lines=lines,
            pricing=price(lines, discounts, chosen, tax, checkout.currency, discount_label=label),
            email=draft.email,
            name=draft.name,
            shipping_address=draft.shipping_address,
            billing_address=draft.billing_address,
            delivery=chosen,
            discount=offer.discount,
            tax_exemption=draft.tax_exemption,
            origin=draft.origin,
            customer_id=draft.customer_id,
        )

    async def _free(self, offer: Offer) -> Mapping[Sku, int | None]:
        """Our own stock was read with the offer; a service is asked now, and None is what it can't say."""
        if offer.free is not None or self._inventory is None:
            ours = offer.free or {}
            return {sku: ours.get(sku, 0) for sku in offer.products}
        known = await self._inventory.available(sorted(offer.products))
        return {sku: known.get(sku) for sku in offer.products}

    def _check(self, draft: CartDraft) -> None:
        if len(draft.lines) > self._rules.max_lines:
            raise FieldRefused(path="/lines", rule=f"at most {self._rules.max_lines} lines")
        for index, line in enumerate(draft.lines):
            if not 1 <= line.quantity <= self._rules.max_quantity:
                path = f"/lines/{index}/quantity"
                raise FieldRefused(path=path, rule=f"a whole number from 1 to {self._rules.max_quantity}")
        ids = [line.id for line in draft.lines if line.id is not None]
        if len(ids) != len(set(ids)):
            raise FieldRefused(path="/lines", rule="each line id once")
        address = draft.shipping_address
        if address is not None and address.country not in self._rules.delivers_to:
            countries = ", ".join(sorted(self._rules.delivers_to))
            raise FieldRefused(path="/shipping_address/country", rule=f"one of {countries}")

    def _line(
        self, index: int, line: DraftLine, offer: Offer, free: Mapping[Sku, int | None], currency: Currency
    ) -> CartLine:
        product = offer.products.get(line.sku)
        if product is None:
            raise UnknownSku(path=f"/lines/{index}/sku", sku=line.sku)
        return CartLine(
            id=line.id or LineId(self._clock.new_id("line")),
            sku=product.sku,
            title=product.title,
            quantity=line.quantity,
            unit_price=_unit_price(index, line, product, currency),
            tax_code=product.tax_code,
            parcel=product.parcel,
            priced_by_merchant=line.unit_price_minor is not None,
            free=free[product.sku],
        )

    async def _discount(self, code: str | None, uow: UnitOfWork) -> DiscountCode | None:
        if code is None:
            return None
        discount = await uow.catalog.discount(code)
        if discount is None or not discount.is_valid_at(self._clock.now()):
            raise UnknownDiscountCode(path="/discount_code")
        return discount

    async def _quotes(
        self, draft: CartDraft, uow: UnitOfWork, checkout: Checkout | None
    ) -> HeldQuotes | None:
        """What this checkout was promised, if that matters now."""
        holds = self._rules.delivery_quotes_hold is not None
        if not holds or checkout is None or draft.delivery_option_id is None:
            return None
        if _keeps_its_choice(draft, checkout, self._clock.now()):
            return None
        return await uow.checkouts.quotes(checkout.id)

    async def _delivery(
        self,
        option_id: str | None,
        question: DeliveryQuestion | None,
        checkout: Checkout,
        quotes: HeldQuotes | None,
    ) -> DeliveryOption | None:
        """The chosen option: at the promised price while that holds for this shipment, else at today's.

        One that was chosen before and is no longer offered is dropped.
        """
        if option_id is None or question is None:
            return None
        promised = self._promised(option_id, question, checkout, quotes)
        if promised is not None:
            return promised
        before = checkout.delivery
        offers = await self._rates.offers(question)
        chosen = offers.option(option_id)
        if chosen is None and (before is None or before.id != option_id):
            offered = tuple(option.id for option in offers.options)
            raise UnknownDeliveryOption(option_id=option_id, offered=offered)
        return chosen

    def _promised(
        self, option_id: str, question: DeliveryQuestion, checkout: Checkout, quotes: HeldQuotes | None
    ) -> DeliveryOption | None:
        now = self._clock.now()
        chosen = checkout.delivery
        if chosen is not None and chosen.id == option_id and chosen.is_held_at(now):
            asked = question_of(checkout)
            if asked is not None and asked.shipment() == question.shipment():
                return chosen
        if quotes is not None and quotes.shipment == question.shipment():
            return quotes.option(option_id, now)
        return None

    async def _tax(
        self,
        draft: CartDraft,
        lines: tuple[CartLine, ...],
        discounts: tuple[Money, ...],
        delivery: DeliveryOption | None,
        currency: Currency,
    ) -> TaxAnswer | None:
        """Known once it is known where to and by which way; a service that answers nonsense is refused."""
        destination = draft.shipping_address
        if destination is None or not destination.is_taxable or delivery is None or not lines:
            return None
        question = TaxQuestion(
            destination=destination,
            lines=taxable_lines(lines, discounts),
            delivery=delivery.amount,
            origin=self._rules.ships_from,
            exemption=draft.tax_exemption,
        )
        try:
            answer = await self._taxes.calculate(question)
        except Rejected:
            raise DestinationNotTaxable(path="/shipping_address") from None
        return answer.checked_against(question)


def question_of(checkout: Checkout) -> DeliveryQuestion | None:
    """What the carriers are asked about a checkout as it is; None until it is known what goes where."""
    discounts = tuple(line.discount for line in checkout.pricing.lines)
    return _question(checkout.shipping_address, checkout.lines, discounts, checkout.currency)


def _keeps_its_choice(draft: CartDraft, checkout: Checkout, now: datetime) -> bool:
    """Whether the choice that was made before stands at its price: then no other promise matters."""
    chosen = checkout.delivery
    return chosen is not None and chosen.id == draft.delivery_option_id and chosen.is_held_at(now)


def _question(
    destination: Address | None,
    lines: tuple[CartLine, ...],
    discounts: tuple[Money, ...],
    currency: Currency,
) -> DeliveryQuestion | None:
    if destination is None or not lines:
        return None
    subtotal = total_of((line.unit_price * line.quantity for line in lines), currency) - total_of(
        discounts, currency
    )
    goods = tuple(Pieces(piece=line.parcel, quantity=line.quantity) for line in lines)
    return DeliveryQuestion(destination=destination, goods=goods, subtotal=subtotal)


def _unit_price(index: int, line: DraftLine, product: Product, currency: Currency) -> Money:
    if line.unit_price_minor is not None:
        if not 0 <= line.unit_price_minor <= MAX_UNIT_PRICE_MINOR:
            raise FieldRefused(
                path=f"/lines/{index}/unit_price_minor",
                rule=f"a whole number from 0 to {MAX_UNIT_PRICE_MINOR}",
            )
        set_price = Money(minor=line.unit_price_minor, currency=currency)
        require_chargeable(set_price, f"/lines/{index}/unit_price_minor")
        return set_price
    listed = product.price_in(currency.code)
    # One that no card can be charged with came into the catalog before that was looked at.
    if listed is None or listed.minor % currency.step:
        raise NoPriceInCurrency(path=f"/lines/{index}/sku", sku=line.sku, currency=currency.code)
    return listed


# A thousand million minor units: far above any price, far below what 64 bits hold over 200 lines of 9,999
# pieces.
MAX_UNIT_PRICE_MINOR = 1_000_000_000
