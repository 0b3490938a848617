"""What a scenario may do with customers and see of them, in business verbs: in memory, and over HTTP."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from application.buy_now import Purchase
from application.cart_draft import CartDraft, DraftLine
from application.register_customer import NewCustomer
from domain.address import Address
from domain.identifiers import CustomerId, Sku
from domain.money import Money
from domain.payment import Instrument
from tests.bdd.api_client import ApiClient, amount
from tests.bdd.in_memory_stories import Stories
from tests.bdd.people import ADDRESSES, NAME
from tests.bdd.shop import STANDARD_DELIVERY, Card, Goods

_HOME = ADDRESSES["DE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who registered, and the address that they did it with."""

    id: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedCard:
    """`ending` are the digits that may be shown."""

    token: str
    ending: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a person: how they are called, whom their orders went to, and for how much."""

    email: str | None
    names: frozenset[str]
    totals: tuple[Money, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """`token` opens the order to the browser that it was bought with."""

    order_id: str
    token: str


class CustomerDesk(Protocol):
    """Refusals are raised as `tests.bdd.shop.Refused`."""

    def register(self, email: str) -> Person: ...

    def buy(
        self, person: Person, goods: Goods, total: Money, card: Card | SavedCard, *, keep: bool
    ) -> Bought:
        """By standard delivery to Germany."""

    def cards(self, person: Person) -> tuple[SavedCard, ...]: ...

    def take_away(self, person: Person, card: SavedCard) -> None: ...

    def known_of(self, person: Person) -> Known: ...

    def forget(self, person: Person) -> str:
        """How they stand afterwards."""


Run = Callable[[Coroutine[Any, Any, Any]], Any]


class InMemoryCustomerDesk:
    """`run` plays a story to its end; its refusals are the scenario's."""

    def __init__(self, stories: Stories, run: Run) -> None:
        self._stories = stories
        self._run = run

    def register(self, email: str) -> Person:
        made = self._run(self._stories.register_customer(NewCustomer(email=email, name=NAME)))
        return Person(id=made.id, email=email)

    def buy(
        self, person: Person, goods: Goods, total: Money, card: Card | SavedCard, *, keep: bool
    ) -> Bought:
        draft = CartDraft(
            lines=(DraftLine(sku=Sku(goods.title), quantity=goods.quantity),),
            email=person.email,
            name=NAME,
            shipping_address=Address(country="DE", **_HOME),
            delivery_option_id=STANDARD_DELIVERY,
            customer_id=CustomerId(person.id),
        )
        purchase = Purchase(
            currency=total.currency,
            draft=draft,
            accepted_total_minor=total.minor,
            instrument=Instrument(token=_token_of(card)),
            saves_method=keep,
        )
        bought = self._run(self._stories.buy_now(purchase))
        return Bought(order_id=bought.facts.order.id, token=bought.client_token)

    def cards(self, person: Person) -> tuple[SavedCard, ...]:
        saved = self._run(self._stories.saved_methods(CustomerId(person.id)))
        return tuple(SavedCard(token=each.method.token, ending=each.method.ending) for each in saved)

    def take_away(self, person: Person, card: SavedCard) -> None:
        self._run(self._stories.saved_methods.detach(CustomerId(person.id), card.token))

    def known_of(self, person: Person) -> Known:
        export = self._run(self._stories.export_customer(CustomerId(person.id)))
        orders = [facts.order for facts in export.orders]
        names = {order.name for order in orders} | {order.shipping_address.line1 for order in orders}
        return Known(
            email=export.customer.email,
            names=frozenset(name for name in names if name is not None),
            totals=tuple(order.total for order in orders),
        )

    def forget(self, person: Person) -> str:
        left = self._run(self._stories.delete_customer(CustomerId(person.id)))
        return str(left.state.value)


class HttpCustomerDesk:
    """Implements `CustomerDesk` as the merchant's server does it; many scenarios share the service."""

    def __init__(self, merchant: ApiClient, suffix: str, sku_of: Callable[[str], str]) -> None:
        self._merchant = merchant
        self._suffix = suffix
        self._sku_of = sku_of

    def register(self, email: str) -> Person:
        name, _, host = email.partition("@")
        # Whoever spells it in capitals spells all of it so.
        suffix = self._suffix.upper() if name.isupper() else self._suffix
        email = f"{name}.{suffix}@{host}"
        made = self._merchant.post("/v1/customers", {"email": email, "name": NAME})
        return Person(id=made["id"], email=email)

    def buy(
        self, person: Person, goods: Goods, total: Money, card: Card | SavedCard, *, keep: bool
    ) -> Bought:
        purchase = {
            "currency": total.currency.code,
            "lines": [{"sku": self._sku_of(goods.title), "quantity": goods.quantity}],
            "email": person.email,
            "name": NAME,
            "shipping_address": {"country": "DE", **_HOME},
            "delivery_option_id": STANDARD_DELIVERY,
            "customer_id": person.id,
            "accepted_total": amount(total),
            "payment": {"instrument": {"token": _token_of(card)}},
            "save_payment_method": keep,
        }
        bought = self._merchant.post("/v1/orders", purchase)
        return Bought(order_id=bought["order"]["id"], token=bought["client_token"])

    def cards(self, person: Person) -> tuple[SavedCard, ...]:
        saved = self._merchant.get(f"/v1/customers/{person.id}/payment-methods")["items"]
        return tuple(SavedCard(token=each["token"], ending=each["ending"]) for each in saved)

    def take_away(self, person: Person, card: SavedCard) -> None:
        self._merchant.post(f"/v1/customers/{person.id}/payment-methods/{card.token}/detach")

    def known_of(self, person: Person) -> Known:
        export = self._merchant.get(f"/v1/customers/{person.id}/export")
        orders = export["orders"]
        names = {order["name"] for order in orders}
        names |= {order["shipping_address"].get("line1") for order in orders}
        return Known(
            email=export["customer"]["email"],
            names=frozenset(name for name in names if name is not None),
            totals=tuple(Money.of(order["total"]["minor"], order["total"]["currency"]) for order in orders),
        )

    def forget(self, person: Person) -> str:
        return str(self._merchant.post(f"/v1/customers/{person.id}/delete")["state"])


def _token_of(card: Card | SavedCard) -> str:
    return card.value if isinstance(card, Card) else card.token
