"""Plays the baskets: each bought in one call for the total that was computed apart, then order and journal
are read back.
"""

import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

from entrypoints.stack import Stack, running_stack
from ports.api_keys import Role
from tests.replay.baskets import Basket, BasketLine, baskets
from tests.replay.expected import net_of, tax_of, total_of
from tests.replay.stock_up import stock_up

_AT_ONCE = 8
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


def main(count: int) -> int:
    """0 if every basket came out right to the cent."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="fastcart-replay-") as folder:
        console.print("Starting FastCart and importing the products …")
        with running_stack(data=None, logs=Path(folder)) as stack:
            imported = stock_up(stack)
            console.print(f"{imported} products imported. Playing {count} baskets …")
            started = time.monotonic()
            tally = asyncio.run(_play(stack, count))
            seconds = time.monotonic() - started
    _print(console, tally, seconds)
    return 0 if tally.bought and not tally.wrong else 1


async def _play(stack: Stack, count: int) -> Tally:
    tally = Tally()
    waiting = iter(list(baskets(count)))
    headers = {"Authorization": f"Bearer {await asyncio.to_thread(stack.new_key, Role.SECRET, 'replay')}"}

    async def household(client: httpx.AsyncClient) -> None:
        for basket in waiting:
            await _buy(client, basket, tally)

    async with httpx.AsyncClient(base_url=stack.api_url, headers=headers, timeout=60) as client:
        await asyncio.gather(*(household(client) for _ in range(_AT_ONCE)))
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
            tally.wrong += await _contradictions(client, answer.json()["order"], lines)
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


def _print(console: Console, tally: Tally, seconds: float) -> None:
    dollars = f"{tally.cents / 100:,.2f} USD"
    console.print(f"{tally.bought} baskets bought: {tally.lines} lines, {dollars}, {seconds:.0f} s.")
    console.print(f"{tally.without_lines} baskets had no line that can be sold.")
    for code, count in tally.refusals.most_common():
        console.print(f"  {count} lines refused: {code}")
    for problem in tally.wrong[:20]:
        console.print(f"[red]{problem}[/red]")
    console.print(
        "Every total and every journal is right to the cent."
        if not tally.wrong
        else f"{len(tally.wrong)} wrong."
    )
