"""Customers over the API: registered once an address, shown without what must not be shown, listed."""

from typing import Any, Final

import pytest

from ports.api_keys import Role
from ports.errors import Unavailable
from tests.http.api import Api, problem_of

ADA: Final[dict[str, Any]] = {
    "email": "Ada@example.com",
    "name": "Ada",
    "user_id": "user-7",
    "password": "correct horse",
}


async def registered(api: Api, **changes: Any) -> Any:
    answer = await api.ask("POST", "/v1/customers", {**ADA, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_customer_is_registered_and_read(api: Api) -> None:
    made = await registered(api)
    assert made["email"] == "Ada@example.com"
    assert made["has_password"] is True
    assert [(each["provider"], each["state"]) for each in made["accounts"]] == [("simulated", "registered")]
    assert await api.get(f"/v1/customers/{made['id']}", role=Role.OPERATOR) == made


async def test_neither_password_nor_hash_is_shown(api: Api) -> None:
    made = await registered(api)
    texts = [(await api.ask("GET", path)).text for path in ("/v1/customers", f"/v1/customers/{made['id']}")]
    stored = api.shop.storage.customers[made["id"]].customer.password_hash
    assert stored is not None
    for text in (str(made), *texts):
        assert "correct horse" not in text
        assert stored not in text


async def test_an_address_that_is_taken_names_the_customer_that_has_it(api: Api) -> None:
    made = await registered(api)
    answer = await api.ask("POST", "/v1/customers", {"email": "ADA@EXAMPLE.COM"})
    problem = problem_of(answer)
    assert (problem["status"], problem["code"]) == (409, "email_already_registered")
    assert problem["errors"][0]["path"] == "/email"
    assert made["id"] in problem["errors"][0]["rule"]
    assert "ada@" not in answer.text.lower()


async def test_a_repeat_under_the_same_key_is_the_same_customer(api: Api) -> None:
    first = await api.ask("POST", "/v1/customers", ADA, key="once")
    again = await api.ask("POST", "/v1/customers", ADA, key="once")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    other = await api.ask("POST", "/v1/customers", {**ADA, "password": "another horse"}, key="once")
    assert problem_of(other)["code"] == "idempotency_key_reused"


async def test_a_provider_that_is_away_keeps_nobody_out(api: Api) -> None:
    api.shop.faults.planned.append(("register", "before", Unavailable("away")))
    assert (await registered(api))["accounts"][0]["state"] == "registering"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"email": "ada"}, "/email"),
        ({"email": "ada@example"}, "/email"),
        ({"email": "ada @example.com"}, "/email"),
        ({"email": None}, "/email"),
        ({"password": "short"}, "/password"),
        ({"password": "x" * 257}, "/password"),
        ({"name": ""}, "/name"),
        ({"user_id": "user\x00"}, "/user_id"),
        ({"role": "admin"}, "/role"),
    ],
)
async def test_what_is_wrong_is_named(api: Api, changes: dict[str, Any], path: str) -> None:
    problem = problem_of(await api.ask("POST", "/v1/customers", {**ADA, **changes}))
    assert (problem["code"], problem["errors"][0]["path"]) == ("invalid_request", path)


async def test_customers_are_listed_page_by_page(api: Api) -> None:
    made = [await registered(api, email=f"{n}@example.com") for n in range(3)]
    first = await api.get("/v1/customers?limit=2")
    rest = await api.get(f"/v1/customers?limit=2&after={first['next']}")
    listed = [each["id"] for each in (*first["items"], *rest["items"])]
    assert sorted(listed) == sorted(each["id"] for each in made)
    assert rest["next"] is None


@pytest.mark.parametrize("customer_id", ["cus_" + "0" * 26, "nobody", "ord_" + "0" * 26])
async def test_an_unknown_customer_is_not_found(api: Api, customer_id: str) -> None:
    assert problem_of(await api.ask("GET", f"/v1/customers/{customer_id}"))["code"] == "unknown_customer"
