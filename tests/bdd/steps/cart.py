"""Filling a cart, and what it says about itself."""

from pytest_bdd import given, then, when

from domain.money import Money
from tests.bdd.scene import Scene
from tests.bdd.shop import Goods, Need, Place
from tests.bdd.steps.phrases import money, phrase


@given(phrase('a shopper has a ready cart with {quantity:d} "{title}" for {total:Money}'))
def has_ready_cart(scene: Scene, quantity: int, title: str, total: Money) -> None:
    scene.cart = scene.ready_cart(Goods(title=title, quantity=quantity))
    assert (scene.cart.is_ready, scene.cart.total) == (True, total)


@when("a shopper opens an empty cart")
def opens_cart(scene: Scene) -> None:
    scene.cart = scene.shop.open_cart()


@when(phrase('a shopper puts {quantity:d} "{title}" into a cart'))
def puts_into_new_cart(scene: Scene, quantity: int, title: str) -> None:
    scene.cart = scene.shop.put_into_cart(scene.shop.open_cart(), Goods(title=title, quantity=quantity))


@when(phrase('puts {quantity:d} "{title}" into it'))
def puts_into_cart(scene: Scene, quantity: int, title: str) -> None:
    scene.cart = scene.shop.put_into_cart(scene.cart, Goods(title=title, quantity=quantity))


@when(phrase("the shopper changes the quantity to {quantity:d}"))
def changes_quantity(scene: Scene, quantity: int) -> None:
    (line,) = scene.cart.lines
    scene.cart = scene.shop.change_quantity(scene.cart, line.goods.title, quantity)


@when(phrase("gives a name, an e-mail address and an address in {country:Country}"))
def tells_who_and_where(scene: Scene, country: str) -> None:
    scene.cart = scene.shop.tell_who_and_where(scene.cart, country)


@when(phrase("has it delivered to {country:Country} by standard delivery"))
def has_it_delivered(scene: Scene, country: str) -> None:
    scene.cart = scene.delivered(scene.cart, country)


@when(phrase('uses the code "{code}"'))
def uses_code(scene: Scene, code: str) -> None:
    with scene.may_be_refused():
        scene.cart = scene.shop.use_code(scene.cart, code)


@when(phrase('the shopper has it delivered to "{place:Place}" instead'))
def moves_to(scene: Scene, place: Place) -> None:
    scene.cart = scene.shop.move_to(scene.cart, place)


@when("the shopper takes the suggested address")
def takes_suggestion(scene: Scene) -> None:
    assert scene.cart.suggested is not None
    scene.cart = scene.shop.move_to(scene.cart, scene.cart.suggested)


@given("nobody can say for a while whether an address exists")
def places_are_away(scene: Scene) -> None:
    scene.shop.keep_places_away()


@then(phrase('the cart suggests "{place:Place}"'))
def suggests(scene: Scene, place: Place) -> None:
    assert scene.cart.suggested == place
    assert scene.cart.remarks == {"address_corrected"}


@then("the cart has nothing to say of the address")
def says_nothing_of_address(scene: Scene) -> None:
    assert scene.cart.suggested is None
    assert not scene.cart.remarks


@then("the cart says that the address could not be found")
def says_not_found(scene: Scene) -> None:
    assert scene.cart.remarks == {"address_unverifiable"}


@then("the cart says that the address could not be checked")
def says_not_checked(scene: Scene) -> None:
    assert scene.cart.remarks == {"address_unverified"}


@then("the cart is ready")
def is_ready(scene: Scene) -> None:
    assert scene.cart.is_ready
    assert not scene.cart.needs


@then("the cart is incomplete")
def is_incomplete(scene: Scene) -> None:
    assert not scene.cart.is_ready


@then("it asks for goods, an e-mail address, a name and a delivery address")
def asks_for_everything(scene: Scene) -> None:
    asked = {"cart_empty", "email_missing", "name_missing", "shipping_address_missing"}
    assert {need.code for need in scene.cart.needs} == asked


@then("it asks for a delivery choice")
def asks_for_delivery(scene: Scene) -> None:
    assert scene.cart.needs == {Need(code="delivery_not_chosen")}


@then(phrase('it says that "{title}" is out of stock'))
def says_out_of_stock(scene: Scene, title: str) -> None:
    assert scene.cart.needs == {Need(code="out_of_stock", title=title)}


@then(phrase("the cart costs {total:Money}"))
def costs(scene: Scene, total: Money) -> None:
    scene.cart = scene.shop.look_at(scene.cart)
    assert scene.cart.total == total


@then("the cart's total is made of")
def is_made_of(scene: Scene, datatable: list[list[str]]) -> None:
    assert scene.cart.totals == tuple((kind, money(amount)) for kind, amount in datatable[1:])


@then(phrase("the discount is {amount:Money}"))
def discount_is(scene: Scene, amount: Money) -> None:
    assert dict(scene.cart.totals)["discount"] == amount


@then(phrase("the lines' discounts are {first:Money} and {second:Money}"))
def line_discounts_are(scene: Scene, first: Money, second: Money) -> None:
    assert [line.discount for line in scene.cart.lines] == [first, second]


@then("the change is refused because of an unknown discount code")
def change_is_refused(scene: Scene) -> None:
    assert "unknown_discount_code" in scene.told_refusal()
