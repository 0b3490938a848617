"""Answers that are kept in the commit that they tell of: the API in process, over a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextvars import copy_context
from typing import Any, Final

import httpx
import pytest

from adapters.postgres.connections import Connections
from adapters.postgres.idempotency import PostgresIdempotencyStore
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.postgres.watched_connection import WatchedConnection
from domain.order import ClosingReason
from domain.order_facts import OrderFacts
from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.resources import open_resources
from entrypoints.settings import settings_from
from ports.api_keys import Role
from ports.errors import ConcurrentChange
from ports.idempotency import PendingClaim, StoredAnswer
from tests.builders import NOW, a_product, new_id, pieces, placed_facts
from tests.http.api import ADDRESS, client_of

KEPT: Final = StoredAnswer(status=201, content_type="application/json", body=b'{"kept": true}')


class Api:
    """Counts what it asks of the database while a request is at work."""

    def __init__(self, http: httpx.AsyncClient, secret: str) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {secret}"}
        self.statements = 0

    async def ask(self, method: str, path: str, body: object, key: str | None = None) -> httpx.Response:
        self.statements = 0
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        return await self._http.request(method, path, json=body, headers=headers)


@pytest.fixture
async def api(new_database_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    settings = settings_from({"DATABASE_URL": new_database_url(), "FASTCART_PAYMENTS": "simulated"})
    async with open_resources(settings) as resources:
        container = Container(settings=settings, resources=resources)
        async with PostgresUnitOfWork(resources.pool) as uow:
            await uow.catalog.put([a_product("TEA")])
            await uow.stock.receive(pieces(TEA=10))
            await uow.commit()
        key = await container.create_api_key()(Role.SECRET, "tests")
        async with client_of(create_app(container.use_cases())) as http:
            made = Api(http, key.secret)
            ask = WatchedConnection.ask

            async def counted(connection: WatchedConnection, *arguments: Any) -> Any:
                made.statements += 1
                return await ask(connection, *arguments)

            monkeypatch.setattr(WatchedConnection, "ask", counted)
            await made.ask("GET", "/v1/orders", None)
            yield made


def cart(**more: object) -> dict[str, object]:
    return {
        "currency": "EUR",
        "lines": [{"sku": "TEA", "quantity": 1}],
        "email": "shopper@example.com",
        "name": "A. Shopper",
        "shipping_address": ADDRESS,
        "delivery_option_id": "standard",
        **more,
    }


async def a_purchase(api: Api, **more: object) -> dict[str, object]:
    total = (await api.ask("POST", "/v1/checkouts", cart())).json()["total"]
    return cart(accepted_total=total, **more)


def without_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every process died as soon as it has answered."""

    async def dies(*_: object) -> None:
        raise AssertionError("the answer is kept already")

    monkeypatch.setattr(PostgresIdempotencyStore, "keep", dies)


async def repeats(api: Api, path: str, body: object, statements: int) -> httpx.Response:
    """Asks twice, and checks that the second answer is the first, byte for byte."""
    first = await api.ask("POST", path, body, key="one")
    assert first.is_success, first.text
    assert api.statements == statements
    again = await api.ask("POST", path, body, key="one")
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    return first


