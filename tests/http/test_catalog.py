"""Products, stock and discount codes, and pages by cursor."""

from typing import Any

import pytest

from ports.api_keys import Role
from tests.http.api import PURCHASE, Api, problem_of

MUG = {
    "title": "Mug",
    "prices": [{"minor": 900, "currency": "EUR"}, {"minor": 1500, "currency": "JPY"}],
    "tax_code": "general",
    "parcel": {"weight_grams": 350, "length_mm": 100, "width_mm": 100, "height_mm": 90},
}


async def test_a_product_is_put_and_read(api: Api) -> None:
    put = await api.ask("PUT", "/v1/products/MUG", MUG)
    assert put.status_code == 200
    assert await api.get("/v1/products/MUG", role=Role.PUBLISHABLE) == {"sku": "MUG", "active": True, **MUG}


async def test_a_product_that_is_not_on_sale_is_listed_for_the_merchant_only(api: Api) -> None:
    await api.ask("PUT", "/v1/products/MUG", {**MUG, "active": False})
    assert problem_of(await api.ask("GET", "/v1/products/MUG"))["code"] == "unknown_product"
    seen = {role: [p["sku"] for p in (await api.get("/v1/products", role=role))["items"]] for role in Role}
    assert seen[Role.PUBLISHABLE] == ["TEA"]
    assert seen[Role.SECRET] == seen[Role.OPERATOR] == ["MUG", "TEA"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"prices": [{"minor": 1, "currency": "EUR"}] * 2}, "/prices/1/currency"),
        ({"prices": [{"minor": -1, "currency": "EUR"}]}, "/prices/0/minor"),
        ({"prices": [{"minor": 10**10, "currency": "EUR"}]}, "/prices/0/minor"),
        ({"prices": [{"minor": 1, "currency": "XXX"}]}, "/prices/0/currency"),
        ({"title": ""}, "/title"),
        ({"parcel": {"weight_grams": -1}}, "/parcel/weight_grams"),
    ],
)
async def test_a_bad_product_is_refused_by_its_field(api: Api, changes: dict[str, Any], path: str) -> None:
    answer = await api.ask("PUT", "/v1/products/MUG", {**MUG, **changes})
    assert answer.status_code == 422
    assert problem_of(answer)["errors"][0]["path"] == path


@pytest.mark.parametrize("sku", ["%00", "%20x", "x" * 65])
async def test_a_strange_sku_is_refused(api: Api, sku: str) -> None:
    for answer in (
        await api.ask("PUT", f"/v1/products/{sku}", MUG),
        await api.ask("POST", f"/v1/stock/{sku}/receipts", {"quantity": 1}),
    ):
        assert (answer.status_code, problem_of(answer)["errors"][0]["path"]) == (422, "/{sku}")


async def test_stock_is_received_and_written_off(api: Api) -> None:
    await api.ask("PUT", "/v1/products/MUG", {**MUG, "active": False})
    received = await api.ask("POST", "/v1/stock/MUG/receipts", {"quantity": 5})
    assert received.json() == {"sku": "MUG", "free": 5, "received": 5, "held": 0, "sold": 0}
    written_off = await api.ask("POST", "/v1/stock/MUG/receipts", {"quantity": -2})
    assert written_off.json()["free"] == 3


async def test_more_than_is_free_is_not_written_off(api: Api) -> None:
    answer = await api.ask("POST", "/v1/stock/TEA/receipts", {"quantity": -11})
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (409, "out_of_stock")
    assert problem["errors"] == [{"path": "/quantity", "rule": "-10 or more: so many can be written off"}]
    assert "line" not in problem["detail"]


async def test_where_none_is_free_or_ever_was_nothing_is_written_off(api: Api) -> None:
    await api.ask("POST", "/v1/stock/TEA/receipts", {"quantity": -10})
    answer = await api.ask("POST", "/v1/stock/TEA/receipts", {"quantity": -1})
    assert problem_of(answer)["errors"] == [{"path": "/quantity", "rule": "above 0: none is free"}]
    await api.ask("PUT", "/v1/products/MUG", MUG)
    unknown = await api.ask("POST", "/v1/stock/MUG/receipts", {"quantity": -1})
    assert (unknown.status_code, problem_of(unknown)["code"]) == (404, "unknown_stock")


@pytest.mark.parametrize("quantity", [5, -1])
async def test_a_sku_that_no_product_has_gets_no_stock(api: Api, quantity: int) -> None:
    answer = await api.ask("POST", "/v1/stock/NOPE/receipts", {"quantity": quantity})
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (404, "unknown_product")
    assert problem["errors"][0]["path"] == "/{sku}"
    assert (await api.ask("GET", "/v1/stock/NOPE")).status_code == 404


@pytest.mark.parametrize("quantity", [10**10, 1.5, "1", None])
async def test_a_strange_number_of_pieces_is_refused(api: Api, quantity: object) -> None:
    answer = await api.ask("POST", "/v1/stock/TEA/receipts", {"quantity": quantity})
    assert (answer.status_code, problem_of(answer)["errors"][0]["path"]) == (422, "/quantity")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"title": "X"}, "/amount"),
        ({"title": "X", "percent_basis_points": 1, "amount": {"minor": 1, "currency": "EUR"}}, "/amount"),
        ({"title": "X", "amount": {"minor": 0, "currency": "EUR"}}, "/amount/minor"),
        ({"title": "X", "amount": {"minor": 1, "currency": "XXX"}}, "/amount/currency"),
        ({"title": "X", "percent_basis_points": 10_001}, "/percent_basis_points"),
        ({"title": "X", "percent_basis_points": 1, "valid_from": "2026-01-01T00:00:00"}, "/valid_from"),
        (
            {"title": "X", "percent_basis_points": 1, "valid_until": "0001-01-01T00:00:00+10:00"},
            "/valid_until",
        ),
    ],
)
async def test_a_bad_discount_is_refused_by_its_field(api: Api, body: object, path: str) -> None:
    answer = await api.ask("PUT", "/v1/discount-codes/SPRING", body)
    assert (answer.status_code, problem_of(answer)["errors"][0]["path"]) == (422, path)


async def test_orders_are_paged_newest_first(api: Api) -> None:
    placed = [(await api.ask("POST", "/v1/orders", PURCHASE)).json()["order"]["id"] for _ in range(3)]
    first = await api.get("/v1/orders?limit=2")
    second = await api.get(f"/v1/orders?limit=2&after={first['next']}")
    assert [row["id"] for row in first["items"] + second["items"]] == placed[::-1]
    assert second["next"] is None


async def test_orders_are_filtered_by_state(api: Api) -> None:
    order = await api.placed()
    await api.bought()
    found = (await api.get("/v1/orders?state=open"))["items"]
    assert [(row["id"], row["state"]) for row in found] == [(order["id"], "open")]


@pytest.mark.parametrize("path", ["/v1/products", "/v1/stock"])
async def test_goods_are_paged_by_sku(api: Api, path: str) -> None:
    for sku in ("A", "B", "Z"):
        await api.ask("PUT", f"/v1/products/{sku}", MUG)
        await api.ask("POST", f"/v1/stock/{sku}/receipts", {"quantity": 1})
    found, after = [], ""
    while True:
        page = await api.get(f"{path}?limit=3{after}")
        found += [row["sku"] for row in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == ["A", "B", "TEA", "Z"]
