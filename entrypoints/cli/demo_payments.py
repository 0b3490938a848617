"""Stories of the demo about money: how shoppers pay, or don't, and how it goes back to them."""

from dataclasses import replace
from typing import Any, Final

from entrypoints.cli.demo_storefront import GERMANY, Purchase, Storefront, money
from entrypoints.cli.demo_vendors import Vendors
from entrypoints.processes import FastCartProcess

_JAPAN: Final = {"line1": "1-1 Chiyoda", "city": "Tokyo", "postcode": "100-8111", "country": "JP"}


class PaymentStories:
    def __init__(self, shop: Storefront, vendors: Vendors) -> None:
        self._shop = shop
        self._vendors = vendors

    def pays_at_once(self) -> Purchase:
        purchase = self._places("a card that succeeds", "TEA-GREEN-100", 2)
        self._pays(purchase, "pm_card_visa", "paid")
        return purchase

    def confirms_at_the_bank(self) -> Purchase:
        purchase = self._places("3-D Secure", "MUG-STONEWARE", 1)
        order = self._pays(purchase, "pm_card_threeDSecure2Required", "action_required")
        self._shop.say(f"  the bank asks ({order['payment']['next_action']['kind']}); the shopper confirms")
        self._vendors.confirm_at_the_bank(purchase.order_id)
        self._shop.wait_until(purchase, "paid")
        return purchase

    def tries_another_card(self) -> Purchase:
        purchase = self._places("a decline, then another card", "SCALE-POCKET", 1)
        order = self._pays(purchase, "pm_card_visa_chargeDeclinedInsufficientFunds", "awaiting_payment")
        self._shop.say(f"  declined: {order['payment']['decline']['text']}")
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
        self._shop.wait_until(purchase, "refunded")
        return replace(purchase, restocked=1)

    def never_hears_of_the_capture(self) -> Purchase:
        """The provider takes the money, and its answer is lost on the way."""
        purchase = self._places("the provider's answer is lost", "TIMER-SAND", 1)
        self._vendors.lose_an_answer("stripe", "payment_intents.capture")
        status = self._shop.confirms(purchase, "pm_card_visa")["status"]
        self._shop.say(f"  the money was taken, no answer came; asked again under the same key: {status}")
        self._shop.wait_until(purchase, "paid")
        return purchase

    def confirms_while_nobody_works(self, worker: FastCartProcess) -> Purchase:
        """What the bank reports meanwhile waits in PostgreSQL."""
        purchase = self._places("the worker is killed", "BOOK-TEA", 1)
        self._pays(purchase, "pm_card_threeDSecure2Required", "action_required")
        worker.kill()
        self._shop.say("  SIGKILL to the worker; the shopper confirms at the bank, and the webhook is kept")
        self._vendors.confirm_at_the_bank(purchase.order_id)
        self._vendors.wait_for_webhooks()
        worker.start()
        self._shop.say(f"  the order is {self._shop.order(purchase)['status']}; another worker starts")
        self._shop.wait_until(purchase, "paid")
        return purchase

    def walks_away(self) -> Purchase:
        purchase = self._places("a shopper who walks away", "LAST-PIECE", 1, expected="expired")
        self._shop.say("  … and is gone; the goods are held until the time to pay is over")
        return purchase

    def _places(
        self,
        story: str,
        sku: str,
        quantity: int,
        *,
        currency: str = "EUR",
        address: dict[str, str] = GERMANY,
        expected: str = "paid",
    ) -> Purchase:
        """A cart, an address, the cheapest delivery, an order: step by step, as a storefront does it."""
        cart = self._shop.fills_a_cart(story, sku, quantity, currency=currency, address=address)
        checkout = self._shop.chooses(cart, self._shop.offers_for(cart)["options"][0])
        return self._shop.places(cart, checkout, expected=expected)

    def _pays(self, purchase: Purchase, token: str, status: str) -> dict[str, Any]:
        self._shop.confirms(purchase, token)
        return self._shop.wait_until(purchase, status)

    def _refunds(self, purchase: Purchase, what: str, chosen: dict[str, Any]) -> None:
        refund = self._shop.ask("POST", f"/v1/orders/{purchase.order_id}/refunds", chosen)["refund"]
        listed = self._shop.ask("GET", f"/v1/orders/{purchase.order_id}/refunds")
        amount, left = (money(told) for told in (refund["amount"], listed["refundable"]))
        self._shop.say(f"  {what}: {amount} goes back; {left} could still be refunded")
