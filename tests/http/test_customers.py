"""Customers over the API: registered once an address, shown without what must not be shown, listed."""

from typing import Any, Final

import pytest

from ports.api_keys import Role
from ports.errors import Unavailable
from tests.http.api import ADDRESS, CART, PURCHASE, Api, problem_of

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


async def test_a_customer_saves_a_card_while_paying_and_takes_it_away(api: Api) -> None:
    ada = await registered(api)
    checkout = await api.created(customer_id=ada["id"])
    assert checkout["customer_id"] == ada["id"]
    pays: dict[str, Any] = {"payment": {"instrument": {"token": "pm_card_visa"}}, "save_payment_method": True}
    placed = await api.place(checkout, **pays)
    assert (placed.status_code, placed.json()["customer_id"]) == (201, ada["id"])
    path = f"/v1/customers/{ada['id']}/payment-methods"
    (method,) = (await api.get(path, role=Role.OPERATOR))["items"]
    shown = {name: method[name] for name in ("provider", "kind", "brand", "ending")}
    assert shown == {"provider": "simulated", "kind": "card", "brand": "visa", "ending": "4242"}
    assert method["expires"] == {"year": 2034, "month": 12}
    again = {**PURCHASE, "customer_id": ada["id"], "payment": {"instrument": {"token": method["token"]}}}
    bought = await api.ask("POST", "/v1/orders", again)
    assert bought.json()["order"]["status"] == placed.json()["status"]
    left = await api.ask("POST", f"{path}/{method['token']}/detach")
    assert (left.status_code, left.json()) == (200, {"items": []})


async def test_only_a_secret_key_says_who_is_buying(api: Api) -> None:
    ada = await registered(api)
    answer = await api.ask("POST", "/v1/checkouts", {**CART, "customer_id": ada["id"]}, role=Role.PUBLISHABLE)
    problem = problem_of(answer)
    assert (problem["code"], problem["errors"][0]["path"]) == ("customer_not_allowed", "/customer_id")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_browser_changes_a_customers_checkout_and_not_whose_it_is(api: Api, method: str) -> None:
    ada = await registered(api)
    checkout = await api.created(customer_id=ada["id"])
    path, token = f"/v1/checkouts/{checkout['id']}", checkout["client_token"]
    browser: dict[str, Any] = {"role": Role.PUBLISHABLE, "token": token}
    answer = await api.ask(method, path, {"name": "Ada L."}, **browser)
    assert (answer.json()["name"], answer.json()["customer_id"]) == ("Ada L.", ada["id"])
    refused = await api.ask(method, path, {"customer_id": ada["id"]}, **browser)
    assert problem_of(refused)["code"] == "customer_not_allowed"
    cleared = await api.ask(method, path, {"customer_id": None})
    assert cleared.json()["customer_id"] is None


async def test_an_unknown_buyer_is_named_as_the_field_that_is_wrong(api: Api) -> None:
    for customer_id, code in (("cus_" + "0" * 26, "not_a_customer"), ("somebody", "invalid_request")):
        problem = problem_of(await api.ask("POST", "/v1/checkouts", {**CART, "customer_id": customer_id}))
        assert (problem["code"], problem["errors"][0]["path"]) == (code, "/customer_id")


async def test_a_guest_who_wants_to_save_is_told_why_not(api: Api) -> None:
    problem = problem_of(await api.place(await api.created(), save_payment_method=True))
    assert (problem["code"], problem["errors"][0]["path"]) == ("field_refused", "/save_payment_method")


async def test_saved_methods_of_a_provider_that_is_away_are_not_guessed(api: Api) -> None:
    ada = await registered(api)
    api.shop.faults.planned.append(("methods", "before", Unavailable("away", retry_after_seconds=7)))
    answer = await api.ask("GET", f"/v1/customers/{ada['id']}/payment-methods")
    assert problem_of(answer)["code"] == "service_temporarily_unavailable"
    assert answer.headers["retry-after"] == "7"


async def test_a_customer_is_exported_and_forgotten(api: Api) -> None:
    ada = await registered(api)
    order = (await api.ask("POST", "/v1/orders", {**PURCHASE, "customer_id": ada["id"]})).json()["order"]
    await api.pay(order["id"])
    path = f"/v1/customers/{ada['id']}"
    export = await api.get(f"{path}/export")
    assert export["customer"]["email"] == "Ada@example.com"
    assert [each["id"] for each in export["orders"]] == [order["id"]]
    assert export["orders"][0]["shipping_address"]["line1"] == ADDRESS["line1"]
    assert export["messages"][0]["kind"] == "order_confirmation"
    (payment,) = api.shop.storage.orders[order["id"]].facts.payments
    assert payment.client_secret is not None
    assert payment.client_secret not in str(export)
    gone = await api.ask("POST", f"{path}/delete")
    assert (gone.status_code, gone.json()["state"], gone.json()["email"]) == (200, "deleted", None)
    assert (await api.ask("POST", f"{path}/delete")).json()["state"] == "deleted"
    left = await api.get(f"/v1/orders/{order['id']}")
    assert (left["email"], left["name"], left["total"]) == (None, None, order["total"])
    assert left["shipping_address"] == {
        "country": ADDRESS["country"],
        "postcode": ADDRESS["postcode"],
    }
    assert "ada" not in str(await api.get(f"{path}/export")).lower()


async def test_who_has_an_open_order_is_told_what_is_waited_for(api: Api) -> None:
    ada = await registered(api)
    order = (await api.place(await api.created(customer_id=ada["id"]))).json()
    answer = await api.ask("POST", f"/v1/customers/{ada['id']}/delete")
    problem = problem_of(answer)
    assert (problem["status"], problem["code"]) == (409, "customer_still_needed")
    assert order["id"] in problem["errors"][0]["rule"]
