"""Every bad input is answered with a problem that names the field and the remedy, never with a 500."""

from dataclasses import replace
from typing import Any, Final

import pytest

from tests.http.api import ADDRESS, CART, LINES, PURCHASE, TOTAL, Api, problem_of

ANY_ORDER: Final = "ord_" + "0" * 26
ANY_CHECKOUT: Final = "chk_" + "0" * 26


def line(**changes: Any) -> dict[str, Any]:
    return {"lines": [{"sku": "TEA", "quantity": 1, **changes}]}


# What is changed in a good cart, the answer's code, and the field that it names.
CARTS: Final[dict[str, tuple[dict[str, Any], str, str]]] = {
    "an unknown SKU": (line(sku="NOPE"), "unknown_sku", "/lines/0/sku"),
    "an empty SKU": (line(sku=""), "invalid_request", "/lines/0/sku"),
    "a SKU with a NUL": (line(sku="TE\0A"), "invalid_request", "/lines/0/sku"),
    "no pieces": (line(quantity=0), "invalid_request", "/lines/0/quantity"),
    "negative pieces": (line(quantity=-1), "invalid_request", "/lines/0/quantity"),
    "more pieces than allowed": (line(quantity=10_000), "field_refused", "/lines/0/quantity"),
    "absurdly many pieces": (line(quantity=10**30), "invalid_request", "/lines/0/quantity"),
    "pieces as a text": (line(quantity="1"), "invalid_request", "/lines/0/quantity"),
    "pieces as a fraction": (line(quantity=1.5), "invalid_request", "/lines/0/quantity"),
    "pieces as a truth": (line(quantity=True), "invalid_request", "/lines/0/quantity"),
    "a price in another currency": (
        line(unit_price={"minor": 1, "currency": "USD"}),
        "currency_mismatch",
        "/lines/0/unit_price/currency",
    ),
    "a negative price": (
        line(unit_price={"minor": -1, "currency": "EUR"}),
        "invalid_request",
        "/lines/0/unit_price/minor",
    ),
    "a huge price": (
        line(unit_price={"minor": 10**12, "currency": "EUR"}),
        "invalid_request",
        "/lines/0/unit_price/minor",
    ),
    "a strange line id": (line(id="line_1"), "invalid_request", "/lines/0/id"),
    "too many lines": ({"lines": LINES * 201}, "field_refused", "/lines"),
    "lines that are no list": ({"lines": {}}, "invalid_request", "/lines"),
    "an unknown field": ({"coupon": "X"}, "invalid_request", "/coupon"),
    "an unknown field in a line": (line(price=1), "invalid_request", "/lines/0/price"),
    "an unknown currency": ({"currency": "XXX"}, "unknown_currency", "/currency"),
    "a currency that is none": ({"currency": "euro"}, "invalid_request", "/currency"),
    "a currency without a price": ({"currency": "USD"}, "no_price_in_currency", "/lines/0/sku"),
    "a country that isn't delivered to": (
        {"shipping_address": {**ADDRESS, "country": "AQ"}},
        "field_refused",
        "/shipping_address/country",
    ),
    "a country that is none": (
        {"shipping_address": {**ADDRESS, "country": "Germany"}},
        "invalid_request",
        "/shipping_address/country",
    ),
    "a country with a line feed": (
        {"billing_address": {**ADDRESS, "country": "D\n"}},
        "invalid_request",
        "/billing_address/country",
    ),
    "an address without a country": (
        {"shipping_address": {"city": "Berlin"}},
        "invalid_request",
        "/shipping_address/country",
    ),
    "a name with a NUL": ({"name": "A\0B"}, "invalid_request", "/name"),
    "a name with a line feed at its end": ({"name": "A\n"}, "invalid_request", "/name"),
    "a name that is too long": ({"name": "x" * 121}, "invalid_request", "/name"),
    "a name that is a number": ({"name": 5}, "invalid_request", "/name"),
    "an e-mail address that is none": ({"email": "shopper"}, "invalid_request", "/email"),
    "an e-mail address with another header": (
        {"email": "a@example.com\nBcc: b@example.com"},
        "invalid_request",
        "/email",
    ),
    "a return to a script": ({"return_url": "javascript:alert(1)"}, "invalid_request", "/return_url"),
    "an unknown discount code": ({"discount_code": "NOPE"}, "unknown_discount_code", "/discount_code"),
    "an unknown delivery option": (
        {"delivery_option_id": "drone"},
        "unknown_delivery_option",
        "/delivery_option_id",
    ),
}


