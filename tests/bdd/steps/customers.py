"""Customers: whom the shop knows, what they saved, what is known of them, and their leaving."""

from dataclasses import dataclass, field

import pytest
from pytest_bdd import given, then, when

from domain.money import Money
from tests.bdd.customers import CustomerDesk, Known, Person
from tests.bdd.people import ADDRESSES, NAME
from tests.bdd.scene import Scene
from tests.bdd.shop import Card, Goods, Order, Standing
from tests.bdd.steps.phrases import phrase


@dataclass(slots=True)
class Acquaintances:
    """The people of one scenario, and what was last told of one of them."""

    desk: CustomerDesk
    people: dict[str, Person] = field(default_factory=dict)
    known: Known | None = None


@pytest.fixture
def met(scene: Scene) -> Acquaintances:
    return Acquaintances(desk=scene.shop.customers)


@given(phrase("{name:w} is a customer"))
def is_customer(met: Acquaintances, name: str) -> None:
    met.people[name] = met.desk.register(f"{name.lower()}@example.com")


@when(phrase("{name:w} registers with an address that {other:w} spelled differently"))
def registers_again(scene: Scene, met: Acquaintances, name: str, other: str) -> None:
    with scene.may_be_refused():
        met.people[name] = met.desk.register(f"{other.upper()}@example.com")


@given(phrase('{name:w} buys {quantity:d} "{title}" for {total:Money} and saves {card:Card}'))
def buys_and_saves(
    scene: Scene, met: Acquaintances, *, name: str, quantity: int, title: str, total: Money, card: Card
) -> None:
    goods = Goods(title=title, quantity=quantity)
    bought = met.desk.buy(met.people[name], goods, total, card, keep=True)
    scene.order = scene.shop.order(_ordered(bought.order_id, bought.token, total))


@when(phrase('{name:w} buys {quantity:d} "{title}" for {total:Money} with the saved card'))
def buys_with_saved(
    scene: Scene, met: Acquaintances, *, name: str, quantity: int, title: str, total: Money
) -> None:
    (saved,) = met.desk.cards(met.people[name])
    goods = Goods(title=title, quantity=quantity)
    bought = met.desk.buy(met.people[name], goods, total, saved, keep=False)
    scene.order = scene.shop.order(_ordered(bought.order_id, bought.token, total))


@when(phrase("{name:w} takes the saved card away"))
def takes_away(met: Acquaintances, name: str) -> None:
    (saved,) = met.desk.cards(met.people[name])
    met.desk.take_away(met.people[name], saved)


@when(phrase("{name:w} asks what is known"))
def asks_what_is_known(met: Acquaintances, name: str) -> None:
    met.known = met.desk.known_of(met.people[name])


@when(phrase("{name:w} asks to be forgotten"))
def asks_to_be_forgotten(scene: Scene, met: Acquaintances, name: str) -> None:
    with scene.may_be_refused():
        assert met.desk.forget(met.people[name]) == "deleted"


@then(phrase("{name:w} has {count:d} saved card"))
@then(phrase("{name:w} has {count:d} saved cards"))
def has_saved(met: Acquaintances, name: str, count: int) -> None:
    assert len(met.desk.cards(met.people[name])) == count


@then(phrase("{name:w} is told the address, the home and an order of {total:Money}"))
def is_told(met: Acquaintances, name: str, total: Money) -> None:
    home = ADDRESSES["DE"]["line1"]
    assert met.known == Known(email=met.people[name].email, names=frozenset({NAME, home}), totals=(total,))


@then(phrase("nothing is known of {name:w} but an order of {total:Money}"))
def is_forgotten(met: Acquaintances, name: str, total: Money) -> None:
    assert met.desk.known_of(met.people[name]) == Known(email=None, names=frozenset(), totals=(total,))


@then(phrase("{name:w} is told that an order is still under way"))
def is_told_to_wait(scene: Scene, name: str) -> None:
    assert scene.told_refusal() == ("customer_still_needed",)


@then(phrase("{name:w} is told that somebody has this address"))
def is_told_it_is_taken(scene: Scene, name: str) -> None:
    assert scene.told_refusal() == ("email_already_registered",)


def _ordered(order_id: str, token: str, total: Money) -> Order:
    """As far as it is needed to ask for it."""
    return Order(id=order_id, token=token, standing=Standing.PROCESSING, total=total, declined=None)
