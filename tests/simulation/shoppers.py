"""Shoppers: they order in one way or another, pay in one way or another, change their minds, click twice, and
come back late, or not at all.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from random import Random
from typing import Final

from application.buy_now import Bought, Purchase
from application.cart_draft import CartDraft, CartPatch, DraftLine
from application.change_checkout import CheckoutChange
from application.confirm_payment import PaymentTry
from application.place_order import Placement
from domain.checkout import Checkout, Origin
from domain.errors import DomainRefusal, OrderNotPayable, QuoteChanged
from domain.identifiers import CheckoutId, OrderId, Sku
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Instrument, Payment, PaymentState
from tests.simulation.client import Client, GoneAway
from tests.simulation.goods import EUR, LAST, MUG, TEA
from tests.simulation.wiring import Application
from tests.simulation.world import HOME, World

WORKS: Final = Instrument(token="pm_card_visa")
LACKS_FUNDS: Final = Instrument(token="pm_card_visa_chargeDeclinedInsufficientFunds")
ASKS_BANK: Final = Instrument(token="pm_card_threeDSecure2Required")
TAKES_DAYS: Final = Instrument(token="pm_sepaDebit")
CAN_BE_CALLED_BACK: Final = Instrument(token="pm_usBankAccount_success")
AT_ANOTHER_PAGE: Final = Instrument(token="pm_ideal")
VOUCHER: Final = Instrument(token="pm_konbini")
REFUNDS_SLOWLY: Final = Instrument(token="pm_card_pendingRefund")
UNKNOWN: Final = Instrument(token="pm_nobody_knows")
_GOOD: Final = (WORKS, WORKS, WORKS, REFUNDS_SLOWLY)
_BACK: Final = "https://shop.example/thanks"
_LOOKS_SECONDS: Final = (2.0, 6.0, 20.0, 60.0)
# Within the time to pay, or after it.
_SETTLES_SECONDS: Final = ((30.0, 1_500.0), (1_900.0, 4_000.0))


class Shopper(Client):
    """One person with one wish."""

    def __init__(self, name: str, world: "World", random: Random, comes_within_seconds: float) -> None:
        super().__init__(name, world, random)
        self._comes_at = random.uniform(0, comes_within_seconds)
        self._ways_to_pay: tuple[Callable[[OrderFacts], Awaitable[None]], ...] = (
            self.pays_by_card,
            self.pays_by_card,
            self.pays_by_card,
            self.is_asked_by_bank,
            self.is_asked_by_bank,
            self.is_declined_first,
            self.pays_slowly,
            self.pays_slowly,
            self.pays_in_page,
            self.pays_at_the_last_moment,
            self.tries_two_cards_at_once,
            self.pays_and_calls_off,
            self.pays_in_page_and_calls_off,
            self.pays_with_nonsense,
            self.walks_away,
        )

    async def shops(self) -> None:
        """The whole visit."""
        await self.world.sleep(self._comes_at)
        try:
            facts = await self.random.choice((self.orders_in_steps, self.buys_now, self.clicks_twice))()
            no_form_yet = all(payment.reference is None for payment in facts.payments)
            if no_form_yet and self.random.random() < 0.4:
                await self.cancels(facts.order.id, ClosingReason.SHOPPER)
            if self.random.random() < 0.12:
                self.world.begin(self.calls_off(facts.order.id))
            if facts.order.state is OrderState.OPEN:
                await self.random.choice(self._ways_to_pay)(facts)
        except (DomainRefusal, GoneAway) as why:
            self.world.history(self.name, "leaves:", why)

    # ways to order

    async def orders_in_steps(self) -> OrderFacts:
        """A cart first, then where to and how, then the order."""
        return await self.places(await self.fills_cart())

    async def clicks_twice(self) -> OrderFacts:
        """The same order is placed twice at once, over two connections."""
        checkout = await self.fills_cart()
        first, second = await asyncio.gather(
            self.places(checkout), self.places(checkout), return_exceptions=True
        )
        for answer in (first, second):
            if isinstance(answer, OrderFacts):
                return answer
        assert isinstance(first, BaseException)
        raise first

    async def buys_now(self) -> OrderFacts:
        """Everything in one call, paid with it or not. A repeat is the same purchase."""
        purchase = Purchase(
            currency=EUR,
            draft=self._cart(),
            accepted_total_minor=0,
            instrument=self.random.choice((None, *_GOOD, ASKS_BANK, LACKS_FUNDS, TAKES_DAYS, UNKNOWN)),
            return_url=_BACK,
            checkout_id=CheckoutId(self.world.clock.new_id("chk")),
        )
        for _ in range(3):
            try:
                bought = await self.ask("buy now", partial(_buys, purchase))
            except QuoteChanged as changed:
                purchase = replace(purchase, accepted_total_minor=changed.total_minor)
            else:
                self.told.append((bought.facts.order.id, bought.facts.order.state))
                self._bank_may_settle(bought.facts)
                return bought.facts
        raise GoneAway

    async def fills_cart(self) -> Checkout:
        draft = self._cart()
        opened = await self.ask(
            "open checkout", lambda app: app.open_checkout(EUR, CartDraft(lines=draft.lines[:1]))
        )
        patch = CartPatch(
            lines=draft.lines,
            email=draft.email,
            name=draft.name,
            shipping_address=draft.shipping_address,
            delivery_option_id=draft.delivery_option_id,
            origin=draft.origin,
        )
        change = CheckoutChange(checkout_id=opened.checkout.id, content=patch)
        return await self.ask("change checkout", lambda app: app.change_checkout(change))

    async def places(self, checkout: Checkout, instrument: Instrument | None = None) -> OrderFacts:
        placement = Placement(
            checkout_id=checkout.id,
            version=checkout.version,
            accepted_total_minor=checkout.pricing.totals.total.minor,
            instrument=instrument,
        )
        return await self.ask("place order", lambda app: app.place_order(placement))

    # ways to pay

    async def pays_by_card(self, facts: OrderFacts) -> None:
        await self.looks_until_over(await self.tries(facts, self.random.choice(_GOOD)))

    async def is_declined_first(self, facts: OrderFacts) -> None:
        """And then takes another card, or goes."""
        facts = await self.tries(facts, LACKS_FUNDS)
        await self.wait(5, 120)
        if self.random.random() < 0.8:
            await self.looks_until_over(await self.tries(facts, WORKS))

    async def is_asked_by_bank(self, facts: OrderFacts) -> None:
        """By card or for another way to pay. Says yes, says no, or never answers; and comes back to us,
        twice, or not at all.
        """
        way = self.random.choice((ASKS_BANK, ASKS_BANK, AT_ANOTHER_PAGE, VOUCHER))
        facts = await self.tries(facts, way)
        payment = await self.payment_in(facts, PaymentState.AWAITING_ACTION)
        if payment is None or payment.reference is None:
            return
        await self.wait(3, 240)
        answer = self.random.random()
        if answer < 0.7:
            self.world.provider.complete_authentication(payment.reference)
        elif answer < 0.85:
            self.world.provider.fail_authentication(payment.reference)
        for _ in range(self.random.choice((0, 1, 1, 2))):
            await self.comes_back(facts.order.id, payment)
        await self.looks_until_over(facts)

    async def pays_slowly(self, facts: OrderFacts) -> None:
        """By something that takes its time, and may come to nothing."""
        way = self.random.choice((TAKES_DAYS, TAKES_DAYS, CAN_BE_CALLED_BACK))
        self._bank_may_settle(await self.tries(facts, way))

    async def pays_in_page(self, facts: OrderFacts) -> None:
        """With the provider's own form: we hear of it by webhook, or when we look."""
        payment = await self.payment_in(facts, PaymentState.AWAITING_METHOD)
        if payment is not None and payment.reference is not None:
            await self.wait(1, 300)
            for card in self.random.choice(((WORKS,), (LACKS_FUNDS, WORKS), (LACKS_FUNDS,))):
                self.world.history(self.name, "pays in page", payment.reference, card.token)
                self.world.provider.pay_in_page(payment.reference, card)
            await self.looks_until_over(facts)

    async def pays_at_the_last_moment(self, facts: OrderFacts) -> None:
        """A few seconds before the window ends, or after."""
        left = facts.order.pay_until - self.world.clock.now()
        await self.world.sleep(max(0.0, left.total_seconds() + self.random.uniform(-4, 4)))
        await self.random.choice((self.pays_by_card, self._pays_in_page_at_once))(facts)

    async def tries_two_cards_at_once(self, facts: OrderFacts) -> None:
        """In two windows of the browser."""
        await asyncio.gather(
            self.tries(facts, WORKS), self.tries(facts, self.random.choice((WORKS, LACKS_FUNDS)))
        )

    async def pays_and_calls_off(self, facts: OrderFacts) -> None:
        """Both at once: whatever comes first, no money stays for nothing."""

        async def cancels() -> None:
            await self.wait(0, 0.5)
            await self.cancels(facts.order.id, ClosingReason.SHOPPER)

        await asyncio.gather(self.tries(facts, self.random.choice((WORKS, TAKES_DAYS))), cancels())

    async def pays_in_page_and_calls_off(self, facts: OrderFacts) -> None:
        """We can't know of the payment yet."""
        payment = await self.payment_in(facts, PaymentState.AWAITING_METHOD)
        if payment is not None and payment.reference is not None:
            self.world.history(self.name, "pays in page", payment.reference)
            self.world.provider.pay_in_page(payment.reference, WORKS)
            await self.cancels(facts.order.id, ClosingReason.SHOPPER)

    async def pays_with_nonsense(self, facts: OrderFacts) -> None:
        await self.looks_until_over(await self.tries(facts, UNKNOWN))

    async def walks_away(self, facts: OrderFacts) -> None:
        self.world.history(self.name, "walks away from", facts.order.id)

    async def calls_off(self, order_id: OrderId) -> None:
        """At any moment, even while somebody pays."""
        await self.wait(0, self.random.choice((2, 60, 2_000)))
        await self.cancels(order_id, ClosingReason.SHOPPER)

    # what all of them do

    def _cart(self) -> CartDraft:
        skus = self.random.choice(((TEA,), (TEA, MUG), (LAST,), (MUG, LAST)))
        return CartDraft(
            lines=tuple(self._line(sku) for sku in skus),
            email=f"{self.name}@example.com",
            name="A. Shopper",
            shipping_address=HOME,
            delivery_option_id=self.random.choice(("standard", "express")),
            origin=Origin(return_url=_BACK, cancel_url="https://shop.example/cart"),
        )

    def _line(self, sku: Sku) -> DraftLine:
        return DraftLine(sku=sku, quantity=1 if sku == LAST else self.random.randint(1, 3))

    async def tries(self, facts: OrderFacts, instrument: Instrument) -> OrderFacts:
        """Offers a card, once there is a payment that takes one."""
        paying = PaymentTry(order_id=facts.order.id, instrument=instrument, return_url=_BACK)
        for _ in range(3):
            try:
                return await self.ask("confirm", lambda app: app.confirm_payment(paying))
            except OrderNotPayable as busy:
                if busy.state in ("completed", "cancelled", "expired", "captured"):
                    raise
                await self.wait(5, 30)
        return await self._reads(facts.order.id)

    async def comes_back(self, order_id: OrderId, payment: Payment) -> None:
        if payment.return_id is not None:
            return_id = payment.return_id
            await self.wait(0.1, 5)
            await self.ask("return from bank", lambda app: app.return_from_bank(order_id, return_id))

    async def _pays_in_page_at_once(self, facts: OrderFacts) -> None:
        payment = facts.live_payment
        if payment is not None and payment.reference is not None:
            self.world.history(self.name, "pays in page", payment.reference)
            self.world.provider.pay_in_page(payment.reference, WORKS)

    async def payment_in(self, facts: OrderFacts, state: PaymentState) -> Payment | None:
        """The order's payment, once it is as expected; None if it never is."""
        for seconds in _LOOKS_SECONDS:
            payment = facts.live_payment
            if payment is not None and payment.state is state:
                return payment
            await self.world.sleep(seconds)
            facts = await self._reads(facts.order.id)
        return None

    async def looks_until_over(self, facts: OrderFacts) -> None:
        """Until the page says thank you, or the shopper has looked long enough."""
        for seconds in _LOOKS_SECONDS:
            if facts.order.state is not OrderState.OPEN:
                return
            await self.world.sleep(seconds)
            facts = await self._reads(facts.order.id)

    async def _reads(self, order_id: OrderId) -> OrderFacts:
        return await self.ask("read order", lambda app: app.read_order(order_id, None))

    def _bank_may_settle(self, facts: OrderFacts) -> None:
        """A slow payment ends one day, well or not."""

        async def settles(reference: str) -> None:
            await self.wait(*self.random.choice(_SETTLES_SECONDS))
            if self.random.random() < 0.75:
                self.world.provider.settle(reference)
            else:
                self.world.provider.bounce(reference)

        for payment in facts.payments:
            if payment.reference is not None:
                self.world.begin(settles(payment.reference))


async def _buys(purchase: Purchase, application: Application) -> Bought:
    return await application.buy_now(purchase)
