"""What a shopper does: the guest checkout step by step, and the same in a single call.

Each is a new guest who buys one of 100 products at 12.00 net, delivery 5.00 net, 19 % tax on both, to
Germany: 20.23 EUR.
"""

import uuid

from tests.benchmarks.http_client import Connection, UnexpectedAnswer

PRODUCTS = 100
TOTAL = {"minor": 2023, "currency": "EUR"}
_ADDRESS = {
    "name": "Guest",
    "line1": "Unter den Linden 1",
    "city": "Berlin",
    "postcode": "10117",
    "country": "DE",
}
_CARD = {"token": "pm_card_visa"}


def sku(number: int) -> str:
    return f"BENCH-{number % PRODUCTS:03d}"


async def stepwise(connection: Connection, number: int) -> None:
    """Create with a line, address, delivery options, choose, place, pay, see it paid.

    Idempotency-Keys go where the API asks for them: where money moves.
    """
    key = uuid.uuid4().hex
    checkout = (
        await connection.ask(
            "POST",
            "/v1/checkouts",
            {"currency": "EUR", "lines": [{"sku": sku(number), "quantity": 1}]},
            expect=201,
        )
    ).json()
    path = f"/v1/checkouts/{checkout['id']}"
    contact = {"email": "guest@example.com", "name": "Guest", "shipping_address": _ADDRESS}
    await connection.ask("PATCH", path, contact)
    options = (await connection.ask("GET", f"{path}/delivery-options")).json()["options"]
    chosen = next(option for option in options if option["amount"]["minor"] == 500)
    checkout = (await connection.ask("PUT", f"{path}/delivery", {"option_id": chosen["id"]})).json()
    placement = {"version": checkout["version"], "accepted_total": TOTAL}
    order = (await connection.ask("POST", f"{path}/place", placement, key=f"{key}-place", expect=201)).json()
    order_path = f"/v1/orders/{order['id']}"
    await connection.ask("POST", f"{order_path}/payments/confirm", {"instrument": _CARD}, key=f"{key}-pay")
    _require_paid((await connection.ask("GET", order_path)).json())


async def single_call(connection: Connection, number: int) -> None:
    """Everything in, a paid order out."""
    purchase = {
        "currency": "EUR",
        "lines": [{"sku": sku(number), "quantity": 1}],
        "email": "guest@example.com",
        "name": "Guest",
        "shipping_address": _ADDRESS,
        "delivery_option_id": "standard",
        "accepted_total": TOTAL,
        "payment": {"instrument": _CARD},
    }
    answer = await connection.ask("POST", "/v1/orders", purchase, key=uuid.uuid4().hex, expect=201)
    body = answer.json()
    _require_paid(body.get("order", body))


def _require_paid(order: dict[str, object]) -> None:
    if order["status"] != "paid":
        raise UnexpectedAnswer(f"order {order['id']} is {order['status']}, not paid")
