"""Idempotency-Key: a repeat gets the first answer, and has no second effect."""

import asyncio
from typing import Any, Final

import pytest

from application.place_order import PlaceOrder
from ports.api_keys import Role
from ports.errors import OutcomeUnknown, Unavailable
from ports.idempotency import StoredAnswer
from tests.http.api import CART, PURCHASE, Api, client_of, problem_of

KEY: Final = "3f1d3c1e-6d0b-4d8e-a3f2-5b8f5f3b1c11"


async def test_a_repeat_gets_the_first_answer_again(api: Api) -> None:
    first = await api.ask("POST", "/v1/checkouts", CART, key=KEY)
    again = await api.ask("POST", "/v1/checkouts", CART, key=KEY)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert len(api.shop.storage.checkouts) == 1


async def test_a_repeat_of_a_purchase_charges_once(api: Api) -> None:
    answers = [await api.ask("POST", "/v1/orders", PURCHASE, key=KEY) for _ in range(3)]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert len(api.shop.storage.orders) == 1
    assert api.shop.stock.sold == 1


async def test_a_refusal_is_repeated_too(api: Api) -> None:
    body = {**PURCHASE, "accepted_total": {"minor": 1, "currency": "EUR"}}
    first = await api.ask("POST", "/v1/orders", body, key=KEY)
    again = await api.ask("POST", "/v1/orders", body, key=KEY)
    assert problem_of(again) == problem_of(first)
    assert again.headers["idempotent-replayed"] == "true"


async def test_the_same_key_with_another_body_is_refused(api: Api) -> None:
    await api.ask("POST", "/v1/checkouts", CART, key=KEY)
    answer = await api.ask("POST", "/v1/checkouts", {**CART, "name": "B"}, key=KEY)
    assert (answer.status_code, problem_of(answer)["code"]) == (422, "idempotency_key_reused")


async def test_a_request_that_broke_off_on_its_way_takes_no_key(api: Api) -> None:
    async def broken_off(scope: Any, receive: Any, send: Any) -> None:
        parts = [{"type": "http.request", "body": b'{"cur', "more_body": True}, {"type": "http.disconnect"}]

        async def half() -> Any:
            return parts.pop(0)

        await api.app(scope, half, send)

    whole, api.http = api.http, client_of(broken_off)  # type: ignore[arg-type]  # an application like any other
    await api.ask("POST", "/v1/checkouts", CART, key=KEY)
    api.http = whole
    assert (await api.ask("POST", "/v1/checkouts", CART, key=KEY)).status_code == 201


async def test_the_same_key_and_body_with_another_if_match_is_refused(api: Api) -> None:
    path = f"/v1/checkouts/{(await api.created())['id']}"
    await api.ask("PATCH", path, {"name": "B"}, key=KEY, headers={"If-Match": '"1"'})
    answer = await api.ask("PATCH", path, {"name": "B"}, key=KEY, headers={"If-Match": '"2"'})
    assert problem_of(answer)["code"] == "idempotency_key_reused"


async def test_keys_belong_to_their_caller_and_route(api: Api) -> None:
    one = await api.ask("POST", "/v1/checkouts", CART, key=KEY)
    two = await api.ask("POST", "/v1/checkouts", CART, key=KEY, role=Role.PUBLISHABLE)
    assert one.json()["id"] != two.json()["id"]
    bought = await api.ask("POST", "/v1/orders", PURCHASE, key=KEY)
    assert bought.status_code == 201


async def test_a_request_in_flight_is_told_apart(api: Api) -> None:
    class Stuck(PlaceOrder):
        async def place(self, *args: Any, **kwargs: Any) -> Any:
            started.set()
            await released.wait()
            return await super().place(*args, **kwargs)

    started, released = asyncio.Event(), asyncio.Event()
    api.use_cases.buy_now._place.__class__ = Stuck
    first = asyncio.create_task(api.ask("POST", "/v1/orders", PURCHASE, key=KEY))
    await started.wait()
    second = await api.ask("POST", "/v1/orders", PURCHASE, key=KEY)
    released.set()
    assert (second.status_code, problem_of(second)["code"]) == (409, "request_in_flight")
    assert second.headers["retry-after"] == "1"
    assert (await first).status_code == 201


async def test_a_slow_request_gives_signs_of_life(api: Api, monkeypatch: Any) -> None:
    class Slow(PlaceOrder):
        async def place(self, *args: Any, **kwargs: Any) -> Any:
            await seen.wait()
            return await super().place(*args, **kwargs)

    async def renew(scope: str, key: str, claimed_at: object, now: object) -> None:
        signs.append(key)
        seen.set()

    seen, signs = asyncio.Event(), list[str]()
    api.use_cases.buy_now._place.__class__ = Slow
    monkeypatch.setattr("entrypoints.http.idempotency._SIGN_OF_LIFE_SECONDS", 0.001)
    monkeypatch.setattr(api.use_cases.idempotency, "renew", renew)
    assert (await api.ask("POST", "/v1/orders", PURCHASE, key=KEY)).status_code == 201
    assert KEY in signs
    given = len(signs)
    await asyncio.sleep(0.01)
    assert len(signs) == given, "an answered request gives no sign of life any more"


