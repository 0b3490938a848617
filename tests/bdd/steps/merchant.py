"""What the merchant has set up, and does."""

from pytest_bdd import given, when

from domain.money import Money, portion
from tests.bdd.scene import Scene
from tests.bdd.shop import STANDARD_DELIVERY
from tests.bdd.steps.phrases import phrase


@given(phrase('the shop sells "{title}" for {price:Money}'))
def sells(scene: Scene, title: str, price: Money) -> None:
    scene.sell(title, price)


@given(phrase('"{title}" costs {price:Money} as well'))
def sells_in_another_currency(scene: Scene, title: str, price: Money) -> None:
    scene.sell(title, *scene.prices[title], price)


@when(phrase('the shop raises the price of "{title}" to {price:Money}'))
def raises_price(scene: Scene, title: str, price: Money) -> None:
    scene.sell(title, price)


@given(phrase('{count:Pieces} of "{title}" {are:Are} in stock'))
def in_stock(scene: Scene, title: str, count: int) -> None:
    scene.shop.keep_in_stock(title, count)


@given(phrase('the code "{code}" takes {percent:d} % off'))
def code_takes_off(scene: Scene, code: str, percent: int) -> None:
    scene.shop.give_out_code(code, percent)


@given(phrase("standard delivery to {country:Country} costs {amount:Money}"))
def delivery_costs(scene: Scene, country: str, amount: Money) -> None:
    cart = scene.shop.put_into_cart(scene.shop.open_cart(), scene.any_goods())
    offers = scene.shop.delivery_offers(scene.shop.tell_who_and_where(cart, country))
    assert [offer.amount for offer in offers.offers if offer.id == STANDARD_DELIVERY] == [amount]


@given(phrase("{country:Country} taxes goods and delivery at {percent:d} %"))
def taxes(scene: Scene, country: str, percent: int) -> None:
    totals = dict(scene.ready_cart(scene.any_goods(), country).totals)
    goods, delivery = totals["subtotal"], totals["delivery"]
    assert totals["tax"] == portion(goods, percent, 100) + portion(delivery, percent, 100)


@when("the merchant cancels the order")
def cancels(scene: Scene) -> None:
    with scene.may_be_refused():
        scene.shop.call_off(scene.order)
