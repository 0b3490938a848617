"""From a webhook's receipt to the order's being paid: the whole stack, with Valkey, a worker and the vendor
sandbox, which answers at once.

Shoppers confirm at their bank, and only the webhook tells FastCart. Both moments come from its own records.
"""

import asyncio
import tempfile
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx

from entrypoints.cli.product_csv import ProductFile, read_products
from entrypoints.container import Container
from entrypoints.resources import open_resources
from entrypoints.settings import settings_from
from entrypoints.stack import Stack, running_stack
from ports.api_keys import Role

ORDERS: Final = 80
_AT_ONCE: Final = 4
_A_SECOND: Final = 4
_CATALOG: Final = Path("entrypoints/cli/demo_catalog.csv")
_PATIENCE_SECONDS: Final = 60
# The first of them brings the news that the bank let the shopper through.
_RECEIVED: Final = """
SELECT payment_reference, min(received_at) AS received_at FROM inbox
WHERE event_type IN ('payment_intent.amount_capturable_updated', 'charge.succeeded')
GROUP BY payment_reference
"""
_PURCHASE: Final[Mapping[str, Any]] = {
    "currency": "EUR",
    "lines": [{"sku": "TEA-GREEN-100", "quantity": 1}],
    "email": "guest@example.com",
    "name": "Guest",
    "shipping_address": {
        "line1": "Unter den Linden 1",
        "city": "Berlin",
        "postcode": "10117",
        "country": "DE",
    },
    "delivery_option_id": "standard",
    "accepted_total": {"minor": 1879, "currency": "EUR"},
    "payment": {"instrument": {"token": "pm_card_threeDSecure2Required"}},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """Milliseconds over `orders` orders."""

    orders: int
    p50_ms: float
    p95_ms: float


def measure() -> Delays:
    with (
        tempfile.TemporaryDirectory(prefix="fastcart-bench-") as folder,
        running_stack(data=None, logs=Path(folder)) as stack,
    ):
        with _CATALOG.open(encoding="utf-8", newline="") as lines:
            asyncio.run(_stock_up(stack, read_products(lines)))
        key = stack.new_key(Role.SECRET, "benchmark")
        return asyncio.run(_measured(stack, key))


async def _measured(stack: Stack, key: str) -> Delays:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx.AsyncClient(base_url=stack.api_url, headers=headers, timeout=30, trust_env=False) as api,
        httpx.AsyncClient(base_url=stack.sandbox_url, timeout=30, trust_env=False) as sandbox,
    ):
        orders = [await _place(api) for _ in range(ORDERS)]
        payments = await _payments(sandbox)
        few = asyncio.Semaphore(_AT_ONCE)

        async def confirm(number: int, order_id: str) -> datetime:
            # Each order brings five events, and each is a reason to read the payment. Faster than this,
            # Stripe's limit of 25 reads a second is what is measured.
            await asyncio.sleep(number / _A_SECOND)
            async with few:
                path = f"/_control/stripe/payments/{payments[order_id]}/complete_authentication"
                (await sandbox.post(path)).raise_for_status()
                return await _paid_at(api, order_id)

        moments = await asyncio.gather(*(confirm(*each) for each in enumerate(orders)))
        paid_at = dict(zip(orders, moments, strict=True))
    received_at = await _received_at(stack.database_url)
    return _delays((paid_at[o] - received_at[payments[o]]).total_seconds() * 1000 for o in orders)


async def _stock_up(stack: Stack, file: ProductFile) -> None:
    settings = settings_from(stack.environment)
    async with open_resources(settings) as resources:
        await Container(settings=settings, resources=resources).put_products()(file.products, file.pieces)


async def _place(api: httpx.AsyncClient) -> str:
    answer = await api.post("/v1/orders", json=_PURCHASE, headers={"Idempotency-Key": uuid.uuid4().hex})
    answer.raise_for_status()
    order_id: str = answer.json()["order"]["id"]
    return order_id


async def _payments(sandbox: httpx.AsyncClient) -> dict[str, str]:
    """The provider's reference of each order's payment."""
    state = (await sandbox.get("/_control/state")).raise_for_status().json()
    return {payment["metadata"]["order_id"]: payment["id"] for payment in state["stripe"]["payments"]}


async def _paid_at(api: httpx.AsyncClient, order_id: str) -> datetime:
    """Looks until it is, so that the load stays what it is meant to be."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            explained = (await api.get(f"/v1/orders/{order_id}/timeline")).raise_for_status().json()
            for event in explained["events"]:
                if event["kind"] == "order_completed":
                    return datetime.fromisoformat(event["at"]).astimezone(UTC)
            await asyncio.sleep(0.02)


async def _received_at(database_url: str) -> dict[str, datetime]:
    connection = await asyncpg.connect(database_url)
    try:
        return {row["payment_reference"]: row["received_at"] for row in await connection.fetch(_RECEIVED)}
    finally:
        await connection.close()


def _delays(milliseconds: Iterable[float]) -> Delays:
    ordered = sorted(milliseconds)
    count = len(ordered)
    return Delays(orders=count, p50_ms=ordered[count // 2], p95_ms=ordered[count * 95 // 100])
