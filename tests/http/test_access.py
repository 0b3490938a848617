"""Who may do what: a table of roles and routes, tokens that open one checkout, keys that are revoked."""

from datetime import timedelta
from typing import Any, Final

import pytest
from litestar.handlers import HTTPRouteHandler

from entrypoints.http.auth import Access
from ports.api_keys import Role
from tests.http.api import Api, problem_of

PUBLIC, SECRET, OPERATOR = Role.PUBLISHABLE, Role.SECRET, Role.OPERATOR
ALL: Final = frozenset(Role)
MERCHANT: Final = frozenset({SECRET, OPERATOR})
SERVER: Final = frozenset({SECRET})
PEOPLE: Final = frozenset({OPERATOR})

# Method, path, who may, and whether a browser needs its token.
MATRIX: Final[tuple[tuple[str, str, frozenset[Role], bool], ...]] = (
    ("POST", "/v1/checkouts", ALL, False),
    ("GET", "/v1/checkouts/{checkout_id}", ALL, True),
    ("PUT", "/v1/checkouts/{checkout_id}", ALL, True),
    ("PATCH", "/v1/checkouts/{checkout_id}", ALL, True),
    ("GET", "/v1/checkouts/{checkout_id}/delivery-options", ALL, True),
    ("PUT", "/v1/checkouts/{checkout_id}/delivery", ALL, True),
    ("POST", "/v1/checkouts/{checkout_id}/cancel", ALL, True),
    ("POST", "/v1/checkouts/{checkout_id}/place", ALL, True),
    ("POST", "/v1/address-checks", ALL, False),
    ("POST", "/v1/orders", ALL, False),
    ("GET", "/v1/orders", MERCHANT, False),
    ("GET", "/v1/orders/{order_id}", ALL, True),
    ("GET", "/v1/orders/{order_id}/timeline", ALL, True),
    ("POST", "/v1/orders/{order_id}/cancel", ALL, True),
    ("POST", "/v1/orders/{order_id}/payments/confirm", ALL, True),
    ("POST", "/v1/orders/{order_id}/refunds", MERCHANT, False),
    ("GET", "/v1/orders/{order_id}/refunds", ALL, True),
    ("POST", "/v1/orders/{order_id}/shortages", MERCHANT, False),
    ("GET", "/v1/reconciliations", MERCHANT, False),
    ("GET", "/v1/reconciliations/{reconciliation_id}", MERCHANT, False),
    ("POST", "/v1/customers", SERVER, False),
    ("GET", "/v1/customers", MERCHANT, False),
    ("GET", "/v1/customers/{customer_id}", MERCHANT, False),
    ("GET", "/v1/customers/{customer_id}/export", SERVER, False),
    ("POST", "/v1/customers/{customer_id}/delete", SERVER, False),
    ("GET", "/v1/customers/{customer_id}/payment-methods", MERCHANT, False),
    ("POST", "/v1/customers/{customer_id}/payment-methods/{token}/detach", SERVER, False),
    ("GET", "/v1/plans", ALL, False),
    ("GET", "/v1/plans/{plan_id}", ALL, False),
    ("PUT", "/v1/plans/{plan_id}", SERVER, False),
    ("POST", "/v1/subscriptions", SERVER, False),
    ("GET", "/v1/subscriptions", MERCHANT, False),
    ("GET", "/v1/subscriptions/{subscription_id}", MERCHANT, False),
    ("POST", "/v1/subscriptions/{subscription_id}/plan", SERVER, False),
    ("POST", "/v1/subscriptions/{subscription_id}/cancel", SERVER, False),
    ("GET", "/v1/subscriptions/{subscription_id}/invoices", MERCHANT, False),
    ("GET", "/v1/subscriptions/{subscription_id}/timeline", MERCHANT, False),
    ("GET", "/v1/products", ALL, False),
    ("GET", "/v1/products/{sku}", ALL, False),
    ("PUT", "/v1/products/{sku}", SERVER, False),
    ("GET", "/v1/cases", MERCHANT, False),
    ("GET", "/v1/cases/{case_id}", MERCHANT, False),
    ("GET", "/v1/cases/{case_id}/preview", MERCHANT, False),
    ("POST", "/v1/cases/{case_id}/assign", PEOPLE, False),
    ("POST", "/v1/cases/{case_id}/resolve", PEOPLE, False),
    ("GET", "/v1/payments", MERCHANT, False),
    ("GET", "/v1/payment-statistics", PEOPLE, False),
    ("GET", "/v1/parked-work", MERCHANT, False),
    ("POST", "/v1/parked-work/{work_id}/replay", PEOPLE, False),
    ("GET", "/v1/stock", ALL, False),
    ("GET", "/v1/stock/{sku}", ALL, False),
    ("POST", "/v1/stock/{sku}/receipts", SERVER, False),
    ("PUT", "/v1/discount-codes/{code}", SERVER, False),
)
KEYLESS: Final = {
    ("POST", "/v1/webhooks/adyen"),
    ("POST", "/v1/webhooks/stripe"),
    ("GET", "/returns/{return_id}"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
}


def path_of(template: str) -> str:
    missing = "0" * 26
    names = {"checkout_id": f"chk_{missing}", "order_id": f"ord_{missing}", "sku": "TEA", "code": "SPRING"}
    names |= {"case_id": f"case_{missing}", "work_id": f"msg_{missing}", "customer_id": f"cus_{missing}"}
    names |= {"plan_id": "gold", "subscription_id": f"sub_{missing}"}
    names["token"] = "pm_1"
    return template.format(**names, reconciliation_id=f"rec_{missing}")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "template", "allowed", "needs_token"), MATRIX)
