"""ETags and If-Match, and what a patch keeps and clears."""

import pytest

from tests.http.api import CART, Api, problem_of


async def test_every_answer_with_a_checkout_carries_its_version(api: Api) -> None:
    created = await api.ask("POST", "/v1/checkouts", CART)
    path = f"/v1/checkouts/{created.json()['id']}"
    assert created.headers["etag"] == '"1"'
    changed = await api.ask("PATCH", path, {"name": "B"})
    assert (changed.headers["etag"], changed.json()["version"]) == ('"2"', 2)
    assert (await api.ask("GET", path)).headers["etag"] == '"2"'


@pytest.mark.parametrize("if_match", ['"1"', 'W/"1"', "*", None])
async def test_a_change_of_what_was_read_goes_through(api: Api, if_match: str | None) -> None:
    path = f"/v1/checkouts/{(await api.created())['id']}"
    headers = {"If-Match": if_match} if if_match else {}
    assert (await api.ask("PATCH", path, {"name": "B"}, headers=headers)).status_code == 200


@pytest.mark.parametrize("if_match", ['"2"', '"0"', '"x"', "1", '"1", "2"', '"99999999999999999999"', ""])
@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [("PATCH", "", {"name": "B"}), ("PUT", "", CART), ("PUT", "/delivery", {"option_id": "express"})],
)
async def test_a_change_of_something_else_is_stale(
    api: Api, if_match: str, method: str, tail: str, body: object
) -> None:
    path = f"/v1/checkouts/{(await api.created())['id']}"
    answer = await api.ask(method, path + tail, body, headers={"If-Match": if_match})
    assert (answer.status_code, problem_of(answer)["code"]) == (412, "stale_version")
    assert (await api.get(path))["version"] == 1


async def test_of_two_changes_of_the_same_version_one_is_stale(api: Api) -> None:
    path = f"/v1/checkouts/{(await api.created())['id']}"
    statuses = [
        (await api.ask("PATCH", path, {"name": name}, headers={"If-Match": '"1"'})).status_code
        for name in ("B", "C")
    ]
    assert statuses == [200, 412]
    assert (await api.get(path))["name"] == "B"


async def test_a_patch_keeps_what_is_left_out_and_clears_null(api: Api) -> None:
    path = f"/v1/checkouts/{(await api.created())['id']}"
    kept = (await api.ask("PATCH", path, {})).json()
    assert (kept["email"], kept["name"]) == ("shopper@example.com", "A. Shopper")
    assert len(kept["lines"]) == 1
    cleared = (await api.ask("PATCH", path, {"email": None, "shipping_address": None, "lines": None})).json()
    assert (cleared["email"], cleared["shipping_address"], cleared["lines"]) == (None, None, [])
    assert cleared["name"] == "A. Shopper"


async def test_a_replacement_clears_what_is_left_out(api: Api) -> None:
    path = f"/v1/checkouts/{(await api.created())['id']}"
    replaced = (await api.ask("PUT", path, {"currency": "EUR", "name": "B"})).json()
    assert (replaced["name"], replaced["email"], replaced["lines"]) == ("B", None, [])


async def test_a_checkout_does_not_change_its_currency(api: Api) -> None:
    path = f"/v1/checkouts/{(await api.created())['id']}"
    problem = problem_of(await api.ask("PUT", path, {**CART, "currency": "USD"}))
    assert (problem["code"], problem["errors"][0]["path"]) == ("currency_mismatch", "/currency")