@pytest.mark.parametrize("error", [Unavailable("down", 7), OutcomeUnknown("lost")])
async def test_what_invites_a_repeat_is_not_kept(api: Api, error: Exception) -> None:
    taxes = api.use_cases.open_checkout._quote._taxes

    class Down:
        async def calculate(self, question: object) -> Any:
            raise error

    api.use_cases.open_checkout._quote._taxes = Down()
    refused = await api.ask("POST", "/v1/orders", PURCHASE, key=KEY)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == ("7" if isinstance(error, Unavailable) else "2")
    api.use_cases.open_checkout._quote._taxes = taxes
    assert (await api.ask("POST", "/v1/orders", PURCHASE, key=KEY)).status_code == 201


async def test_a_repeat_after_a_crash_finds_the_order_that_was_made(api: Api, monkeypatch: Any) -> None:
    """The order is committed, and the process dies before its answer is kept."""
    first = await api.ask("POST", "/v1/orders", PURCHASE, key=KEY)
    monkeypatch.setattr(api.use_cases.idempotency, "_records", {})
    again = await api.ask("POST", "/v1/orders", PURCHASE, key=KEY)
    assert again.status_code == 201
    assert again.json()["order"]["id"] == first.json()["order"]["id"]
    assert again.json()["client_token"] is None
    assert (len(api.shop.storage.orders), api.shop.stock.sold) == (1, 1)


async def test_a_repeat_after_a_crash_finds_the_order_though_nothing_is_left(
    api: Api, monkeypatch: Any
) -> None:
    lines = [{"sku": "TEA", "quantity": 10}]
    accepted = (await api.created(lines=lines))["total"]
    purchase = {**PURCHASE, "lines": lines, "accepted_total": accepted}
    first = await api.ask("POST", "/v1/orders", purchase, key=KEY)
    monkeypatch.setattr(api.use_cases.idempotency, "_records", {})
    again = await api.ask("POST", "/v1/orders", purchase, key=KEY)
    assert again.json()["order"]["id"] == first.json()["order"]["id"]


async def test_an_answer_that_cant_be_kept_is_given_all_the_same(api: Api, monkeypatch: Any) -> None:
    async def fails(scope: str, key: str, claimed_at: object, answer: StoredAnswer) -> None:
        raise Unavailable("database")

    monkeypatch.setattr(api.use_cases.idempotency, "keep", fails)
    assert (await api.ask("POST", "/v1/orders", PURCHASE, key=KEY)).status_code == 201


async def test_placing_a_checkout_twice_makes_one_order_whatever_the_keys(api: Api) -> None:
    checkout = await api.created()
    first, second = await api.place(checkout), await api.place(checkout)
    assert first.json()["id"] == second.json()["id"]
    assert len(api.shop.storage.orders) == 1


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/checkouts/x/place", "/v1/orders/x/payments/confirm"])
async def test_what_moves_money_needs_a_key(api: Api, path: str) -> None:
    answer = await api.ask("POST", path, PURCHASE, key="")
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (400, "idempotency_key_missing")
    assert "UUID" in problem["detail"]


@pytest.mark.parametrize("key", ["x" * 256, "a\tb", "\xe9"])
async def test_a_strange_key_is_refused(api: Api, key: str) -> None:
    raw = [
        (b"Authorization", f"Bearer {api.keys[Role.SECRET].secret}".encode()),
        (b"Idempotency-Key", key.encode("latin-1")),
    ]
    answer = await api.http.request("POST", "/v1/checkouts", json=CART, headers=raw)
    assert (answer.status_code, problem_of(answer)["code"]) == (400, "idempotency_key_invalid")


async def test_a_key_of_255_characters_is_taken(api: Api) -> None:
    assert (await api.ask("POST", "/v1/checkouts", CART, key="~" * 255)).status_code == 201


async def test_pieces_that_arrived_count_once_when_the_answer_was_not_kept(
    api: Api, monkeypatch: Any
) -> None:
    """The receipt is committed, and nobody learned of it: a lost COMMIT, or a process that died."""
    first = await api.ask("POST", "/v1/stock/TEA/receipts", {"quantity": 5}, key=KEY)
    monkeypatch.setattr(api.use_cases.idempotency, "_records", {})
    again = await api.ask("POST", "/v1/stock/TEA/receipts", {"quantity": 5}, key=KEY)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    other = await api.ask("POST", "/v1/stock/TEA/receipts", {"quantity": 5})
    assert other.json()["received"] == first.json()["received"] + 5