async def test_a_role_may_do_what_the_table_says(
    api: Api, *, role: Role, method: str, template: str, allowed: frozenset[Role], needs_token: bool
) -> None:
    answer = await api.ask(method, path_of(template), role=role, token="foreign" if needs_token else None)
    # An empty body and unknown ids are refused too, but only behind the door.
    assert (answer.status_code == 403) == (role not in allowed), answer.text


@pytest.mark.parametrize(("method", "template", "allowed", "needs_token"), MATRIX)
async def test_a_browser_without_a_token_may_create_and_look_at_goods_only(
    api: Api, method: str, template: str, allowed: frozenset[Role], needs_token: bool
) -> None:
    answer = await api.ask(method, path_of(template), role=PUBLIC)
    assert (answer.status_code == 403) == (needs_token or PUBLIC not in allowed)


@pytest.mark.parametrize(("method", "template"), [row[:2] for row in MATRIX])
async def test_nobody_gets_in_without_a_key(api: Api, method: str, template: str) -> None:
    answer = await api.ask(method, path_of(template), role=None)
    assert problem_of(answer)["code"] == "unauthenticated"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "authorization", ["Bearer", "Bearer fc_sk_unknown", "Basic dTpw", "fc_sk_x", "Bearer \xe9"]
)
async def test_a_key_that_is_none_is_refused(api: Api, authorization: str) -> None:
    headers = {"Authorization": authorization}
    raw = [(b"Authorization", headers["Authorization"].encode("latin-1"))]
    answer = await api.http.request("GET", "/v1/products", headers=raw)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/v1/orders", "secret or operator"),
        ("POST", "/v1/customers", "secret"),
        ("GET", "/v1/payment-statistics", "operator"),
    ],
)
async def test_who_may_not_is_told_whose_key_it_takes(api: Api, method: str, path: str, needed: str) -> None:
    problem = problem_of(await api.ask(method, path, role=PUBLIC))
    assert problem["code"] == "forbidden"
    assert problem["detail"].startswith(f"Use a key of the role {needed}; ")