@pytest.mark.parametrize("name", CARTS)
async def test_a_bad_cart_is_refused_by_its_field(api: Api, name: str) -> None:
    changes, code, path = CARTS[name]
    answer = await api.ask("POST", "/v1/checkouts", {**CART, **changes})
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (422, code)
    assert problem["errors"][0]["path"] == path
    assert problem["errors"][0]["rule"]


@pytest.mark.parametrize("name", CARTS)
async def test_the_single_call_refuses_it_too_and_leaves_nothing_behind(api: Api, name: str) -> None:
    changes, code, _ = CARTS[name]
    answer = await api.ask("POST", "/v1/orders", {**PURCHASE, **changes})
    # The accepted total is in euros.
    expected = "currency_mismatch" if code == "no_price_in_currency" else code
    assert problem_of(answer)["code"] == expected
    assert not api.shop.storage.orders
    assert not api.shop.storage.checkouts


async def test_a_currency_is_not_left_out(api: Api) -> None:
    problem = problem_of(await api.ask("POST", "/v1/checkouts", {"lines": LINES}))
    assert problem["errors"] == [{"path": "/currency", "rule": "given: it is required"}]


@pytest.mark.parametrize(
    ("content", "code", "status"),
    [
        (b"{", "malformed_body", 400),
        (b"", "malformed_body", 400),
        (b'{"currency": "EUR"} x', "malformed_body", 400),
        (b'{"currency": "\xff"}', "malformed_body", 400),
        (b'{"currency": "\\ud800"}', "malformed_body", 400),
        (b"\xff\xfe{\x00}\x00", "malformed_body", 400),
        (b"[" * 100_000, "invalid_request", 422),
        (b"[]", "invalid_request", 422),
        (b"null", "invalid_request", 422),
        (b'"EUR"', "invalid_request", 422),
    ],
)
@pytest.mark.parametrize("key", [None, ""])
async def test_what_is_no_json_object_is_refused(
    api: Api, content: bytes, code: str, status: int, key: str | None
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await api.ask("POST", "/v1/checkouts", content=content, headers=headers, key=key)
    assert (answer.status_code, problem_of(answer)["code"]) == (status, code)


@pytest.mark.parametrize("key", [None, ""])
async def test_a_body_of_more_than_a_mebibyte_is_refused(api: Api, key: str | None) -> None:
    content = b'{"currency": "EUR", "name": "' + b"x" * 1024 * 1024 + b'"}'
    headers = {"Content-Type": "application/json"}
    answer = await api.ask("POST", "/v1/checkouts", content=content, headers=headers, key=key)
    assert (answer.status_code, problem_of(answer)["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
async def test_another_content_type_is_refused(api: Api, media_type: str) -> None:
    headers = {"Content-Type": media_type}
    answer = await api.ask("POST", "/v1/checkouts", content=b'{"currency": "EUR"}', headers=headers)
    assert (answer.status_code, problem_of(answer)["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", f"/v1/checkouts/{ANY_CHECKOUT}", None, "unknown_checkout"),
        ("GET", "/v1/checkouts/nonsense", None, "unknown_checkout"),
        ("GET", "/v1/checkouts/%00", None, "unknown_checkout"),
        ("PATCH", "/v1/checkouts/%00", {}, "unknown_checkout"),
        ("GET", f"/v1/checkouts/{ANY_ORDER}", None, "unknown_checkout"),
        ("GET", f"/v1/orders/{ANY_ORDER}", None, "unknown_order"),
        ("GET", f"/v1/orders/{ANY_ORDER}/timeline", None, "unknown_order"),
        ("POST", f"/v1/orders/{ANY_ORDER}/cancel", None, "unknown_order"),
        ("POST", f"/v1/orders/{ANY_ORDER}/payments/confirm", {"instrument": {"token": "x"}}, "unknown_order"),
        ("GET", f"/v1/orders/{ANY_ORDER}/refunds", None, "unknown_order"),
        ("POST", f"/v1/orders/{ANY_ORDER}/refunds", {}, "unknown_order"),
        ("POST", "/v1/orders/%00/refunds", {}, "unknown_order"),
        ("GET", "/v1/products/NOPE", None, "unknown_product"),
        ("GET", "/v1/products/%00", None, "unknown_product"),
        ("GET", f"/v1/products/{'x' * 3000}", None, "unknown_product"),
        ("GET", "/v1/stock/NOPE", None, "unknown_stock"),
        ("GET", "/v1/stock/%ff", None, "unknown_stock"),
        ("GET", "/v1/nothing", None, "not_found"),
        ("GET", "/", None, "not_found"),
    ],
)
async def test_what_is_not_there_is_not_found(
    api: Api, method: str, path: str, body: object, code: str
) -> None:
    answer = await api.ask(method, path, body)
    assert (answer.status_code, problem_of(answer)["code"]) == (404, code)


async def test_a_method_that_a_path_does_not_take_is_refused(api: Api) -> None:
    answer = await api.ask("DELETE", "/v1/checkouts")
    assert (answer.status_code, problem_of(answer)["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/v1/products", "/v1/stock", "/v1/orders"])
@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=many", "after=%00", f"after={'x' * 65}"])
async def test_a_bad_query_is_refused_by_its_parameter(api: Api, path: str, query: str) -> None:
    answer = await api.ask("GET", f"{path}?{query}")
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (400, "invalid_query")
    assert problem["errors"][0]["path"] == f"?{query.partition('=')[0]}"


async def test_a_state_that_no_order_has_is_refused_without_repeating_it(api: Api) -> None:
    answer = await api.ask("GET", "/v1/orders?state=marked-data")
    assert problem_of(answer)["errors"][0]["path"] == "?state"
    assert "marked-data" not in answer.text


PLACEMENTS: Final[dict[str, tuple[dict[str, Any], int, str, str]]] = {
    "a total in another currency": (
        {"accepted_total": {**TOTAL, "currency": "USD"}},
        422,
        "currency_mismatch",
        "/accepted_total/currency",
    ),
    "another total": (
        {"accepted_total": {**TOTAL, "minor": 2022}},
        409,
        "quote_changed",
        "/accepted_total",
    ),
    "another version": ({"version": 7}, 412, "stale_version", "/version"),
    "no version": ({"version": 0}, 422, "invalid_request", "/version"),
    "card data": (
        {"payment": {"instrument": {"number": "4242"}}},
        422,
        "invalid_request",
        "/payment/instrument/number",
    ),
    "a token that is none": (
        {"payment": {"instrument": {"token": "a b"}}},
        422,
        "invalid_request",
        "/payment/instrument/token",
    ),
}


@pytest.mark.parametrize("name", PLACEMENTS)
async def test_a_bad_placement_is_refused_by_its_field(api: Api, name: str) -> None:
    changes, status, code, path = PLACEMENTS[name]
    answer = await api.place(await api.created(), **changes)
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (status, code)
    assert problem["errors"][0]["path"] == path


async def test_an_incomplete_checkout_is_not_placed_and_says_why(api: Api) -> None:
    answer = await api.place(await api.created(email=None))
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (409, "checkout_not_ready")
    assert [message["path"] for message in problem["messages"]] == ["/email"]


async def test_paying_a_paid_order_is_refused(api: Api) -> None:
    order = (await api.bought())["order"]
    answer = await api.pay(order["id"])
    assert (answer.status_code, problem_of(answer)["code"]) == (409, "order_not_payable")


async def test_calling_a_paid_order_off_is_refused(api: Api) -> None:
    order = (await api.bought())["order"]
    answer = await api.ask("POST", f"/v1/orders/{order['id']}/cancel")
    assert (answer.status_code, problem_of(answer)["code"]) == (409, "order_already_paid")


async def test_a_place_without_tax_rates_is_refused_by_the_address(api: Api) -> None:
    rules = replace(api.shop.rules, delivers_to=frozenset({"AQ"}))
    api.use_cases.open_checkout._quote._rules = rules
    answer = await api.ask(
        "POST", "/v1/checkouts", {**CART, "shipping_address": {**ADDRESS, "country": "AQ"}}
    )
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (422, "destination_not_taxable")
    assert problem["errors"][0]["path"] == "/shipping_address"
