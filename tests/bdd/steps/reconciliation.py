"""Our books beside the provider's, and what came of comparing them."""

from pytest_bdd import given, then, when

from domain.money import Money
from tests.bdd.scene import Scene
from tests.bdd.shop import Difference
from tests.bdd.steps.phrases import phrase


@given("the provider's news get lost")
def news_get_lost(scene: Scene) -> None:
    scene.shop.lose_news()


@when(phrase("somebody gives {amount:Money} back at the provider's own desk"))
def gives_back_by_hand(scene: Scene, amount: Money) -> None:
    scene.shop.give_back_by_hand(scene.order, amount)


@when("the books are compared with the provider's")
def compared(scene: Scene) -> None:
    scene.shop.wait_for_rest(scene.order)
    scene.differences = scene.shop.compare_books(scene.order)


@then("nothing about the order differs")
def nothing_differs(scene: Scene) -> None:
    assert scene.differences == ()


@then("what differed about the order is made good")
def is_made_good(scene: Scene) -> None:
    assert scene.differences == (Difference.MADE_GOOD,)


@then("a person is asked to look at what differed")
def person_is_asked(scene: Scene) -> None:
    assert scene.differences == (Difference.SHOWN,)
    assert len(scene.shop.matters(scene.order)) == 1


@then("nobody is asked a second time")
def nobody_is_asked_again(scene: Scene) -> None:
    assert scene.differences == (Difference.KNOWN,)
    assert len(scene.shop.matters(scene.order)) == 1
