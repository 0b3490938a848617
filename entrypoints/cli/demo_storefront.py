"""The demo's storefront: a client of the public API like any other, which says aloud what happens."""

import time
import uuid
from dataclasses import dataclass
from typing import Any, Final

import httpx
from rich.console import Console

from domain.money import Money
from entrypoints.cli.product_csv import ProductFile

PATIENCE_SECONDS: Final = 20
GERMANY: Final = {"line1": "Unter den Linden 1", "city": "Berlin", "postcode": "10117", "country": "DE"}


class DemoFailed(Exception):
    """The service did not do what the demo's story needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One order of the demo; `restocked` of its pieces came back to stock. `told` is what its timeline must
    tell beside the steps of every order.
    """

    story: str
    order_id: str
    sku: str
    quantity: int
    expected_status: str
    restocked: int = 0
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """A checkout with its goods and its address; `path` is where the API has it."""

    story: str
    sku: str
    quantity: int
    path: str
    shown: dict[str, Any]


class Storefront:
    """Every method is a step that a storefront, or the merchant's server, would take."""

    def __init__(self, api_url: str, key: str, console: Console) -> None:
        self._api = httpx.Client(base_url=api_url, headers={"Authorization": f"Bearer {key}"}, timeout=30)
        self._console = console

    def say(self, text: str) -> None:
        self._console.print(text, highlight=False)

    def stock_up(self, file: ProductFile) -> None:
        """The demo catalog, through the API."""
        for product in file.products:
            prices = [{"minor": price.minor, "currency": price.currency.code} for price in product.prices]
            body = {
                "title": product.title,
                "tax_code": product.tax_code,
                "prices": prices,
                "parcel": {"weight_grams": product.parcel.weight_grams},
            }
            self.ask("PUT", f"/v1/products/{product.sku}", body)
        for piece in file.pieces:
            self.ask("POST", f"/v1/stock/{piece.sku}/receipts", {"quantity": piece.quantity})
        self.say(f"{len(file.products)} products are on sale")

    def fills_a_cart(
        self, story: str, sku: str, quantity: int, *, currency: str, address: dict[str, str]
    ) -> Cart:
        self._console.print(f"[bold]{story}[/bold]")
        lines = [{"sku": sku, "quantity": quantity}]
        checkout = self.ask("POST", "/v1/checkouts", {"currency": currency, "lines": lines})
        path = f"/v1/checkouts/{checkout['id']}"
        contact = {"email": "shopper@example.com", "name": "A. Shopper", "shipping_address": address}
        shown = self.ask("PATCH", path, contact)
        return Cart(story=story, sku=sku, quantity=quantity, path=path, shown=shown)

    def offers_for(self, cart: Cart) -> dict[str, Any]:
        offers: dict[str, Any] = self.ask("GET", f"{cart.path}/delivery-options")
        return offers

    def chooses(self, cart: Cart, option: dict[str, Any]) -> dict[str, Any]:
        checkout: dict[str, Any] = self.ask("PUT", f"{cart.path}/delivery", {"option_id": option["id"]})
        self.say(f"  {cart.quantity} x {cart.sku}, {option['title']}: {money(checkout['total'])}")
        return checkout

    def places(
        self, cart: Cart, checkout: dict[str, Any], *, expected: str = "paid", told: tuple[str, ...] = ()
    ) -> Purchase:
        accepted = {"version": checkout["version"], "accepted_total": checkout["total"]}
        order = self.ask("POST", f"{cart.path}/place", accepted)
        self.say(f"  order {order['id']} holds its goods")
        return Purchase(
            story=cart.story,
            order_id=order["id"],
            sku=cart.sku,
            quantity=cart.quantity,
            expected_status=expected,
            told=told,
        )

    def confirms(self, purchase: Purchase, token: str) -> dict[str, Any]:
        path = f"/v1/orders/{purchase.order_id}/payments/confirm"
        order: dict[str, Any] = self.ask("POST", path, {"instrument": {"token": token}})
        return order

    def order(self, purchase: Purchase) -> dict[str, Any]:
        order: dict[str, Any] = self.ask("GET", f"/v1/orders/{purchase.order_id}")
        return order

    def wait_until(self, purchase: Purchase, status: str) -> dict[str, Any]:
        """Reads the order until it has the status. Raises DemoFailed when it takes too long."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        order = self.order(purchase)
        while order["status"] != status:
            if time.monotonic() > give_up_at:
                raise DemoFailed(f"{purchase.story}: the order is {order['status']}, not {status}")
            time.sleep(0.05)
            order = self.order(purchase)
        self.say(f"  {purchase.story}: {status}")
        return order

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer's body. Raises DemoFailed for an error."""
        headers = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        response = self._api.request(method, path, json=body, headers=headers)
        if response.is_error:
            raise DemoFailed(f"{method} {path} answered {response.status_code}: {response.text}")
        return response.json() if response.content else None


def money(told: dict[str, Any]) -> Money:
    return Money.of(told["minor"], told["currency"])
