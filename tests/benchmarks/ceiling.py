"""The ceiling: how many minimal checkout transactions this PostgreSQL can do, driven by the leanest client
there is.

One transaction: an order, its two lines, the stock, a payment and an outbox row, over asyncpg with prepared
statements.
"""

import asyncio
import time

import asyncpg

_TABLES = """
CREATE TABLE ceiling_orders (id bigint PRIMARY KEY, total bigint NOT NULL, state text NOT NULL, placed_at timestamptz);
CREATE TABLE ceiling_lines (order_id bigint, number int, sku text, quantity int, price bigint, PRIMARY KEY (order_id, number));
CREATE TABLE ceiling_stock (sku text PRIMARY KEY, free bigint NOT NULL CHECK (free >= 0));
CREATE TABLE ceiling_payments (id bigint PRIMARY KEY, order_id bigint NOT NULL, amount bigint NOT NULL, state text);
CREATE TABLE ceiling_outbox (id bigint PRIMARY KEY, kind text NOT NULL, order_id bigint NOT NULL);
INSERT INTO ceiling_stock SELECT 'SKU-' || n, 1000000000 FROM generate_series(0, 99) AS n;
"""


async def prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_TABLES)
    finally:
        await connection.close()


async def measure(url: str, shoppers: int, seconds: float, first_id: int) -> float:
    """Transactions a second with this many connections at once."""
    ends_at = time.perf_counter() + seconds
    started = time.perf_counter()
    counts = await asyncio.gather(
        *(_shopper(url, first_id + number * 10_000_000, ends_at) for number in range(shoppers))
    )
    return sum(counts) / (time.perf_counter() - started)


async def _shopper(url: str, first_id: int, ends_at: float) -> int:
    connection = await asyncpg.connect(url)
    done = 0
    try:
        stock = await connection.prepare(
            "UPDATE ceiling_stock SET free = free - 1 WHERE sku = $1 AND free >= 1"
        )
        order = await connection.prepare("INSERT INTO ceiling_orders VALUES ($1, 2023, 'placed', now())")
        lines = await connection.prepare(
            "INSERT INTO ceiling_lines VALUES ($1, 1, $2, 1, 1200), ($1, 2, 'delivery', 1, 500)"
        )
        payment = await connection.prepare("INSERT INTO ceiling_payments VALUES ($1, $1, 2023, 'authorized')")
        outbox = await connection.prepare("INSERT INTO ceiling_outbox VALUES ($1, 'order_placed', $1)")
        while time.perf_counter() < ends_at:
            number = first_id + done
            sku = f"SKU-{number % 100}"
            async with connection.transaction():
                await order.fetch(number)
                await lines.fetch(number, sku)
                await stock.fetch(sku)
                await payment.fetch(number)
                await outbox.fetch(number)
            done += 1
    finally:
        await connection.close()
    return done
