"""The shop in one process: use-cases called directly, time moved by hand, what is due done at once."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from application.buy_now import Purchase
from application.cancel_order import Cancellation
from application.cart_draft import CartDraft, CartPatch, DraftLine, draft_of
from application.change_checkout import CheckoutChange
from application.client_token import hashed
from application.confirm_payment import PaymentTry
from application.explain_order import Explanation
from application.place_order import Placement
from application.report_shortage import ShortageReport
from application.request_refund import RefundRequest
from application.resolve_case import Assignment, Decision
from domain.address import Address
from domain.case import CaseAction
from domain.catalog import DiscountCode, Product
from domain.checkout import Checkout
from domain.dispute import DisputeState
from domain.errors import CheckoutNotReady, DomainRefusal
from domain.events import EventKind
from domain.foresight import Foresight
from domain.identifiers import CaseId, CheckoutId, OrderId, RefundId, ShortageId, Sku
from domain.money import Currency, Money, total_of
from domain.order import ClosingReason, OrderState, SkuQuantity
from domain.order_facts import OrderFacts
from domain.payment import DeclineReason, Instrument, PaymentState
from domain.period import day_before
from domain.readiness import Message, blocking
from domain.refund import RefundedLine, RefundState
from domain.tax import TaxExemption
from ports.payments import Subject
from ports.queries import PaymentChoice
from tests.bdd.customers import InMemoryCustomerDesk
from tests.bdd.in_memory_matters import matters_of
from tests.bdd.in_memory_providers import InMemoryProviders
from tests.bdd.in_memory_stories import QUOTES_HOLD, Stories
from tests.bdd.people import ADDRESSES, EMAIL, NAME, PLENTY
from tests.bdd.shop import (
    STANDARD_DELIVERY,
    Card,
    Cart,
    CartLine,
    Choice,
    Deed,
    DeliveryOffer,
    DeliveryOffers,
    Difference,
    DisputeTurn,
    Goods,
    Matter,
    MoneyBack,
    Need,
    Order,
    Pieces,
    Place,
    Refund,
    Refused,
    Standing,
)

T = TypeVar("T")

_MOST_ROUNDS: Final = 50
_REFUND_STANDINGS: Final = {RefundState.SUCCEEDED: "succeeded", RefundState.FAILED: "failed"}
_DISPUTE_STATES: Final = {
    DisputeTurn.RAISED: DisputeState.OPEN,
    DisputeTurn.WON: DisputeState.WON,
    DisputeTurn.LOST: DisputeState.LOST,
}
_CLOSED: Final = {
    OrderState.COMPLETED: Standing.PAID,
    OrderState.CANCELLED: Standing.CANCELLED,
    OrderState.EXPIRED: Standing.EXPIRED,
}


class InMemoryShop(InMemoryProviders):
    """Implements `tests.bdd.shop.Shop`. A product's SKU is its title."""

    def __init__(self, stories: Stories | None = None) -> None:
        self._stories = stories or Stories()
        self._runner = asyncio.Runner()
        self.customers = InMemoryCustomerDesk(self._stories, self._run)
        self._news_get_lost = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._runner.close()

    # what the merchant does

    def sell(self, title: str, *prices: Money) -> None:
        is_new = Sku(title) not in self._stories.storage.products
        pieces = [SkuQuantity(sku=Sku(title), quantity=PLENTY)] if is_new else []
        product = Product(sku=Sku(title), title=title, prices=prices)
        self._run(self._stories.put_products([product], pieces))

    def keep_in_stock(self, title: str, pieces: int) -> None:
        self._run(self._stories.receive_stock(Sku(title), pieces - self.pieces(title).free))

    def give_out_code(self, code: str, percent: int) -> None:
        discount = DiscountCode(code=code, title=code, percent_basis_points=percent * 100)
        self._run(self._stories.put_discount_code(discount))

    def call_off(self, order: Order) -> None:
        cancellation = Cancellation(order_id=OrderId(order.id), reason=ClosingReason.MERCHANT)
        self._run(self._stories.cancel_order(cancellation))

    def give_back(self, order: Order, what: MoneyBack) -> None:
        self._run(self._stories.request_refund(self._request(order, what)))

    def give_back_at_once(self, order: Order, what: MoneyBack, people: int) -> int:
        requests = [self._request(order, what) for _ in range(people)]

        async def all_of_them() -> int:
            asked = (self._stories.request_refund(request) for request in requests)
            ends = await asyncio.gather(*asked, return_exceptions=True)
            assert all(isinstance(end, OrderFacts | DomainRefusal) for end in ends), ends
            return sum(isinstance(end, OrderFacts) for end in ends)

        return self._run(all_of_them())

    def exempt(self, cart: Cart) -> Cart:
        return self._changed(cart, CartPatch(tax_exemption=TaxExemption.WHOLESALE))

    def report_short(self, order: Order, goods: Goods, *, missing: bool) -> None:
        report = ShortageReport(
            order_id=OrderId(order.id),
            shortage_id=ShortageId(self._stories.clock.new_id("sho")),
            lines=self._lines_of(order, (goods,)),
            write_off=missing,
        )
        self._run(self._stories.report_shortage(report))

    # what carriers do

    def silence(self, carrier: str) -> None:
        self._stories.carriers.silent.add(carrier)

    def raise_rates(self, carrier: str, percent: int) -> None:
        self._stories.carriers.rates[carrier].percent = percent

    def let_quotes_run_out(self) -> None:
        self._stories.clock.advance(QUOTES_HOLD)

    # what an operator does

    def take_on(self, matter: Matter, by: str, to: str, why: str) -> None:
        self._run(self._stories.assign_case(Assignment(case_id=CaseId(matter.id), to=to, by=by, why=why)))

    def decide(self, matter: Matter, choice: Choice, by: str, why: str) -> None:
        action = CaseAction(choice.value)
        decision = Decision(case_id=CaseId(matter.id), action=action, by=by, why=why)
        self._run(self._stories.resolve_case(decision))
        self._do_what_is_due()

    def would_give_back(self, matter: Matter, choice: Choice) -> Money:
        return self._foreseen(matter, choice).money_back

    def would_write_off(self, matter: Matter, choice: Choice) -> Money:
        return self._foreseen(matter, choice).written_off

    def compare_books(self, order: Order) -> tuple[Difference, ...]:
        tomorrow = self._stories.clock.now() + timedelta(days=1)
        report = self._run(self._stories.reconcile(day_before(tomorrow)))
        concerned = (finding for finding in report.findings if finding.order_id == order.id)
        return tuple(Difference(finding.done.value) for finding in concerned)

    def send_again(self, letter: str, by: str, why: str) -> None:
        self._run(self._stories.replay_parked_work(letter, by=by, why=why))

    # what a shopper does

    def open_cart(self, currency: str = "EUR") -> Cart:
        opened = self._run(self._stories.open_checkout(Currency.of(currency), CartDraft()))
        return self._cart(opened.checkout, opened.client_token)

    def look_at(self, cart: Cart) -> Cart:
        return self._cart(self._checkout(cart), cart.token)

    def put_into_cart(self, cart: Cart, goods: Goods) -> Cart:
        lines = draft_of(self._checkout(cart)).lines
        new = DraftLine(sku=Sku(goods.title), quantity=goods.quantity)
        return self._changed(cart, CartPatch(lines=(*lines, new)))

    def change_quantity(self, cart: Cart, title: str, quantity: int) -> Cart:
        lines = draft_of(self._checkout(cart)).lines
        return self._changed(
            cart,
            CartPatch(
                lines=tuple(replace(line, quantity=quantity) if line.sku == title else line for line in lines)
            ),
        )

    def use_code(self, cart: Cart, code: str) -> Cart:
        return self._changed(cart, CartPatch(discount_code=code))

    def tell_who_and_where(self, cart: Cart, country: str) -> Cart:
        address = Address(country=country, **ADDRESSES[country])
        return self._changed(cart, CartPatch(email=EMAIL, name=NAME, shipping_address=address))

    def move_to(self, cart: Cart, place: Place) -> Cart:
        return self._changed(cart, CartPatch(shipping_address=Address(country="DE", **asdict(place))))

    def delivery_offers(self, cart: Cart) -> DeliveryOffers:
        shown = self._run(self._stories.quote_delivery(CheckoutId(cart.id), hashed(cart.token)))
        return DeliveryOffers(
            offers=tuple(
                DeliveryOffer(id=option.id, amount=option.amount, is_estimate=option.estimated)
                for option in shown.options
            ),
            notes=frozenset(message.code for message in shown.messages()),
        )

    def choose_delivery(self, cart: Cart, offer_id: str) -> Cart:
        return self._changed(cart, CartPatch(delivery_option_id=offer_id))

    def place(self, cart: Cart, total: Money) -> Order:
        placement = Placement(
            checkout_id=CheckoutId(cart.id),
            version=cart.version,
            accepted_total_minor=total.minor,
            token_hash=hashed(cart.token),
        )
        return _order(self._run(self._stories.place_order(placement)), cart.token)

    def buy_now(self, goods: Goods, country: str, total: Money, card: Card) -> Order:
        draft = CartDraft(
            lines=(DraftLine(sku=Sku(goods.title), quantity=goods.quantity),),
            email=EMAIL,
            name=NAME,
            shipping_address=Address(country=country, **ADDRESSES[country]),
            delivery_option_id=STANDARD_DELIVERY,
        )
        purchase = Purchase(
            currency=total.currency,
            draft=draft,
            accepted_total_minor=total.minor,
            instrument=Instrument(token=card.value),
        )
        bought = self._run(self._stories.buy_now(purchase))
        assert bought.client_token is not None, "this purchase was no repeat"
        return _order(bought.facts, bought.client_token)

    def pay(self, order: Order, card: Card) -> None:
        attempt = PaymentTry(
            order_id=OrderId(order.id),
            instrument=Instrument(token=card.value),
            token_hash=hashed(order.token),
        )
        self._run(self._stories.confirm_payment(attempt))

    def answer_refund(self, order: Order, *, taken: bool) -> None:
        refund = self._facts(order).refunds[-1]
        reference = self._facts(order).payment(refund.payment_id).reference
        assert reference is not None
        state = RefundState.SUCCEEDED if taken else RefundState.FAILED
        self._stories.gateway.end_refund(reference, refund.id, state)
        self._tell_of(reference, Subject.REFUND)
        self._do_what_is_due()

    def give_back_by_hand(self, order: Order, amount: Money) -> None:
        reference = self._facts(order).payments[-1].reference
        assert reference is not None
        self._stories.gateway.refund_by_hand(reference, amount)

    def lose_news(self) -> None:
        self._news_get_lost = True

    def turn_dispute(self, order: Order, turn: DisputeTurn) -> None:
        reference = self._facts(order).payments[-1].reference
        assert reference is not None
        self._stories.gateway.dispute(reference, _DISPUTE_STATES[turn])
        self._tell_of(reference, Subject.DISPUTE)

    def take_letters(self, *, taken: bool) -> None:
        self._stories.takes_letters = taken

    def keep_places_away(self) -> None:
        self._stories.places_are_away = True

    def let_tax_service_talk_nonsense(self) -> None:
        self._stories.taxes_are_nonsense = True

    def let_time_run_out(self, order: Order) -> None:
        over_at = self._facts(order).order.pay_until + self._stories.rules.hold_margin
        while self._stories.clock.now() <= over_at:
            self._stories.clock.advance(timedelta(minutes=1))
            self._do_what_is_due()

    # what can be seen

    def wait_for_rest(self, order: Order) -> None:
        self._do_what_is_due()

    def order(self, order: Order) -> Order:
        return _order(self._facts(order), order.token)

    def orders_of(self, cart: Cart) -> frozenset[str]:
        orders = (record.facts.order for record in self._stories.storage.orders.values())
        return frozenset(order.id for order in orders if order.checkout_id == cart.id)

    def pieces(self, title: str) -> Pieces:
        level = self._stories.storage.stock[Sku(title)]
        return Pieces(held=level.held, sold=level.sold, free=level.free)

    def books(self, order: Order) -> Mapping[str, Money]:
        currency = order.total.currency
        balances = self._explanation(order).balances
        return {row.account.value: Money(minor=row.minor, currency=currency) for row in balances}

    def story(self, order: Order) -> tuple[str, ...]:
        return tuple(event.kind.value for event in self._explanation(order).events)

    def deeds(self, order: Order) -> tuple[Deed, ...]:
        told = (event for event in self._explanation(order).events if event.by is not None)
        return tuple(Deed(kind=e.kind.value, by=e.by or "", why=e.why or "") for e in told)

    def matters(self, order: Order) -> tuple[Matter, ...]:
        return matters_of(self._facts(order), self._stories.clock.now())

    def declined_payments(self, order: Order, reason: str) -> int:
        choice = PaymentChoice(order_id=OrderId(order.id), decline_reason=DeclineReason(reason))
        return len(self._run(self._stories.queries.payments(None, 100, choice)))

    def put_aside(self, order: Order) -> tuple[str, ...]:
        parked = self._run(self._stories.queries.parked(None, 100))
        return tuple(work.id for work in parked if work.order_id == order.id)

    def address_outcome(self, order: Order) -> str | None:
        events = self._explanation(order).events
        return next((event.detail for event in events if event.kind is EventKind.ADDRESS_CHECKED), None)

    def refunds(self, order: Order) -> tuple[Refund, ...]:
        return tuple(
            Refund(amount=refund.amount, standing=_REFUND_STANDINGS.get(refund.state, "pending"))
            for refund in self._facts(order).refunds
        )

    def reported_taxes(self, order: Order) -> tuple[Money, Money]:
        books = self._stories.tax_books.books.values()
        currency = order.total.currency
        sold = total_of((report.tax for report in books if report.id == order.id), currency)
        back = total_of((report.tax for report in books if report.refund_of == order.id), currency)
        return sold, back

    def confirmations(self, order: Order) -> int:
        return sum(letter.to == EMAIL and order.id in letter.subject for letter in self._stories.email.sent)

    def until(self, read: Callable[[], T], holds: Callable[[T], bool]) -> T:
        self._do_what_is_due()
        return read()

    # how it is done

    def _run(self, story: Coroutine[Any, Any, T]) -> T:
        try:
            return self._runner.run(story)
        except CheckoutNotReady as refusal:
            raise Refused(refusal.code, *(message.code for message in refusal.messages)) from refusal
        except DomainRefusal as refusal:
            raise Refused(refusal.code) from refusal

    def _do_what_is_due(self) -> None:
        for _ in range(_MOST_ROUNDS):
            self._hear_from_the_other()
            swept = self._run(self._stories.sweep())
            if swept.failures:
                raise ExceptionGroup("work failed", [f for f in swept.failures if isinstance(f, Exception)])
            if not swept.found:
                return
        raise AssertionError("there is always more to do")

    def _request(self, order: Order, what: MoneyBack) -> RefundRequest:
        return RefundRequest(
            order_id=OrderId(order.id),
            refund_id=RefundId(self._stories.clock.new_id("ref")),
            amount=what.amount,
            lines=self._lines_of(order, what.goods),
            delivery=what.delivery,
            restock=self._lines_of(order, what.put_back),
        )

    def _lines_of(self, order: Order, goods: tuple[Goods, ...]) -> tuple[RefundedLine, ...]:
        line_ids = {line.sku: line.id for line in self._facts(order).order.lines}
        return tuple(RefundedLine(line_id=line_ids[Sku(g.title)], quantity=g.quantity) for g in goods)

    def _changed(self, cart: Cart, patch: CartPatch) -> Cart:
        change = CheckoutChange(
            checkout_id=CheckoutId(cart.id),
            content=patch,
            version=cart.version,
            token_hash=hashed(cart.token),
        )
        return self._cart(self._run(self._stories.change_checkout(change)), cart.token)

    def _checkout(self, cart: Cart) -> Checkout:
        return self._run(self._stories.read_checkout(CheckoutId(cart.id), hashed(cart.token)))

    def _foreseen(self, matter: Matter, choice: Choice) -> Foresight:
        action = CaseAction(choice.value)
        return self._run(self._stories.read_case.foresee(CaseId(matter.id), action))

    def _facts(self, order: Order) -> OrderFacts:
        return self._run(self._stories.read_order(OrderId(order.id), hashed(order.token)))

    def _explanation(self, order: Order) -> Explanation:
        return self._run(self._stories.explain_order(OrderId(order.id), hashed(order.token)))

    def _cart(self, checkout: Checkout, token: str) -> Cart:
        messages, check = checkout.messages(self._stories.rules), checkout.address_check
        suggestion = check.open_suggestion(checkout.shipping_address) if check else None
        totals = checkout.pricing.totals
        return Cart(
            id=checkout.id,
            token=token,
            version=checkout.version,
            lines=tuple(
                CartLine(
                    id=line.id, goods=Goods(title=line.title, quantity=line.quantity), discount=line.discount
                )
                for line in checkout.pricing.lines
            ),
            needs=frozenset(_need(message, checkout) for message in blocking(messages)),
            remarks=frozenset(message.code for message in messages if not message.severity.blocks),
            suggested=_place(suggestion) if suggestion else None,
            is_ready=not blocking(messages),
            totals=tuple((entry.type, entry.amount) for entry in totals.entries()),
            total=totals.total,
        )


