"""Placing orders, and how they stand."""

from pytest_bdd import given, parsers, then, when

from domain.money import Money
from tests.bdd.scene import Scene
from tests.bdd.shop import Card, Goods, Standing
from tests.bdd.steps.phrases import phrase

_STANDINGS = {
    "waits to be paid": Standing.AWAITING_PAYMENT,
    "waits for the shopper to confirm at the bank": Standing.ACTION_REQUIRED,
    "waits for its money": Standing.PROCESSING,
    "is paid": Standing.PAID,
    "is partly refunded": Standing.PARTLY_REFUNDED,
    "is refunded": Standing.REFUNDED,
    "is cancelled": Standing.CANCELLED,
    "has expired": Standing.EXPIRED,
}
_ADDRESSES = {
    "was corrected": "corrected",
    "was kept against a suggestion": "correction_not_taken",
    "exists": "verified",
    "was not found": "unverifiable",
    "was not checked": "unverified",
}
_REFUSALS = {"the price changed": "quote_changed", "the cart has changed": "stale_version"}


@given(phrase('a shopper has placed an order for {quantity:d} "{title}"'))
def has_placed(scene: Scene, quantity: int, title: str) -> None:
    scene.cart = scene.ready_cart(Goods(title=title, quantity=quantity))
    scene.order = scene.shop.place(scene.cart, scene.cart.total)


@when(phrase('another shopper wants to place an order for {quantity:d} "{title}"'))
def another_wants_to_place(scene: Scene, quantity: int, title: str) -> None:
    with scene.may_be_refused():
        theirs = scene.ready_cart(Goods(title=title, quantity=quantity))
        scene.shop.place(theirs, theirs.total)


@given(phrase('a shopper is about to order {quantity:d} "{title}"'))
def is_about_to_order(scene: Scene, quantity: int, title: str) -> None:
    scene.cart = scene.ready_cart(Goods(title=title, quantity=quantity))


@given(phrase('another shopper has ordered {quantity:d} "{title}"'))
def another_has_ordered(scene: Scene, quantity: int, title: str) -> None:
    theirs = scene.ready_cart(Goods(title=title, quantity=quantity))
    scene.shop.place(theirs, theirs.total)


@when("the shopper tries to place the order")
def tries_to_place(scene: Scene) -> None:
    """Whoever is refused looks at the cart again."""
    with scene.may_be_refused():
        scene.order = scene.shop.place(scene.cart, scene.cart.total)
    scene.cart = scene.shop.look_at(scene.cart)


@when("the shopper places the order")
@when("the shopper places the order once more")
def places(scene: Scene) -> None:
    scene.order = scene.shop.place(scene.cart, scene.cart.total)


@when(phrase("the shopper places the order for {total:Money}"))
def places_for(scene: Scene, total: Money) -> None:
    """Whoever is refused looks at the cart again."""
    with scene.may_be_refused():
        scene.order = scene.shop.place(scene.cart, total)
    if scene.refusal is not None:
        scene.cart = scene.shop.look_at(scene.cart)


@when("the shopper places the order as it was before")
def places_as_before(scene: Scene) -> None:
    assert scene.earlier_cart is not None
    with scene.may_be_refused():
        scene.order = scene.shop.place(scene.earlier_cart, scene.earlier_cart.total)


@when(phrase('a wallet buys {quantity:d} "{title}" for {total:Money} with {card:Card}'))
def wallet_buys(scene: Scene, quantity: int, title: str, total: Money, card: Card) -> None:
    with scene.may_be_refused():
        scene.order = scene.shop.buy_now(Goods(title=title, quantity=quantity), "DE", total, card)


@when(phrase('a wallet in {country:Country} buys {quantity:d} "{title}" in {currency:w} with {card:Card}'))
def wallet_abroad_buys(
    scene: Scene, *, country: str, quantity: int, title: str, currency: str, card: Card
) -> None:
    goods = Goods(title=title, quantity=quantity)
    seen = scene.ready_cart(goods, country, currency)
    scene.order = scene.shop.buy_now(goods, country, seen.total, card)


@when("the time to pay runs out")
def time_runs_out(scene: Scene) -> None:
    scene.shop.let_time_run_out(scene.order)


@then(
    parsers.re(f"the order (?P<standing>{'|'.join(_STANDINGS)})"),
    converters={"standing": _STANDINGS.__getitem__},
)
def order_stands(scene: Scene, standing: Standing) -> None:
    order = scene.shop.until(lambda: scene.shop.order(scene.order), lambda seen: seen.standing is standing)
    assert order.standing is standing


@then(parsers.re(f"the order is refused because (?P<why>{'|'.join(_REFUSALS)})"))
def order_is_refused(scene: Scene, why: str) -> None:
    assert _REFUSALS[why] in scene.told_refusal()


@then(phrase('the order is refused because there is too little of "{title}"'))
def order_is_refused_with_too_little_stock(scene: Scene, title: str) -> None:
    assert [line.goods.title for line in scene.cart.lines] == [title]
    assert "out_of_stock" in scene.told_refusal()


@then(phrase('the order is refused because "{title}" is out of stock'))
def order_is_refused_without_stock(scene: Scene, title: str) -> None:
    assert scene.shop.pieces(title).free == 0
    assert "out_of_stock" in scene.told_refusal()


@then(
    parsers.re(f"the order's story says that the address (?P<outcome>{'|'.join(_ADDRESSES)})"),
    converters={"outcome": _ADDRESSES.__getitem__},
)
def story_tells_of_address(scene: Scene, outcome: str) -> None:
    assert scene.shop.address_outcome(scene.order) == outcome


@then("the order's story says that the tax was estimated")
def story_tells_of_estimate(scene: Scene) -> None:
    assert "tax_estimated" in scene.shop.story(scene.order)


@then("cancelling is refused because the order is paid")
def cancelling_is_refused(scene: Scene) -> None:
    assert "order_already_paid" in scene.told_refusal()


@then("there is one order")
def there_is_one_order(scene: Scene) -> None:
    assert len(scene.placed) > 1
    assert scene.shop.orders_of(scene.cart) == {order.id for order in scene.placed}
    assert len({order.id for order in scene.placed}) == 1