async def test_a_purchase_in_one_call_takes_four_statements_and_keeps_its_answer(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    purchase = await a_purchase(api, payment={"instrument": {"token": "pm_card_visa"}})
    without_keeping(monkeypatch)
    bought = (await repeats(api, "/v1/orders", purchase, statements=4)).json()
    assert bought["order"]["status"] == "paid"
    assert bought["client_token"]


async def test_an_order_that_is_placed_and_then_paid_keeps_both_answers(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = (await api.ask("POST", "/v1/checkouts", cart())).json()
    placement = {"version": checkout["version"], "accepted_total": checkout["total"]}
    without_keeping(monkeypatch)
    order = (await repeats(api, f"/v1/checkouts/{checkout['id']}/place", placement, statements=3)).json()
    payment = {"instrument": {"token": "pm_card_visa"}}
    paid = await repeats(api, f"/v1/orders/{order['id']}/payments/confirm", payment, statements=4)
    assert paid.json()["status"] == "paid"
    assert (await api.ask("GET", f"/v1/orders/{order['id']}", None)).json() == paid.json()


async def test_a_decline_is_kept_as_it_was_answered(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    token = "pm_card_chargeDeclined"
    purchase = await a_purchase(api, payment={"instrument": {"token": token}})
    without_keeping(monkeypatch)
    declined = (await repeats(api, "/v1/orders", purchase, statements=3)).json()
    assert declined["order"]["payment"]["decline"]["reason"]


async def test_a_purchase_that_is_refused_keeps_its_refusal(api: Api) -> None:
    purchase = await a_purchase(api)
    purchase["lines"] = [{"sku": "TEA", "quantity": 11}]
    refused = [await api.ask("POST", "/v1/orders", purchase, key="one") for _ in range(2)]
    assert {answer.status_code for answer in refused} == {409}
    assert refused[1].headers["idempotent-replayed"] == "true"
    assert refused[0].content == refused[1].content


async def an_order(pool: Connections) -> OrderFacts:
    facts = placed_facts()
    async with PostgresUnitOfWork(pool) as uow:
        await uow.orders.add(facts, NOW)
        await uow.commit()
        kept = await uow.orders.get(facts.order.id)
    assert kept is not None
    return kept


async def cancel(pool: Connections, facts: OrderFacts, claim: PendingClaim, *, commit: bool = True) -> None:
    claim.answer_of = lambda _: KEPT
    async with PostgresUnitOfWork(pool) as uow:
        await uow.orders.get(facts.order.id)
        await uow.orders.save(facts, facts.closed(ClosingReason.SHOPPER, NOW), None, is_last=True)
        if commit:
            await uow.commit()


async def test_an_answer_is_kept_with_the_order(pool: Connections) -> None:
    facts, store, key = await an_order(pool), PostgresIdempotencyStore(pool), new_id("key")
    with store.claiming("scope", key, b"same", NOW) as claim:
        await cancel(pool, facts, claim)
        assert claim.kept == KEPT
    assert (await store.claim("scope", key, b"same", NOW)).answer == KEPT


async def test_no_answer_is_kept_when_somebody_else_was_quicker(pool: Connections) -> None:
    facts, store, key = await an_order(pool), PostgresIdempotencyStore(pool), new_id("key")
    with store.claiming("scope", new_id("key"), b"quicker", NOW) as claim:
        await cancel(pool, facts, claim)
    with store.claiming("scope", key, b"same", NOW) as claim:
        with pytest.raises(ConcurrentChange):
            await cancel(pool, facts, claim)
        assert claim.kept is None
    assert (await store.claim("scope", key, b"same", NOW)).answer is None


async def test_no_answer_is_kept_without_the_commit(pool: Connections) -> None:
    facts, store, key = await an_order(pool), PostgresIdempotencyStore(pool), new_id("key")
    with store.claiming("scope", key, b"same", NOW) as claim:
        await cancel(pool, facts, claim, commit=False)
        assert claim.kept is None
    assert (await store.claim("scope", key, b"same", NOW)).answer is None


async def test_what_outlives_its_request_keeps_no_answer_for_it(pool: Connections) -> None:
    facts, store, key = await an_order(pool), PostgresIdempotencyStore(pool), new_id("key")
    with store.claiming("scope", key, b"same", NOW) as claim:
        claim.answer_of = lambda _: KEPT
        async with PostgresUnitOfWork(pool) as uow:
            await uow.orders.get(facts.order.id)
        outliving = copy_context()

    async def goes_on() -> None:
        async with PostgresUnitOfWork(pool) as uow:
            await uow.orders.save(facts, facts.closed(ClosingReason.SHOPPER, NOW), None, is_last=True)
            await uow.commit()

    await asyncio.create_task(goes_on(), context=outliving)
    assert (await store.claim("scope", key, b"same", NOW)).answer is None
