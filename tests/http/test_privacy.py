"""Marked data goes through every route; none of it comes out in a log or a problem."""

import logging
from collections.abc import Iterator
from typing import Any, Final

import pytest
import structlog

from ports.api_keys import Role
from ports.errors import PortError, Rejected, Unavailable
from ports.flags import Flag
from tests.http.api import ADDRESS, CART, TOTAL, Api

MARK: Final = "marked0data"
ID: Final = "0" * 26
MARKED: Final[dict[str, Any]] = {
    **CART,
    "email": f"{MARK}@example.com",
    "name": MARK,
    "shipping_address": {**ADDRESS, "line1": MARK, "phone": MARK, "name": MARK},
    "source": MARK,
    "return_url": f"https://shop.example/{MARK}",
}
# Each ends in a refusal, with marked data in every place that takes some.
REFUSED: Final[tuple[tuple[str, str, Any], ...]] = (
    ("POST", "/v1/checkouts", {**MARKED, "lines": [{"sku": MARK, "quantity": 1}]}),
    ("POST", "/v1/checkouts", {**MARKED, "email": MARK}),
    ("POST", "/v1/checkouts", {**MARKED, "discount_code": MARK}),
    ("POST", "/v1/checkouts", {**MARKED, "delivery_option_id": MARK}),
    ("POST", "/v1/checkouts", {**MARKED, "currency": MARK}),
    ("POST", "/v1/checkouts", {**MARKED, "locale": [MARK]}),
    ("POST", "/v1/address-checks", {"address": {**ADDRESS, "line1": [MARK], "city": MARK}}),
    ("PATCH", f"/v1/checkouts/chk_{ID}", {"name": MARK}),
    ("PUT", f"/v1/checkouts/chk_{ID}", MARKED),
    ("PUT", f"/v1/checkouts/chk_{ID}/delivery", {"option_id": MARK}),
    ("POST", f"/v1/checkouts/{MARK}/place", {"version": 1, "accepted_total": TOTAL}),
    ("POST", "/v1/orders", {**MARKED, "accepted_total": {"minor": 1, "currency": "EUR"}}),
    ("POST", f"/v1/orders/ord_{ID}/payments/confirm", {"instrument": {"token": MARK}}),
    ("POST", "/v1/customers", {"email": MARK, "password": f"{MARK}{MARK}"}),
    ("POST", "/v1/customers", {"email": f"{MARK}@example.com", "password": [MARK]}),
    ("POST", "/v1/customers", {"email": f"{MARK}@example.com", "name": "", "user_id": MARK}),
    ("GET", f"/v1/customers/{MARK}", None),
    ("GET", f"/v1/customers?after={MARK}", None),
    ("POST", f"/v1/orders/{MARK}/cancel", None),
    ("GET", f"/v1/orders/{MARK}", None),
    ("GET", f"/v1/orders?state={MARK}", None),
    ("GET", f"/v1/orders?after={MARK}", None),
    ("GET", f"/v1/{MARK}", None),
    ("GET", f"/v1/products/{MARK}", None),
    ("GET", f"/v1/stock/{MARK}", None),
    ("PUT", f"/v1/products/{MARK}", {"title": MARK, "prices": MARK}),
    ("PUT", f"/v1/discount-codes/{MARK}", {"title": MARK}),
)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[list[Any]]:
    """All that is logged, by whichever way."""
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as entries:
        spoken: list[Any] = [entries, caplog.records]
        yield spoken


@pytest.mark.parametrize(("method", "path", "body"), REFUSED)
async def test_a_refusal_repeats_nothing_that_was_sent(
    api: Api, said: list[Any], method: str, path: str, body: Any
) -> None:
    answer = await api.ask(method, path, body)
    assert answer.is_client_error, answer.text
    assert MARK not in answer.text
    assert MARK not in str(said)


async def test_a_purchase_leaves_no_personal_data_in_a_log(api: Api, said: list[Any]) -> None:
    checkout = await api.created(**MARKED)
    order = (await api.place(checkout)).json()
    await api.pay(order["id"], "pm_card_visa_chargeDeclinedStolenCard")
    await api.pay(order["id"])
    await api.get(f"/v1/orders/{order['id']}/timeline")
    for secret in (
        MARK,
        checkout["client_token"],
        order["payment"]["client_secret"],
        *(key.secret for key in api.keys.values()),
    ):
        assert secret not in str([record.getMessage() for record in said[1] if record.name != "httpx"])
        assert secret not in str(said[0])


async def test_the_timeline_holds_no_personal_data(api: Api) -> None:
    checkout = await api.created(**MARKED)
    order = (await api.place(checkout)).json()
    answer = await api.ask("GET", f"/v1/orders/{order['id']}/timeline")
    assert MARK not in answer.text


async def test_a_wrong_key_or_token_is_not_repeated(api: Api, said: list[Any]) -> None:
    for headers in ({"Authorization": f"Bearer {MARK}"}, {"Authorization": MARK}):
        answer = await api.ask("GET", "/v1/orders", role=None, headers=headers)
        assert MARK not in answer.text
    checkout = await api.created(Role.PUBLISHABLE)
    path = f"/v1/checkouts/{checkout['id']}"
    answer = await api.ask("GET", path, role=Role.PUBLISHABLE, token=MARK)
    assert MARK not in answer.text
    assert MARK not in str(said)


@pytest.mark.parametrize("error", [None, Unavailable("breaker_open"), Rejected("google_400")], ids=repr)
async def test_an_address_that_is_checked_gets_into_no_log_and_no_timeline(
    api: Api, said: list[Any], error: PortError | None
) -> None:
    """Where Google answers, and where it doesn't."""
    api.shop.flags.turn(Flag.PLACES, "on")
    if error is not None:
        api.shop.faults.planned += [("check", "before", error)] * 2
    await api.ask("POST", "/v1/address-checks", {"address": MARKED["shipping_address"]})
    checkout = await api.created(**MARKED)
    assert checkout["address_check"] is not None
    order = (await api.place(checkout)).json()
    timeline = await api.ask("GET", f"/v1/orders/{order['id']}/timeline")
    assert "address_checked" in timeline.text
    assert MARK not in timeline.text
    assert MARK not in str([record.getMessage() for record in said[1]])
    assert MARK not in str(said[0])


async def test_a_customer_gets_into_no_log_from_registering_to_being_forgotten(
    api: Api, said: list[Any]
) -> None:
    body = {"email": f"{MARK}@example.com", "name": MARK, "user_id": MARK, "password": f"{MARK} horse"}
    customer = (await api.ask("POST", "/v1/customers", body)).json()
    checkout = await api.created(**MARKED, customer_id=customer["id"])
    placed = await api.place(checkout)
    await api.pay(placed.json()["id"])
    path = f"/v1/customers/{customer['id']}"
    assert MARK in (await api.ask("GET", f"{path}/export")).text
    assert (await api.ask("POST", f"{path}/delete")).json()["state"] == "deleted"
    assert MARK not in (await api.ask("GET", f"{path}/export")).text
    assert MARK not in str([record.getMessage() for record in said[1]])
    assert MARK not in str(said[0])
