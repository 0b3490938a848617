"""The demo's shopper: a client of the public API like any other, who says aloud what happens."""

import time
import uuid
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx
from rich.console import Console

from domain.money import Currency, Money
from entrypoints.cli.demo_books import Books, Shelf
from entrypoints.cli.product_csv import ProductFile
from entrypoints.processes import FastCartProcess

_PATIENCE_SECONDS: Final = 20
_GERMANY: Final = {"line1": "Unter den Linden 1", "city": "Berlin", "postcode": "10117", "country": "DE"}
_JAPAN: Final = {"line1": "1-1 Chiyoda", "city": "Tokyo", "postcode": "100-8111", "country": "JP"}


class DemoFailed(Exception):
    """The service did not do what the demo's story needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One order of the demo; `restocked` of its pieces came back to stock."""

    story: str
    order_id: str
    sku: str
    quantity: int
    expected_status: str
    restocked: int = 0


class Shopper:
    """Every method is a step that a storefront, or the merchant's server, would take."""

    def __init__(self, api_url: str, sandbox_url: str, key: str, console: Console) -> None:
        self._api = httpx.Client(base_url=api_url, headers={"Authorization": f"Bearer {key}"}, timeout=30)
        self._sandbox = httpx.Client(base_url=sandbox_url, timeout=30)
        self._console = console

    def stock_up(self, file: ProductFile) -> None:
        """The demo catalog, through the API."""
        for product in file.products:
            body = {
                "title": product.title,
                "tax_code": product.tax_code,
                "prices": [
                    {"minor": price.minor, "currency": price.currency.code} for price in product.prices
                ],
                "parcel": {"weight_grams": product.parcel.weight_grams},
            }
            self._ask("PUT", f"/v1/products/{product.sku}", body)
        for piece in file.pieces:
            self._ask("POST", f"/v1/stock/{piece.sku}/receipts", {"quantity": piece.quantity})
        self._say(f"{len(file.products)} products are on sale")

    def pays_at_once(self) -> Purchase:
        purchase = self._places("a card that succeeds", "TEA-GREEN-100", 2)
        self._pays(purchase, "pm_card_visa", "paid")
        return purchase

    def confirms_at_the_bank(self) -> Purchase:
        purchase = self._places("3-D Secure", "MUG-STONEWARE", 1)
        order = self._pays(purchase, "pm_card_threeDSecure2Required", "action_required")
        self._say(f"  the bank asks ({order['payment']['next_action']['kind']}); the shopper confirms")
        self._completes_authentication(purchase)
        self.wait_until(purchase, "paid")
        return purchase

    def tries_another_card(self) -> Purchase:
        purchase = self._places("a decline, then another card", "SCALE-POCKET", 1)
        order = self._pays(purchase, "pm_card_visa_chargeDeclinedInsufficientFunds", "awaiting_payment")
        self._say(f"  declined: {order['payment']['decline']['text']}")
        self._pays(purchase, "pm_card_visa", "paid")
        return purchase

    def pays_in_yen(self) -> Purchase:
        purchase = self._places("a purchase in JPY", "TEAPOT-IRON", 1, currency="JPY", address=_JAPAN)
        self._pays(purchase, "pm_card_visa", "paid")
        return purchase

    def gets_money_back(self) -> Purchase:
        """A piece comes back and is put on the shelf; then the rest of the money goes back without goods."""
        purchase = self._places("a refund, then the rest of it", "CLOTH-LINEN", 3, expected="refunded")
        order = self._pays(purchase, "pm_card_visa", "paid")
        piece = [{"line_id": order["lines"][0]["id"], "quantity": 1}]
        self._refunds(purchase, "one piece, back on the shelf", {"lines": piece, "restock": piece})
        self._refunds(purchase, "all that is left", {})
        self.wait_until(purchase, "refunded")
        return replace(purchase, restocked=1)

    def never_hears_of_the_capture(self) -> Purchase:
        """The provider takes the money, and its answer is lost on the way."""
        purchase = self._places("the provider's answer is lost", "TIMER-SAND", 1)
        lost = {"vendor": "stripe", "operation": "payment_intents.capture", "kind": "lost"}
        self._control("POST", "/_control/faults", lost)
        order = self._confirms(purchase, "pm_card_visa")
        self._say(f"  the money was taken, no answer came; asked again under the same key: {order['status']}")
        self.wait_until(purchase, "paid")
        return purchase

    def confirms_while_nobody_works(self, worker: FastCartProcess) -> Purchase:
        """What the bank reports meanwhile waits in PostgreSQL."""
        purchase = self._places("the worker is killed", "BOOK-TEA", 1)
        self._pays(purchase, "pm_card_threeDSecure2Required", "action_required")
        worker.kill()
        self._say("  SIGKILL to the worker; the shopper confirms at the bank, and the webhook is kept")
        self._completes_authentication(purchase)
        self._wait_for_webhooks()
        worker.start()
        self._say(f"  the order is {self._order(purchase)['status']}; another worker starts")
        self.wait_until(purchase, "paid")
        return purchase

    def walks_away(self) -> Purchase:
        purchase = self._places("a shopper who walks away", "LAST-PIECE", 1, expected="expired")
        self._say("  … and is gone; the goods are held until the time to pay is over")
        return purchase

    def wait_until(self, purchase: Purchase, status: str) -> dict[str, Any]:
        """Reads the order until it has the status. Raises DemoFailed when it takes too long."""
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        order = self._order(purchase)
        while order["status"] != status:
            if time.monotonic() > give_up_at:
                raise DemoFailed(f"{purchase.story}: the order is {order['status']}, not {status}")
            time.sleep(0.05)
            order = self._order(purchase)
        self._say(f"  {purchase.story}: {status}")
        return order

    def books_of(self, purchase: Purchase) -> Books:
        """The order as the API, the journal and the provider tell it."""
        explained = self._ask("GET", f"/v1/orders/{purchase.order_id}/timeline")
        order = self._order(purchase)
        currency = Currency.of(order["total"]["currency"])
        balances = {row["account"]: row["balance"]["minor"] for row in explained["balances"]}
        payment = self._provider_payment(purchase.order_id)
        held = payment["amount_received"] - payment["refunded"]
        return Books(
            order_id=purchase.order_id,
            story=purchase.story,
            status=order["status"],
            expected_status=purchase.expected_status,
            total=Money(minor=order["total"]["minor"], currency=currency),
            sku=purchase.sku,
            quantity=purchase.quantity - purchase.restocked,
            refunded=Money(minor=order["refunded"]["minor"], currency=currency),
            provider_state=payment["status"],
            provider_holds=Money(minor=held, currency=currency),
            journal_provider=Money(minor=balances.get("provider", 0), currency=currency),
            journal_shopper=Money(minor=balances.get("shopper", 0), currency=currency),
            timeline=tuple(_told(event) for event in explained["events"]),
        )

    def stock_of(self, skus: list[str]) -> list[Shelf]:
        return [
            Shelf(**{name: level[name] for name in ("sku", "received", "held", "sold", "free")})
            for level in (self._ask("GET", f"/v1/stock/{sku}") for sku in dict.fromkeys(skus))
        ]

    def _places(
        self,
        story: str,
        sku: str,
        quantity: int,
        *,
        currency: str = "EUR",
        address: dict[str, str] = _GERMANY,
        expected: str = "paid",
    ) -> Purchase:
        """A cart, an address, a delivery option, an order: step by step, as a storefront does it."""
        self._console.print(f"[bold]{story}[/bold]")
        lines = [{"sku": sku, "quantity": quantity}]
        checkout = self._ask("POST", "/v1/checkouts", {"currency": currency, "lines": lines})
        path = f"/v1/checkouts/{checkout['id']}"
        contact = {"email": "shopper@example.com", "name": "A. Shopper", "shipping_address": address}
        self._ask("PATCH", path, contact)
        option = self._ask("GET", f"{path}/delivery-options")["options"][0]
        checkout = self._ask("PUT", f"{path}/delivery", {"option_id": option["id"]})
        accepted = {"version": checkout["version"], "accepted_total": checkout["total"]}
        order = self._ask("POST", f"{path}/place", accepted)
        total = Money.of(checkout["total"]["minor"], currency)
        self._say(f"  {quantity} x {sku}, {option['title']}: {total}; order {order['id']} holds its goods")
        return Purchase(
            story=story, order_id=order["id"], sku=sku, quantity=quantity, expected_status=expected
        )

    def _pays(self, purchase: Purchase, token: str, status: str) -> dict[str, Any]:
        self._confirms(purchase, token)
        return self.wait_until(purchase, status)

    def _confirms(self, purchase: Purchase, token: str) -> dict[str, Any]:
        path = f"/v1/orders/{purchase.order_id}/payments/confirm"
        order: dict[str, Any] = self._ask("POST", path, {"instrument": {"token": token}})
        return order

    def _completes_authentication(self, purchase: Purchase) -> None:
        payment = self._provider_payment(purchase.order_id)
        self._control("POST", f"/_control/stripe/payments/{payment['id']}/complete_authentication")

    def _wait_for_webhooks(self) -> None:
        """Until the provider's have all been acknowledged. Raises DemoFailed when it takes too long."""
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while self._control("GET", "/_control/state")["pending_webhooks"]:
            if time.monotonic() > give_up_at:
                raise DemoFailed("the provider's webhooks are not acknowledged")
            time.sleep(0.05)

    def _refunds(self, purchase: Purchase, what: str, chosen: dict[str, Any]) -> None:
        refund = self._ask("POST", f"/v1/orders/{purchase.order_id}/refunds", chosen)["refund"]
        listed = self._ask("GET", f"/v1/orders/{purchase.order_id}/refunds")
        amount, left = (_money(told) for told in (refund["amount"], listed["refundable"]))
        self._say(f"  {what}: {amount} goes back; {left} could still be refunded")

    def _order(self, purchase: Purchase) -> dict[str, Any]:
        order: dict[str, Any] = self._ask("GET", f"/v1/orders/{purchase.order_id}")
        return order

    def _provider_payment(self, order_id: str) -> dict[str, Any]:
        payments = self._control("GET", "/_control/state")["stripe"]["payments"]
        return next(payment for payment in payments if payment["metadata"].get("order_id") == order_id)

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        response = self._api.request(method, path, json=body, headers=headers)
        if response.is_error:
            raise DemoFailed(f"{method} {path} answered {response.status_code}: {response.text}")
        return response.json() if response.content else None

    def _control(self, method: str, path: str, body: object = None) -> Any:
        response = self._sandbox.request(method, path, json=body)
        response.raise_for_status()
        return response.json() if response.content else None

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False)


def _money(told: dict[str, Any]) -> Money:
    return Money.of(told["minor"], told["currency"])


def _told(event: dict[str, Any]) -> str:
    detail = f"  {event['detail']}" if event.get("detail") else ""
    return f"{event['at'][11:23]}  {event['kind'].replace('_', ' ')}{detail}"
