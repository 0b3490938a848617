"""Money and goods that go back, and what a bank makes of it."""

from typing import Final

from pytest_bdd import given, parsers, then, when

from domain.money import Money
from tests.bdd.scene import Scene
from tests.bdd.shop import Card, DisputeTurn, Goods, MoneyBack, Refund, Standing
from tests.bdd.steps.phrases import money, phrase

EVERYTHING: Final = MoneyBack()
_REFUSALS: Final = {
    "so much is not left": "refund_exceeds_balance",
    "there are fewer pieces": "too_many_pieces",
    "the money was not taken yet": "payment_not_captured",
    "the bank has the money in hand": "payment_disputed",
    "nothing would be left to ship": "nothing_left_to_ship",
    "the money was taken": "shortage_too_late",
}
_STANDINGS: Final = {"on its way": "pending", "arrived": "succeeded", "failed": "failed"}


def _paid(scene: Scene, *goods: Goods, card: Card = Card.WORKS, code: str | None = None) -> None:
    cart = scene.shop.open_cart()
    for named in goods:
        cart = scene.shop.put_into_cart(cart, named)
    cart = scene.delivered(scene.shop.use_code(cart, code) if code else cart, "DE")
    scene.cart = cart
    scene.order = scene.shop.place(cart, cart.total)
    scene.shop.pay(scene.order, card)
    order = scene.shop.until(
        lambda: scene.shop.order(scene.order), lambda seen: seen.standing is Standing.PAID
    )
    assert order.standing is Standing.PAID


@given(phrase('a shopper has paid for {quantity:d} "{title}"'))
def has_paid(scene: Scene, quantity: int, title: str) -> None:
    _paid(scene, Goods(title=title, quantity=quantity))


@given(phrase('a shopper has paid for {quantity:d} "{title}" with {card:Card}'))
def has_paid_with(scene: Scene, quantity: int, title: str, card: Card) -> None:
    _paid(scene, Goods(title=title, quantity=quantity), card=card)


@given(phrase('a shopper has paid for {quantity:d} "{title}" with the code "{code}"'))
def has_paid_with_code(scene: Scene, quantity: int, title: str, code: str) -> None:
    _paid(scene, Goods(title=title, quantity=quantity), code=code)


@given(phrase('a shopper has paid for a basket of {first:d} "{title}" and {second:d} "{other}"'))
def has_paid_for_both(scene: Scene, first: int, title: str, second: int, other: str) -> None:
    _paid(scene, Goods(title=title, quantity=first), Goods(title=other, quantity=second))


@when("the merchant gives everything back")
def gives_everything(scene: Scene) -> None:
    _give(scene, EVERYTHING)


@when(phrase("the merchant gives {amount:Money} back"))
def gives_amount(scene: Scene, amount: Money) -> None:
    _give(scene, MoneyBack(amount=amount))


@when("the merchant gives the delivery back")
def gives_delivery(scene: Scene) -> None:
    _give(scene, MoneyBack(delivery=True))


@when(phrase('the merchant gives the money for {quantity:d} "{title}" back'))
def gives_for_goods(scene: Scene, quantity: int, title: str) -> None:
    _give(scene, MoneyBack(goods=(Goods(title=title, quantity=quantity),)))


@when(
    phrase(
        'the merchant gives the money for {quantity:d} "{title}" back'
        ' and puts {count:d} "{shelved}" on the shelf'
    )
)
def gives_and_shelves(scene: Scene, *, quantity: int, title: str, count: int, shelved: str) -> None:
    goods, put_back = Goods(title=title, quantity=quantity), Goods(title=shelved, quantity=count)
    _give(scene, MoneyBack(goods=(goods,), put_back=(put_back,)))


@when(phrase("{people:d} people at once give {amount:Money} back"))
def many_give_amount(scene: Scene, people: int, amount: Money) -> None:
    scene.let = scene.shop.give_back_at_once(scene.order, MoneyBack(amount=amount), people)


@when(phrase("{people:d} people at once give everything back"))
def many_give_everything(scene: Scene, people: int) -> None:
    scene.let = scene.shop.give_back_at_once(scene.order, EVERYTHING, people)


@when(phrase('the merchant finds {quantity:d} "{title}" missing'))
def finds_missing(scene: Scene, quantity: int, title: str) -> None:
    with scene.may_be_refused():
        scene.shop.report_short(scene.order, Goods(title=title, quantity=quantity), missing=True)


@when(phrase('the merchant can\'t ship {quantity:d} "{title}" after all'))
def cannot_ship(scene: Scene, quantity: int, title: str) -> None:
    with scene.may_be_refused():
        scene.shop.report_short(scene.order, Goods(title=title, quantity=quantity), missing=False)


@when("the bank takes the refund")
def bank_takes(scene: Scene) -> None:
    scene.shop.answer_refund(scene.order, taken=True)


@when("the bank sends the refund back")
def bank_sends_back(scene: Scene) -> None:
    scene.shop.answer_refund(scene.order, taken=False)


@when("the shopper disputes the payment")
def disputes(scene: Scene) -> None:
    scene.shop.turn_dispute(scene.order, DisputeTurn.RAISED)


@when("the bank decides for the merchant")
def decides_for_merchant(scene: Scene) -> None:
    scene.shop.turn_dispute(scene.order, DisputeTurn.WON)


@when("the bank decides for the shopper")
def decides_for_shopper(scene: Scene) -> None:
    scene.shop.turn_dispute(scene.order, DisputeTurn.LOST)


@then("the shopper sees these refunds")
def sees_refunds(scene: Scene, datatable: list[list[str]]) -> None:
    expected = tuple(
        Refund(amount=money(amount), standing=_STANDINGS[standing]) for amount, standing in datatable[1:]
    )
    seen = scene.shop.until(lambda: scene.shop.refunds(scene.order), lambda refunds: refunds == expected)
    assert seen == expected


@then(parsers.re(f"(?:the refund|it) is refused because (?P<why>{'|'.join(_REFUSALS)})"))
def is_refused(scene: Scene, why: str) -> None:
    assert _REFUSALS[why] in scene.told_refusal()


@then("the refund is refused because of its currency")
def is_refused_for_its_currency(scene: Scene) -> None:
    assert "currency_mismatch" in scene.told_refusal()


@then(phrase("{count:d} of them were let"))
@then(phrase("{count:d} of them was let"))
def were_let(scene: Scene, count: int) -> None:
    assert scene.let == count


@then("somebody is asked to look at the order")
def somebody_is_asked(scene: Scene) -> None:
    assert scene.shop.until(lambda: _open_cases(scene), lambda count: count == 1) == 1


@then("nobody is asked to look at the order any more")
def nobody_is_asked(scene: Scene) -> None:
    assert "case_opened" in scene.shop.story(scene.order)
    assert scene.shop.until(lambda: _open_cases(scene), lambda count: count == 0) == 0


def _give(scene: Scene, what: MoneyBack) -> None:
    with scene.may_be_refused():
        scene.shop.give_back(scene.order, what)


def _open_cases(scene: Scene) -> int:
    story = scene.shop.story(scene.order)
    return story.count("case_opened") - story.count("case_resolved")
