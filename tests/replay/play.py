"""Buys the baskets, each in one call for a total computed apart; then order and journal are read back."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.replay.basket import Basket, BasketLine
from tests.replay.expected import net_of, tax_of, total_of

_AT_ONCE = 8
_LOOKS = 240
_BETWEEN_LOOKS_SECONDS = 0.5
# Germany taxes everything here at one rate, which keeps the sum made apart as plain as it can be.
# Standard delivery to Germany is a flat rate in the built-in table.
DELIVERY_CENTS = 550
_ADDRESS = {
    "name": "Household",
    "line1": "Hauptstr. 1",
    "city": "Berlin",
    "postcode": "10115",
    "country": "DE",
}


@dataclass
class Tally:
    """What came of the baskets. `refusals` counts lines by the code of the error that they got."""

    bought: int = 0
    without_lines: int = 0
    lines: int = 0
    cents: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


async def play(client: httpx.AsyncClient, baskets: Iterable[Basket]) -> Tally:
    """The client has a merchant's key: each line brings the till's price."""
    tally = Tally()
    waiting = iter(baskets)

    async def household() -> None:
        for basket in waiting:
            await _buy(client, basket, tally)

    await asyncio.gather(*(household() for _ in range(_AT_ONCE)))
    return tally


async def _buy(client: httpx.AsyncClient, basket: Basket, tally: Tally) -> None:
    """Buys what can be bought: a line that is refused is counted and left out, and the rest is bought."""
    lines = list(basket.lines)
    while lines:
        answer = await _ask(client, basket.id, lines)
        if answer.status_code == httpx.codes.CREATED:
            tally.bought += 1
            tally.lines += len(lines)
            tally.cents += total_of(lines, DELIVERY_CENTS)
            order = await _settled(client, answer.json()["order"])
            tally.wrong += await _contradictions(client, order, lines)
            return
        refused = _refused_line(answer)
        if refused is None or answer.is_server_error:
            tally.wrong.append(f"basket {basket.id}: {answer.status_code} {answer.text[:300]}")
            return
        tally.refusals[answer.json()["code"]] += 1
        del lines[refused]
    tally.without_lines += 1


async def _ask(client: httpx.AsyncClient, basket_id: str, lines: list[BasketLine]) -> httpx.Response:
    """One purchase. The total is the one computed apart, so FastCart itself refuses any other."""
    purchase = {
        "currency": "USD",
        "lines": [
            {
                "sku": line.sku,
                "quantity": line.quantity,
                "unit_price": {"minor": line.unit_price_cents, "currency": "USD"},
            }
            for line in lines
        ],
        "email": "household@example.com",
        "shipping_address": _ADDRESS,
        "delivery_option_id": "standard",
        "accepted_total": {"minor": total_of(lines, DELIVERY_CENTS), "currency": "USD"},
        "payment": {"instrument": {"token": "pm_card_visa"}},
    }
    key = f"basket-{basket_id}-{len(lines)}"
    return await client.post("/v1/orders", json=purchase, headers={"Idempotency-Key": key})


async def _settled(client: httpx.AsyncClient, order: dict[str, Any]) -> dict[str, Any]:
    """The order once its provider had time for it: above its rate, a worker pays it a moment later."""
    for _ in range(_LOOKS):
        if order["status"] != "processing":
            break
        await asyncio.sleep(_BETWEEN_LOOKS_SECONDS)
        order = (await client.get(f"/v1/orders/{order['id']}")).json()
    return order


def _refused_line(answer: httpx.Response) -> int | None:
    """Which line the error is about, by its path; None when it is about something else."""
    for error in answer.json().get("errors", []):
        parts = str(error["path"]).split("/")
        if parts[:2] == ["", "lines"] and len(parts) > 2 and parts[2].isdigit():
            return int(parts[2])
    return None


async def _contradictions(
    client: httpx.AsyncClient, order: dict[str, Any], lines: list[BasketLine]
) -> list[str]:
    """Where the order and its journal differ from the sum made apart."""
    explained = (await client.get(f"/v1/orders/{order['id']}/timeline")).json()
    balances = {row["account"]: row["balance"]["minor"] for row in explained["balances"]}
    expected = {
        "provider": total_of(lines, DELIVERY_CENTS),
        "sales": -net_of(lines),
        "delivery": -DELIVERY_CENTS,
        "tax": -tax_of(lines, DELIVERY_CENTS),
        "shopper": 0,
    }
    wrong = [
        f"{order['id']}: {account} is {balances.get(account, 0)}, expected {amount}"
        for account, amount in expected.items()
        if balances.get(account, 0) != amount
    ]
    if order["status"] != "paid" or order["total"]["minor"] != expected["provider"]:
        wrong.append(f"{order['id']}: {order['status']}, total {order['total']['minor']}")
    return wrong
