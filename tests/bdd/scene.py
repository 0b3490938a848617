"""What a scenario's sentences hand on to each other: the cart, the order, and a refusal that was met."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from domain.money import Money
from tests.bdd.shop import STANDARD_DELIVERY, Cart, DeliveryOffer, Difference, Goods, Order, Refused, Shop


@dataclass(slots=True)
class Scene:
    """One scenario's state. `earlier_cart` is the cart before its last change; `prices` those in force; `let`
    is how many of a crowd got what they asked for; `offers` and `notes` are what a shopper was last shown of
    delivery.
    """

    shop: Shop
    prices: dict[str, tuple[Money, ...]] = field(default_factory=dict)
    _cart: Cart | None = None
    _order: Order | None = None
    earlier_cart: Cart | None = None
    differences: tuple[Difference, ...] = ()
    let: int | None = None
    offers: tuple[DeliveryOffer, ...] = ()
    notes: frozenset[str] = frozenset()
    chosen: DeliveryOffer | None = None
    placed: list[Order] = field(default_factory=list)
    refusal: Refused | None = None
    _refusal_was_told: bool = True

    @property
    def cart(self) -> Cart:
        assert self._cart is not None, f"nobody has a cart; last refusal: {self.refusal}"
        return self._cart

    @cart.setter
    def cart(self, cart: Cart) -> None:
        self.earlier_cart, self._cart = self._cart, cart

    @property
    def order(self) -> Order:
        assert self._order is not None, f"nobody has placed an order; last refusal: {self.refusal}"
        return self._order

    @order.setter
    def order(self, order: Order) -> None:
        self._order = order
        self.placed.append(order)

    def sell(self, title: str, *prices: Money) -> None:
        self.shop.sell(title, *prices)
        self.prices[title] = prices

    def currency_of(self, title: str) -> str:
        """The first currency that it is sold in."""
        return self.prices[title][0].currency.code

    def any_goods(self) -> Goods:
        """One piece of something that is on sale."""
        return Goods(title=next(iter(self.prices)), quantity=1)

    def ready_cart(self, goods: Goods, country: str = "DE", currency: str = "EUR") -> Cart:
        """A cart that only wants to be placed, whoever it belongs to."""
        cart = self.shop.put_into_cart(self.shop.open_cart(currency), goods)
        return self.delivered(cart, country)

    def delivered(self, cart: Cart, country: str) -> Cart:
        return self.shop.choose_delivery(self.shop.tell_who_and_where(cart, country), STANDARD_DELIVERY)

    @contextmanager
    def may_be_refused(self) -> Iterator[None]:
        """A refusal is kept for the sentence that speaks of it; doing better afterwards makes up for it."""
        try:
            yield
        except Refused as refusal:
            self.refusal, self._refusal_was_told = refusal, False
        else:
            self.refusal, self._refusal_was_told = None, True

    def told_refusal(self) -> tuple[str, ...]:
        """The reasons of the refusal that a sentence speaks of."""
        assert self.refusal is not None, "nothing was refused"
        self._refusal_was_told = True
        return self.refusal.reasons

    def require_no_surprise(self) -> None:
        """At a scenario's end: a refusal that no sentence spoke of is a failure."""
        assert self._refusal_was_told, f"refused, and the scenario doesn't say so: {self.refusal}"
