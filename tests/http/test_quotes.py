"""Nobody pays a price that they didn't see, or for what is gone."""

from ports.api_keys import Role
from tests.http.api import PURCHASE, TOTAL, Api, problem_of

DEARER = {"title": "Tea", "prices": [{"minor": 1300, "currency": "EUR"}]}


async def test_a_price_that_changed_comes_back_as_a_new_quote_to_accept(api: Api) -> None:
    checkout = await api.created()
    await api.ask("PUT", "/v1/products/TEA", DEARER)
    answer = await api.place(checkout)
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"], problem["total_minor"]) == (409, "quote_changed", 2142)
    new = problem["checkout"]
    assert (new["total"]["minor"], new["version"], new["state"]) == (2142, 2, "ready")
    assert "client_token" not in new
    accepted = await api.place(new)
    assert (accepted.status_code, accepted.json()["total"]["minor"]) == (201, 2142)


async def test_the_old_version_is_not_placed_after_the_price_changed(api: Api) -> None:
    checkout = await api.created()
    await api.ask("PUT", "/v1/products/TEA", DEARER)
    await api.place(checkout)
    assert problem_of(await api.place(checkout))["code"] == "stale_version"


async def test_the_single_call_with_an_old_price_tells_the_new_one(api: Api) -> None:
    await api.ask("PUT", "/v1/products/TEA", DEARER)
    problem = problem_of(await api.ask("POST", "/v1/orders", PURCHASE))
    assert (problem["code"], problem["total_minor"]) == ("quote_changed", 2142)
    assert problem["errors"][0]["path"] == "/accepted_total"
    assert not api.shop.storage.orders


async def test_stock_that_ran_out_is_named_when_placing(api: Api) -> None:
    checkout = await api.created(lines=[{"sku": "TEA", "quantity": 4}])
    for _ in range(7):
        await api.bought()
    problem = problem_of(await api.place(checkout))
    assert problem["code"] == "checkout_not_ready"
    assert [message["code"] for message in problem["messages"]] == ["out_of_stock"]
    assert problem["messages"][0]["path"] == "/lines/0/quantity"


async def test_lines_that_are_too_many_together_are_named_by_their_goods(api: Api) -> None:
    lines = [{"sku": "TEA", "quantity": 6}, {"sku": "TEA", "quantity": 6}]
    answer = await api.place(await api.created(lines=lines))
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"], problem["skus"]) == (409, "out_of_stock", ["TEA"])
    assert problem["errors"][0]["path"] == "/lines"
    assert not api.shop.storage.orders


async def test_a_product_taken_off_sale_is_refused_by_its_line(api: Api) -> None:
    checkout = await api.created()
    await api.ask("PUT", "/v1/products/TEA", {**DEARER, "active": False})
    problem = problem_of(await api.place(checkout))
    assert (problem["code"], problem["errors"][0]["path"]) == ("unknown_sku", "/lines/0/sku")


async def test_a_discount_code_lowers_the_total_to_accept(api: Api) -> None:
    await api.ask("PUT", "/v1/discount-codes/SPRING", {"title": "Spring", "percent_basis_points": 1000})
    checkout = await api.created(Role.PUBLISHABLE, discount_code="spring")
    assert checkout["discount_code"] == "SPRING"
    assert [row["type"] for row in checkout["totals"]][1] == "discount"
    assert checkout["total"]["minor"] < TOTAL["minor"]
