"""Reads the demo's books: each order as the API, the journal and the provider tell it, and the stock."""

from typing import Any

from domain.money import Money
from entrypoints.cli.demo_books import Books, Shelf
from entrypoints.cli.demo_storefront import Purchase, Storefront, money
from entrypoints.cli.demo_vendors import Vendors


def books_of(purchase: Purchase, shop: Storefront, vendors: Vendors) -> Books:
    explained = shop.ask("GET", f"/v1/orders/{purchase.order_id}/timeline")
    order = shop.order(purchase)
    total = money(order["total"])
    balances = {row["account"]: row["balance"]["minor"] for row in explained["balances"]}
    payment = vendors.payment_of(purchase.order_id)

    def amount(minor: int) -> Money:
        return Money(minor=minor, currency=total.currency)

    return Books(
        order_id=purchase.order_id,
        story=purchase.story,
        status=order["status"],
        expected_status=purchase.expected_status,
        total=total,
        sku=purchase.sku,
        quantity=purchase.quantity - purchase.restocked,
        refunded=money(order["refunded"]),
        provider_state=payment["status"],
        provider_holds=amount(payment["amount_received"] - payment["refunded"]),
        journal_provider=amount(balances.get("provider", 0)),
        journal_shopper=amount(balances.get("shopper", 0)),
        timeline=tuple((event["at"][11:23], _told(event)) for event in explained["events"]),
        expected_told=purchase.told,
    )


def stock_of(skus: list[str], shop: Storefront) -> list[Shelf]:
    return [
        Shelf(**{name: level[name] for name in ("sku", "received", "held", "sold", "free")})
        for level in (shop.ask("GET", f"/v1/stock/{sku}") for sku in dict.fromkeys(skus))
    ]


def _told(event: dict[str, Any]) -> str:
    kind: str = event["kind"].replace("_", " ")
    return f"{kind} {event['detail']}" if event.get("detail") else kind
