"""Reads the books from outside: the API, the sandbox's own state, and SQL for what neither of them tells."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import asyncpg
import httpx

from tests.chaos.books import Books, Letter, OrderBook, ProviderPayment, Shelf, Work
from tests.chaos.goods import RECEIVED, Line
from tests.chaos.keepers import Keeper
from tests.chaos.shoppers import Crowd, Shop

_PAGE: Final = 100
_SIDE_BY_SIDE: Final = 16
_LOOKS_AGAIN_SECONDS: Final = 0.25

# A closed order whose payment was asked for and not found is looked at once more five minutes later, in case
# that it arrives late: nothing is left to do for it now, and a run doesn't wait for that.
_UNSETTLED: Final = """
SELECT (SELECT count(*) FROM orders o WHERE due_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM cases c WHERE c.order_number = o.number AND c.resolved_at IS NULL)
        AND NOT (closed_at IS NOT NULL AND due_at > now() + interval '1 minute' AND EXISTS (
            SELECT 1 FROM attempts a WHERE a.order_number = o.number
            AND a.operation = 'create_payment' AND a.state = 'unavailable'))) AS orders,
       (SELECT count(*) FROM inbox WHERE done_at IS NULL) AS webhooks,
       (SELECT count(*) FROM outbox WHERE done_at IS NULL AND parked_at IS NULL) AS messages
"""
_UNFINISHED: Final = """
SELECT 'attempt' AS kind, a.operation || ' of ' || o.id AS subject, a.state
    FROM attempts a JOIN orders o ON o.number = a.order_number WHERE a.state IN ('in_flight', 'unknown')
UNION ALL SELECT 'webhook', event_type || ' ' || event_id, 'not handled' FROM inbox WHERE done_at IS NULL
UNION ALL SELECT 'message', m.kind || ' of ' || o.id,
        CASE WHEN parked_at IS NULL THEN 'not sent' ELSE 'parked' END
    FROM outbox m JOIN orders o ON o.number = m.order_number WHERE done_at IS NULL
