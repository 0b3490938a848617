"""Stories of the demo about carriers, taxes and addresses: the vendor fails or knows better, the shopper
buys.
"""

import time
from typing import Any, Final

from entrypoints.cli.demo_storefront import GERMANY, Purchase, Storefront
from entrypoints.cli.demo_vendors import Vendors

_NEW_YORK: Final = {
    "line1": "350 5th Avenue",
    "city": "New York",
    "region": "NY",
    "postcode": "10118",
    "country": "US",
}
_MISSPELT: Final = {**GERMANY, "line1": "Unter den Lindn 1"}


class IntegrationStories:
    def __init__(self, shop: Storefront, vendors: Vendors) -> None:
        self._shop = shop
        self._vendors = vendors

    def mistypes_the_street(self) -> Purchase:
        """Google knows which one was meant, and the shopper agrees."""
        cart = self._shop.fills_a_cart(
            "an address is corrected", "TEA-BLACK-250", 1, currency="EUR", address=_MISSPELT
        )
        suggested = cart.shown["address_check"]["suggested_address"]
        self._shop.say(
            f"  typed: {_MISSPELT['line1']}; suggested: {suggested['line1']}; the shopper takes it"
        )
        self._shop.ask("PATCH", cart.path, {"shipping_address": suggested})
        checkout = self._shop.chooses(cart, self._shop.offers_for(cart)["options"][0])
        return self._paid(self._shop.places(cart, checkout, told=("address checked corrected",)))

    def waits_for_no_carrier(self) -> Purchase:
        """FedEx hangs; what the others offer is there in time."""
        cart = self._shop.fills_a_cart(
            "a carrier hangs", "MUG-STONEWARE", 2, currency="USD", address=_NEW_YORK
        )
        with self._vendors.hanging("fedex"):
            began = time.monotonic()
            offers = self._shop.offers_for(cart)
            took = time.monotonic() - began
        titles = ", ".join(option["title"] for option in offers["options"])
        self._shop.say(f"  after {took:.2f} s: {titles}")
        self._repeat(offers)
        checkout = self._shop.chooses(cart, offers["options"][0])
        return self._paid(self._shop.places(cart, checkout, told=("carrier silent FedEx",)))

    def buys_while_taxes_cannot_be_asked(self) -> Purchase:
        """To the place where somebody bought before: the rates that were told then stand in."""
        cart = self._shop.fills_a_cart(
            "the tax service is down", "KETTLE-STEEL", 1, currency="USD", address=_NEW_YORK
        )
        with self._vendors.down("taxjar"):
            checkout = self._shop.chooses(cart, self._shop.offers_for(cart)["options"][0])
            taxes = [row["label"] for row in checkout["totals"] if row["type"] == "tax"]
            self._shop.say(f"  at the rates known last: {', '.join(taxes)}")
            self._repeat(checkout)
            purchase = self._shop.places(cart, checkout, told=("tax estimated taxjar",))
        return self._paid(purchase)

    def _repeat(self, answer: dict[str, Any]) -> None:
        """What the API has to say to the shopper about its own answer."""
        for message in answer["messages"]:
            self._shop.say(f"  {message['text']}")

    def _paid(self, purchase: Purchase) -> Purchase:
        self._shop.confirms(purchase, "pm_card_visa")
        self._shop.wait_until(purchase, "paid")
        return purchase
