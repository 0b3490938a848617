"""Paying, and what the shopper and the provider have of it."""

from typing import Final

from pytest_bdd import given, parsers, then, when

from domain.money import Money
from tests.bdd.scene import Scene
from tests.bdd.shop import BankAnswer, Card
from tests.bdd.steps.phrases import phrase

DECLINES: Final = {
    "the card lacks funds": "insufficient_funds",
    "the card is not accepted": "not_accepted",
    "the bank did not confirm": "authentication_failed",
}


@when(phrase("the shopper pays with {card:Card}"))
def pays(scene: Scene, card: Card) -> None:
    scene.shop.pay(scene.order, card)


@given("new orders begin with the other provider")
@when("new orders begin with the other provider")
def begin_elsewhere(scene: Scene) -> None:
    scene.shop.begin_elsewhere()


@then("the order is with the first provider")
def is_with_first(scene: Scene) -> None:
    assert not scene.shop.begins_elsewhere(scene.order)


@then("the order is with the other provider")
def is_with_other(scene: Scene) -> None:
    assert scene.shop.begins_elsewhere(scene.order)


@when("the shopper confirms at the bank")
def confirms_at_bank(scene: Scene) -> None:
    scene.shop.answer_bank(scene.order, BankAnswer.CONFIRMED)


@when("the shopper refuses at the bank")
def refuses_at_bank(scene: Scene) -> None:
    scene.shop.answer_bank(scene.order, BankAnswer.REFUSED)


@when("the shopper's bank pays")
def bank_pays(scene: Scene) -> None:
    scene.shop.answer_bank(scene.order, BankAnswer.PAID)


@when("the shopper's bank sends the debit back")
def bank_sends_back(scene: Scene) -> None:
    scene.shop.answer_bank(scene.order, BankAnswer.SENT_BACK)


@when("the provider says that the money did not come")
def says_money_did_not_come(scene: Scene) -> None:
    scene.shop.fail_what_was_collected(scene.order)


@when("the shopper's bank promises the money once more")
def promises_once_more(scene: Scene) -> None:
    scene.shop.promise_once_more(scene.order)


@then("no money of the shopper's is held for nothing")
def nothing_is_held_for_nothing(scene: Scene) -> None:
    assert scene.shop.until(lambda: scene.shop.holds_for_nothing(scene.order), lambda held: not held) is False


@then(parsers.re(f"the shopper is told that (?P<why>{'|'.join(DECLINES)})"))
def is_told_why(scene: Scene, why: str) -> None:
    reason = DECLINES[why]
    order = scene.shop.until(lambda: scene.shop.order(scene.order), lambda seen: seen.declined == reason)
    assert order.declined == reason


@then(phrase("the provider has collected {amount:Money}"))
def provider_has_collected(scene: Scene, amount: Money) -> None:
    scene.shop.wait_for_rest(scene.order)
    assert scene.shop.collected(scene.order) == amount


@then("the provider has collected the order's total")
def provider_has_collected_total(scene: Scene) -> None:
    assert scene.order.total
    scene.shop.wait_for_rest(scene.order)
    assert scene.shop.collected(scene.order) == scene.order.total


@then("the provider has collected nothing")
def provider_has_collected_nothing(scene: Scene) -> None:
    scene.shop.wait_for_rest(scene.order)
    assert scene.shop.collected(scene.order) == Money.zero(scene.order.total.currency)


@then("the shopper gets a confirmation by e-mail")
def gets_confirmation(scene: Scene) -> None:
    assert scene.shop.until(lambda: scene.shop.confirmations(scene.order), lambda count: count == 1) == 1
