"""Taxes: who pays none, what is an estimate, and what the tax service is told."""

from pytest_bdd import given, then, when

from domain.money import Money
from tests.bdd.scene import Scene
from tests.bdd.steps.phrases import phrase


@given(phrase("the tax service was asked about {country:Country} before"))
def was_asked_before(scene: Scene, country: str) -> None:
    scene.ready_cart(scene.any_goods(), country)


@given("the tax service talks nonsense for a while")
def talks_nonsense(scene: Scene) -> None:
    scene.shop.let_tax_service_talk_nonsense()


@when("the merchant exempts the buyer from tax")
def exempts(scene: Scene) -> None:
    scene.cart = scene.shop.exempt(scene.cart)


@then(phrase("the tax is {tax:Money}"))
def tax_is(scene: Scene, tax: Money) -> None:
    assert dict(scene.cart.totals)["tax"] == tax
    assert "tax_estimated" not in scene.cart.remarks


@then(phrase("the tax is an estimate of {tax:Money}"))
def tax_is_an_estimate(scene: Scene, tax: Money) -> None:
    assert dict(scene.cart.totals)["tax"] == tax
    assert "tax_estimated" in scene.cart.remarks


@then(phrase("the tax service has booked a tax of {tax:Money}"))
def has_booked(scene: Scene, tax: Money) -> None:
    shop, order = scene.shop, scene.order
    nothing = tax - tax
    assert shop.until(lambda: shop.reported_taxes(order), lambda seen: seen[0] == tax) == (tax, nothing)


@then(phrase("the tax service has booked {back:Money} of it as given back"))
def has_booked_back(scene: Scene, back: Money) -> None:
    shop, order = scene.shop, scene.order
    assert shop.until(lambda: shop.reported_taxes(order), lambda seen: seen[1] == back)[1] == back


@then("the tax service has booked nothing")
def has_booked_nothing(scene: Scene) -> None:
    scene.shop.wait_for_rest(scene.order)
    assert not any(scene.shop.reported_taxes(scene.order))
