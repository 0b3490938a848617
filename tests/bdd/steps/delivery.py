"""Carriers that answer, fall silent and change their prices, and what a shopper is shown of it."""

from pytest_bdd import given, then, when

from tests.bdd.scene import Scene
from tests.bdd.shop import Goods
from tests.bdd.steps.phrases import phrase

_CARRIERS = ("fedex", "ups", "usps")


@given(phrase("{carrier:w} does not answer"))
def does_not_answer(scene: Scene, carrier: str) -> None:
    scene.shop.silence(carrier.lower())


@given("no carrier answers")
@when("no carrier answers any more")
def nobody_answers(scene: Scene) -> None:
    for carrier in _CARRIERS:
        scene.shop.silence(carrier)


@when(phrase("{carrier:w} gets dearer"))
def gets_dearer(scene: Scene, carrier: str) -> None:
    scene.shop.raise_rates(carrier.lower(), 130)


@given(phrase('a shopper wants {quantity:d} "{title}" delivered to {country:Country}'))
@when(phrase('a shopper wants {quantity:d} "{title}" delivered to {country:Country}'))
def wants_delivered(scene: Scene, quantity: int, title: str, country: str) -> None:
    goods = Goods(title=title, quantity=quantity)
    cart = scene.shop.put_into_cart(scene.shop.open_cart(scene.currency_of(title)), goods)
    scene.cart = scene.shop.tell_who_and_where(cart, country)
    shown = scene.shop.delivery_offers(scene.cart)
    scene.offers, scene.notes = shown.offers, shown.notes


@when("chooses the cheapest offer")
def chooses_cheapest(scene: Scene) -> None:
    scene.chosen = scene.offers[0]
    scene.cart = scene.shop.choose_delivery(scene.cart, scene.chosen.id)


@given(phrase("the shopper chooses {carrier:w}'s cheapest offer"))
@when(phrase("the shopper chooses {carrier:w}'s cheapest offer"))
def chooses_cheapest_of(scene: Scene, carrier: str) -> None:
    scene.chosen = next(offer for offer in scene.offers if offer.carrier == carrier.lower())
    scene.cart = scene.shop.choose_delivery(scene.cart, scene.chosen.id)


@when("the promised time runs out")
def promise_runs_out(scene: Scene) -> None:
    scene.shop.let_quotes_run_out()


@when("the shopper wants to place the order")
def wants_to_place(scene: Scene) -> None:
    """Whoever is refused looks at the cart again."""
    with scene.may_be_refused():
        scene.order = scene.shop.place(scene.cart, scene.cart.total)
    if scene.refusal is not None:
        scene.cart = scene.shop.look_at(scene.cart)


@then("FedEx, UPS and USPS have offers")
def all_have_offers(scene: Scene) -> None:
    assert {offer.carrier for offer in scene.offers} == set(_CARRIERS)


@then("FedEx and USPS have offers")
def two_have_offers(scene: Scene) -> None:
    assert {offer.carrier for offer in scene.offers} == {"fedex", "usps"}


@then("all offers are estimates of the shop's own")
def all_are_estimates(scene: Scene) -> None:
    assert {offer.id for offer in scene.offers} == {"standard", "express"}
    assert all(offer.is_estimate for offer in scene.offers)


@then("nothing is said about the carriers")
def nothing_is_said(scene: Scene) -> None:
    assert scene.notes == frozenset()


@then("the shopper is told that a carrier did not answer")
def told_of_silence(scene: Scene) -> None:
    assert scene.notes == {"carrier_silent"}


@then("the shopper is told that flat rates are used")
def told_of_flat_rates(scene: Scene) -> None:
    assert scene.notes == {"carrier_silent", "flat_rates_used"}


@then("delivery costs what was shown")
def costs_what_was_shown(scene: Scene) -> None:
    assert scene.chosen is not None
    assert dict(scene.cart.totals)["delivery"] == scene.chosen.amount


@then("delivery costs more than was shown")
def costs_more(scene: Scene) -> None:
    assert scene.chosen is not None
    assert scene.chosen.amount < dict(scene.cart.totals)["delivery"]


@then("the order's story tells of an estimated delivery price")
def story_tells_of_estimate(scene: Scene) -> None:
    assert "delivery_estimated" in scene.shop.story(scene.order)