async def test_the_schema_says_of_every_operation_whose_key_it_takes(api: Api) -> None:
    paths = (await api.http.get("/schema/openapi.json")).json()["paths"]
    told = {
        (method.upper(), path): operation["description"].splitlines()[-1]
        for path, item in paths.items()
        for method, operation in item.items()
    }
    for method, path, allowed, needs_token in MATRIX:
        if allowed == ALL:
            token = "; a publishable key together with its Client-Token" if needs_token else ""
            expected = f"Takes a key of any role{token}."
        else:
            roles = [role.value for role in Role if role in allowed]
            expected = f"Takes a key of the role {' or '.join(roles)}."
        assert told[method, path] == expected
    assert not any("Takes a key" in told[route] for route in KEYLESS)


def test_the_table_names_every_route(api: Api) -> None:
    assert set(_routes(api)) == {row[:2] for row in MATRIX} | KEYLESS


def test_every_route_says_whom_it_lets_in(api: Api) -> None:
    undecided = {
        route
        for route, handler in _routes(api).items()
        if route[1].startswith("/v1") and not isinstance(handler.opt.get("access"), Access)
    }
    assert undecided == set()


async def test_a_token_opens_its_own_checkout_only(api: Api) -> None:
    mine, theirs = await api.created(PUBLIC), await api.created(PUBLIC)
    path = f"/v1/checkouts/{theirs['id']}"
    answer = await api.ask("GET", path, role=PUBLIC, token=mine["client_token"])
    assert problem_of(answer)["code"] == "unknown_checkout"
    for method, tail in (("PATCH", ""), ("PUT", ""), ("POST", "/cancel"), ("GET", "/delivery-options")):
        answer = await api.ask(method, path + tail, {}, role=PUBLIC, token=mine["client_token"])
        assert answer.status_code == 404, (method, tail)


async def test_a_token_opens_its_own_order_only(api: Api) -> None:
    mine, theirs = await api.bought(), await api.bought()
    path, token = f"/v1/orders/{theirs['order']['id']}", mine["client_token"]
    for method, tail in (("GET", ""), ("GET", "/timeline"), ("GET", "/refunds"), ("POST", "/cancel")):
        answer = await api.ask(method, path + tail, role=PUBLIC, token=token)
        assert problem_of(answer)["code"] == "unknown_order"
    assert (await api.pay(theirs["order"]["id"], role=PUBLIC, token=token)).status_code == 404


async def test_a_browser_sets_no_prices(api: Api) -> None:
    lines = [{"sku": "TEA", "quantity": 1, "unit_price": {"minor": 1, "currency": "EUR"}}]
    answer = await api.ask("POST", "/v1/checkouts", {"currency": "EUR", "lines": lines}, role=PUBLIC)
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (403, "price_not_allowed")
    assert problem["errors"][0]["path"] == "/lines/0/unit_price"
    checkout = await api.created(PUBLIC)
    for method in ("PUT", "PATCH"):
        path, token = f"/v1/checkouts/{checkout['id']}", checkout["client_token"]
        answer = await api.ask(method, path, {"lines": lines}, role=PUBLIC, token=token)
        assert problem_of(answer)["code"] == "price_not_allowed"


async def test_a_browser_is_told_what_is_free_and_nothing_of_sales(api: Api) -> None:
    assert await api.get("/v1/stock/TEA", role=PUBLIC) == {"sku": "TEA", "free": 10}
    assert (await api.get("/v1/stock/TEA", role=OPERATOR))["received"] == 10


async def test_a_revoked_key_is_refused_within_five_seconds(api: Api) -> None:
    await api.get("/v1/products")
    await api.use_cases.api_keys.revoke(api.keys[SECRET].key.id, api.shop.clock.now())
    api.shop.clock.advance(timedelta(seconds=5))
    assert (await api.ask("GET", "/v1/products")).status_code == 401


def _routes(api: Api) -> dict[tuple[str, str], Any]:
    return {
        (method, route.path_format): handler
        for route in api.app.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and not route.path.startswith("/schema")
        for method in handler.http_methods
        if method != "OPTIONS"
    }