"""
_CASES: Final = """
SELECT o.id, c.reason FROM cases c JOIN orders o ON o.number = c.order_number WHERE c.resolved_at IS NULL
"""
_REFUNDED: Final = """
SELECT o.id, sum(r.amount_minor)::bigint AS minor FROM refunds r JOIN orders o ON o.number = r.order_number
WHERE r.state <> 'failed' GROUP BY o.id
"""
_KEEPERS: Final = "SELECT id, coalesce(agreement ->> 'stock_keeper', 'built_in') AS keeper FROM orders"
_FIRST_HANDLED: Final = "SELECT min(done_at) FROM inbox WHERE received_at >= $1"


class Auditor:
    """Only looks, changes nothing."""

    def __init__(self, shop: Shop, database_url: str) -> None:
        self._shop = shop
        self._database_url = database_url

    async def unsettled(self) -> dict[str, int]:
        """How much is still to be done, by kind; empty when all is settled."""
        row = (await self._rows(_UNSETTLED))[0]
        pending = (await self._state())["pending_webhooks"]
        left: dict[str, int] = {**row, "deliveries": pending}
        return {kind: count for kind, count in left.items() if count}

    async def until_settled(self, within_seconds: float) -> dict[str, int]:
        """What is left when all is settled (nothing) or the time is over."""
        give_up_at = time.monotonic() + within_seconds
        while True:
            left = await self.unsettled()
            if not left or time.monotonic() > give_up_at:
                return left
            await asyncio.sleep(_LOOKS_AGAIN_SECONDS)

    async def first_webhook_handled(self, after: datetime) -> datetime | None:
        """When the first webhook was done with that came after this moment."""
        found: datetime | None = (await self._rows(_FIRST_HANDLED, after))[0][0]
        return found

    async def letters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._shop.sandbox.ask("GET", "/mailbox")
        return found

    async def cases(self) -> list[str]:
        """The reasons of all open cases."""
        return [row["reason"] for row in await self._rows(_CASES)]

    async def books(self, crowd: Crowd, defects: Sequence[str]) -> Books:
        """Everything, at one quiet moment."""
        letters = await self.letters()
        return Books(
            orders=await self._orders(),
            payments=[_payment(view) for view in (await self._state())["stripe"]["payments"]],
            shelves=await self._shelves(),
            letters=[
                Letter(to=to, subject=letter["subject"] or "") for letter in letters for to in letter["to"]
            ],
            unfinished=[Work(**row) for row in await self._rows(_UNFINISHED)],
            purchases=crowd.purchases,
            breaches=crowd.transcript.breaches,
            defects=defects,
        )

    async def _orders(self) -> list[OrderBook]:
        cases: dict[str, set[str]] = defaultdict(set)
        for row in await self._rows(_CASES):
            cases[row["id"]].add(row["reason"])
        keepers = {row["id"]: Keeper(row["keeper"]) for row in await self._rows(_KEEPERS)}
        refunded = {row["id"]: row["minor"] for row in await self._rows(_REFUNDED)}
        key = {"Authorization": f"Bearer {self._shop.secret_key}"}
        few = asyncio.Semaphore(_SIDE_BY_SIDE)
        async with httpx.AsyncClient(
            base_url=self._shop.api_url, headers=key, timeout=30, trust_env=False
        ) as api:

            async def book(order_id: str) -> OrderBook:
                async with few:
                    order = await _read(api, f"/v1/orders/{order_id}")
                    explained = await _read(api, f"/v1/orders/{order_id}/timeline")
                known = _order(order, explained)
                return replace(
                    known,
                    refunded=refunded.get(order_id, 0),
                    cases=frozenset(cases[order_id]),
                    keeper=keepers[order_id],
                )

            return await asyncio.gather(*[book(order_id) for order_id in await _order_ids(api)])

    async def _shelves(self) -> list[Shelf]:
        key = {"Authorization": f"Bearer {self._shop.secret_key}"}
        async with httpx.AsyncClient(base_url=self._shop.api_url, headers=key, trust_env=False) as api:
            levels = [await _read(api, f"/v1/stock/{sku}") for sku in RECEIVED]
        ours = [Shelf(delivered=RECEIVED[level["sku"]], **level) for level in levels]
        at_service = (await self._shop.sandbox.ask("GET", "/inventory"))["shelves"]
        return ours + [_shelf_at_service(shelf) for shelf in at_service]

    async def _state(self) -> Any:
        return await self._shop.sandbox.ask("GET", "/state")

    async def _rows(self, query: str, *arguments: object) -> list[Any]:
        connection = await asyncpg.connect(self._database_url)
        try:
            rows: list[Any] = await connection.fetch(query, *arguments)
            return rows
        finally:
            await connection.close()


async def _order_ids(api: httpx.AsyncClient) -> list[str]:
    ids: list[str] = []
    after: str | None = None
    while True:
        page = await _read(api, f"/v1/orders?limit={_PAGE}" + (f"&after={after}" if after else ""))
        ids += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            return ids


async def _read(api: httpx.AsyncClient, path: str) -> Any:
    response = await api.get(path)
    response.raise_for_status()
    return response.json()


def _order(order: Any, explained: Any) -> OrderBook:
    """What the API tells of it."""
    amounts = {row["type"]: row["amount"]["minor"] for row in order["totals"]}
    happened = {event["kind"] for event in explained["events"]}
    balances = {row["account"]: row["balance"]["minor"] for row in explained["balances"]}
    return OrderBook(
        order_id=order["id"],
        email=order["email"],
        status=order["status"],
        total=order["total"]["minor"],
        lines=[Line(line["sku"], line["quantity"]) for line in order["lines"]],
        journal_provider=balances.get("provider", 0),
        journal_shopper=balances.get("shopper", 0),
        tax=amounts.get("tax", 0),
        tax_is_estimated="tax_estimated" in happened,
        delivery=order["delivery"]["amount"]["minor"],
        delivery_is_estimated=order["delivery"]["estimated"],
        waiting=explained["waiting"]["reason"],
        closing_reason=order["closing_reason"],
    )


def _shelf_at_service(shelf: Any) -> Shelf:
    return Shelf(
        sku=shelf["sku"],
        keeper=Keeper.SERVICE,
        delivered=RECEIVED[shelf["sku"]],
        received=shelf["received"],
        held=shelf["reserved"],
        sold=shelf["sold"],
        free=shelf["available"],
    )


def _payment(view: Any) -> ProviderPayment:
    return ProviderPayment(
        reference=view["id"],
        order_id=view["metadata"].get("order_id", ""),
        status=view["status"],
        received=view["amount_received"],
        refunded=view["refunded"],
    )