def _place(address: Address) -> Place:
    return Place(line1=address.line1 or "", postcode=address.postcode or "", city=address.city or "")


def _need(message: Message, checkout: Checkout) -> Need:
    """A message's path is a JSON pointer: `/lines/0/quantity` is about the first line."""
    place = message.path.split("/")[1:]
    title = checkout.lines[int(place[1])].title if place[0] == "lines" and len(place) > 1 else None
    return Need(code=message.code, title=title)


def _order(facts: OrderFacts, token: str) -> Order:
    live = facts.live_payment
    return Order(
        id=facts.order.id,
        token=token,
        standing=_standing(facts),
        total=facts.order.total,
        declined=live.decline.reason.value if live and live.decline else None,
    )


def _standing(facts: OrderFacts) -> Standing:
    back = sum(refund.amount.minor for refund in facts.refunds if refund.takes_balance)
    if facts.order.state is OrderState.COMPLETED and back:
        is_all = back >= facts.sale.amount_due.minor
        return Standing.REFUNDED if is_all else Standing.PARTLY_REFUNDED
    if facts.order.state in _CLOSED:
        return _CLOSED[facts.order.state]
    live = facts.live_payment
    if live is not None and live.state is PaymentState.AWAITING_ACTION:
        return Standing.ACTION_REQUIRED
    is_shoppers_turn = live is not None and live.takes_instruments
    return Standing.AWAITING_PAYMENT if is_shoppers_turn else Standing.PROCESSING
