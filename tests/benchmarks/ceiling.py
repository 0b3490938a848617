"""The ceiling: how many minimal checkout transactions this PostgreSQL can do, driven by the leanest client
there is.

One transaction: an order, its two lines, the stock, a payment and an outbox row, over asyncpg with prepared
statements.
"""

import asyncio
import time
from itertools import count
from typing import Self

import asyncpg

_TABLES = """
CREATE TABLE ceiling_orders (
    id bigint PRIMARY KEY, total bigint NOT NULL, state text NOT NULL, placed_at timestamptz
);
CREATE TABLE ceiling_lines (
    order_id bigint, number int, sku text, quantity int, price bigint, PRIMARY KEY (order_id, number)
);
CREATE TABLE ceiling_stock (
    sku text PRIMARY KEY, free bigint NOT NULL CHECK (free >= 0)
) WITH (fillfactor = 50);
CREATE TABLE ceiling_payments (
    id bigint PRIMARY KEY, order_id bigint NOT NULL, amount bigint NOT NULL, state text
);
CREATE TABLE ceiling_outbox (
    id bigint PRIMARY KEY, kind text NOT NULL, order_id bigint NOT NULL
);
INSERT INTO ceiling_stock SELECT 'SKU-' || n, 1000000000 FROM generate_series(0, 99) AS n;
"""

_ORDER = "INSERT INTO ceiling_orders VALUES ($1, 2023, 'placed', now())"
_LINES = "INSERT INTO ceiling_lines VALUES ($1, 1, $2, 1, 1200), ($1, 2, 'delivery', 1, 500)"
_STOCK = "UPDATE ceiling_stock SET free = free - 1 WHERE sku = $1 AND free >= 1"
_PAYMENT = "INSERT INTO ceiling_payments VALUES ($1, $1, 2023, 'authorized')"
_OUTBOX = "INSERT INTO ceiling_outbox VALUES ($1, 'order_placed', $1)"
_ids = count(1)


async def prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_TABLES)
    finally:
        await connection.close()


class Ceiling:
    """The same number of connections as there are shoppers, each with its statements prepared."""

    def __init__(self, url: str, shoppers: int) -> None:
        self._url = url
        self._shoppers = shoppers
        self._connections: list[asyncpg.Connection[asyncpg.Record]] = []
        self._done = 0

    async def __aenter__(self) -> Self:
        self._connections = [await asyncpg.connect(self._url) for _ in range(self._shoppers)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._connections:
            await connection.close()

    async def measure(self, seconds: float) -> float:
        """Transactions a second."""
        started, before = time.perf_counter(), self._done
        await asyncio.gather(*(self._drive(c, started + seconds) for c in self._connections))
        return (self._done - before) / (time.perf_counter() - started)

    async def _drive(self, connection: "asyncpg.Connection[asyncpg.Record]", ends_at: float) -> None:
        while time.perf_counter() < ends_at:
            number, self._done = self._done, self._done + 1
            order_id = next(_ids)
            async with connection.transaction():
                await connection.fetch(_ORDER, order_id)
                await connection.fetch(_LINES, order_id, f"SKU-{number % 100}")
                await connection.fetch(_STOCK, f"SKU-{number % 100}")
                await connection.fetch(_PAYMENT, order_id)
                await connection.fetch(_OUTBOX, order_id)
