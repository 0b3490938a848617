"""Coming back from the bank over HTTP: no key, no cookie, 303 to the shop."""

from typing import Any

import pytest

from tests.http.api import PURCHASE, Api, problem_of

BACK = "https://shop.example/back"
ASKS_BANK = {"instrument": {"token": "pm_card_threeDSecure2Required"}}


async def at_the_bank(api: Api) -> Any:
    answer = await api.ask("POST", "/v1/orders", {**PURCHASE, "payment": ASKS_BANK, "return_url": BACK})
    assert answer.status_code == 201, answer.text
    return answer.json()["order"]


async def test_the_shopper_goes_on_to_the_shop_and_the_order_is_paid(api: Api) -> None:
    order = await at_the_bank(api)
    facts = await api.shop.facts(order["id"])
    reference = facts.payments[0].reference
    assert reference is not None
    api.shop.provider.complete_authentication(reference)
    url = order["payment"]["next_action"]["url"]
    assert url.startswith("http://shop/returns/")
    for _ in range(2):
        back = await api.http.get(f"{url}?payment_intent={reference}&payment_intent_client_secret=x")
        assert (back.status_code, back.headers["location"], back.content) == (303, BACK, b"")
        assert back.headers["cache-control"] == "no-store"
        assert back.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in back.headers
    assert (await api.get(f"/v1/orders/{order['id']}"))["status"] == "paid"
    timeline = await api.get(f"/v1/orders/{order['id']}/timeline")
    assert sum(event["kind"] == "shopper_returned" for event in timeline["events"]) == 1


async def test_the_address_is_not_told_to_shoppers_or_in_the_timeline(api: Api) -> None:
    order = await at_the_bank(api)
    secret = order["payment"]["next_action"]["url"].rpartition(".")[2]
    timeline = await api.ask("GET", f"/v1/orders/{order['id']}/timeline")
    assert secret not in timeline.text


@pytest.mark.parametrize(
    "unknown", ["x", "ord_1.x", "ord_" + "0" * 26 + ".x", "x.y", "ord_" + "0" * 26, "%00"]
)
async def test_an_unknown_address_is_a_problem(api: Api, unknown: str) -> None:
    answer = await api.http.get(f"/returns/{unknown}")
    assert (answer.status_code, problem_of(answer)["code"]) == (404, "unknown_return")
