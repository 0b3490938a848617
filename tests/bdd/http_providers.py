"""The payment providers of the running service, Stripe's and Adyen's sandbox: what shoppers and banks do
there, and where new orders begin.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx

from adapters.adyen.wire import token
from domain.money import Money
from tests.bdd.api_client import ApiClient
from tests.bdd.shop import BankAnswer, Card, Cart, Goods, Order

_STRIPE, _ADYEN = "stripe", "adyen"
_PROBE: Final = Money.of(100, "EUR")
# What Adyen's form makes of its test cards: https://docs.adyen.com/development-resources/testing
_HOLDERS: Final = {Card.WORKS: "", Card.LACKS_FUNDS: "NOT_ENOUGH_BALANCE", Card.STOLEN: "ACQUIRER_FRAUD"}
_ASKS: Final = "test_4212345678910006"
T = TypeVar("T")


class HttpProviders:
    """The part of `tests.bdd.shop.Shop` that is the providers' side."""

    _browser: ApiClient
    _merchant: ApiClient
    _sandbox: ApiClient
    _flags: Path
    _ends: ExitStack
    # What the shop itself does.
    sell: Callable[..., None]
    open_cart: Callable[..., Cart]
    put_into_cart: Callable[[Cart, Goods], Cart]
    tell_who_and_where: Callable[[Cart, str], Cart]
    place: Callable[[Cart, Money], Order]
    until: Callable[..., Any]

    def begin_elsewhere(self) -> None:
        self._ends.callback(self._begin_at, _STRIPE)
        self._begin_at(_ADYEN)

    def begins_elsewhere(self, order: Order) -> bool:
        return self._provider_of(order) == _ADYEN

    def pay(self, order: Order, card: Card) -> None:
        paid_with = card.value if self._provider_of(order) == _STRIPE else adyen_token(card)
        instrument = {"instrument": {"token": paid_with}, "return_url": "https://shop.example/thanks"}
        self._browser.post(f"/v1/orders/{order.id}/payments/confirm", instrument, token=order.token)

    def answer_bank(self, order: Order, answer: BankAnswer) -> None:
        if self._provider_of(order) == _STRIPE:
            (payment,) = self._provider_payments(order)
            self._sandbox.post(f"/_control/stripe/payments/{payment['id']}/{answer.value}")
            return
        shown = self._browser.get(f"/v1/orders/{order.id}", token=order.token)
        said = {"outcome": "complete" if answer is BankAnswer.CONFIRMED else "fail"}
        with httpx.Client(trust_env=False) as browser:
            back = browser.post(shown["payment"]["next_action"]["url"], data=said)
            browser.get(back.headers["Location"])

    def fail_what_was_collected(self, order: Order) -> None:
        (paid,) = [payment for payment in self._at_adyen(order) if payment["captured"]]
        self._sandbox.post(f"/_control/adyen/payments/{paid['psp_reference']}/fail_capture")

    def promise_once_more(self, order: Order) -> None:
        (tried,) = self._at_adyen(order)
        self._sandbox.post(f"/_control/adyen/payments/{tried['psp_reference']}/authorise_again")

    def holds_for_nothing(self, order: Order) -> bool:
        return any(
            payment["authorised"] and not payment["captured"] and not payment["is_cancelled"]
            for payment in self._at_adyen(order)
        )

    def collected(self, order: Order) -> Money:
        payments = self._provider_payments(order)
        held = sum(payment["amount_received"] - payment["refunded"] for payment in payments)
        held += sum(payment["captured"] - payment["refunded"] for payment in self._at_adyen(order))
        return Money(minor=held, currency=order.total.currency)

    def _provider_payments(self, order: Order) -> list[dict[str, Any]]:
        """At Stripe."""
        payments = self._sandbox.get("/_control/state")["stripe"]["payments"]
        return [payment for payment in payments if payment["metadata"].get("order_id") == order.id]

    def _at_adyen(self, order: Order) -> list[dict[str, Any]]:
        """Each of its tries is a payment there."""
        payments = self._sandbox.get("/_control/adyen/payments")
        return [payment for payment in payments if payment["merchant_reference"] == order.id]

    def _provider_of(self, order: Order) -> str:
        return str(self._merchant.get("/v1/payments", order_id=order.id)["items"][0]["provider"])

    def _begin_at(self, provider: str) -> None:
        """Turns the flag, and looks where orders begin until it is followed."""
        self._flags.write_text(f'payment_provider = "{provider}"\n', encoding="utf-8")
        self.sell("A probe", _PROBE)
        self.until(lambda: self._provider_of(self._probe()), lambda begins_at: begins_at == provider)

    def _probe(self) -> Order:
        cart = self.put_into_cart(self.open_cart(), Goods(title="A probe", quantity=1))
        cart = self.tell_who_and_where(cart, "DE")
        cart = self.choose_delivery(cart, "standard")
        return self.place(cart, cart.total)

    choose_delivery: Callable[[Cart, str], Cart]


def adyen_token(card: Card) -> str:
    """What Adyen's form would have made of a card like this one."""
    number = _ASKS if card is Card.ASKS_BANK else "test_4111111111111111"
    method = {"type": "scheme", "encryptedCardNumber": number, "holderName": _HOLDERS.get(card, "")}
    return token({"paymentMethod": method})
