"""Addresses over HTTP: checked with a checkout or by themselves, and never a reason to refuse anything."""

from typing import Any, Final

import pytest

from ports.api_keys import Role
from ports.errors import Unavailable
from ports.flags import Flag
from tests.http.api import ADDRESS, Api, problem_of

KNOWN: Final = {"country": "DE", "line1": "Marienplatz 8", "city": "München", "postcode": "80331"}
MISSPELLED: Final = {**KNOWN, "line1": "Marienplaz 8"}
NOWHERE: Final = {**KNOWN, "line1": "Nowhere 1", "city": "x", "postcode": "1"}


@pytest.fixture
def checking(api: Api) -> Api:
    api.shop.flags.turn(Flag.PLACES, "on")
    return api


async def check(api: Api, address: dict[str, Any], role: Role = Role.PUBLISHABLE) -> Any:
    answer = await api.ask("POST", "/v1/address-checks", {"address": address}, role=role)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_checkout_shows_what_was_found_and_is_ready(checking: Api) -> None:
    checkout = await checking.created(shipping_address=MISSPELLED)
    found = checkout["address_check"]
    assert (found["verdict"], found["suggested_address"]) == ("corrected", KNOWN)
    assert found["checked_at"] == "2026-01-01T12:00:00Z"
    (message,) = checkout["messages"]
    assert (message["code"], message["severity"]) == ("address_corrected", "requires_buyer_review")
    assert checkout["state"] == "ready"


async def test_a_suggestion_is_taken_by_sending_it(checking: Api) -> None:
    checkout = await checking.created(shipping_address=MISSPELLED)
    path, taken = f"/v1/checkouts/{checkout['id']}", checkout["address_check"]["suggested_address"]
    changed = (await checking.ask("PATCH", path, {"shipping_address": taken})).json()
    assert changed["shipping_address"] == KNOWN
    assert changed["address_check"]["verdict"] == "corrected"
    assert changed["address_check"]["suggested_address"] is None
    assert changed["messages"] == []
    order = (await checking.place(changed)).json()
    timeline = await checking.get(f"/v1/orders/{order['id']}/timeline")
    assert ("address_checked", "corrected") in [(e["kind"], e["detail"]) for e in timeline["events"]]


async def test_a_google_that_is_down_leaves_the_address_as_typed(checking: Api) -> None:
    checking.shop.faults.planned.append(("check", "before", Unavailable("breaker_open")))
    checkout = await checking.created(shipping_address=MISSPELLED)
    assert checkout["address_check"]["verdict"] == "unverified"
    (message,) = checkout["messages"]
    assert (message["code"], message["severity"]) == ("address_unverified", "recoverable")
    assert checkout["shipping_address"] == MISSPELLED
    assert (await checking.place(checkout)).status_code == 201


async def test_without_checks_there_is_nothing_to_show(api: Api) -> None:
    checkout = await api.created(shipping_address=MISSPELLED)
    assert (checkout["address_check"], checkout["messages"]) == (None, [])
    answer = await check(api, MISSPELLED)
    assert answer == {
        "verdict": "unverified",
        "suggested_address": None,
        "checked_at": None,
        "messages": [],
    }


@pytest.mark.parametrize("role", Role)
async def test_an_address_is_checked_without_a_checkout(checking: Api, role: Role) -> None:
    answer = await check(checking, MISSPELLED, role)
    assert (answer["verdict"], answer["suggested_address"]) == ("corrected", KNOWN)
    assert [message["code"] for message in answer["messages"]] == ["address_corrected"]
    assert not checking.shop.storage.checkouts


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        (KNOWN, "verified"),
        (NOWHERE, "unverifiable"),
        ({"country": "DE"}, "unverifiable"),
        (ADDRESS, "verified"),
    ],
    ids=str,
)
async def test_each_address_has_its_verdict(checking: Api, address: dict[str, Any], verdict: str) -> None:
    assert (await check(checking, address))["verdict"] == verdict


async def test_a_check_that_nobody_answers_is_no_error(checking: Api) -> None:
    checking.shop.faults.planned.append(("check", "before", Unavailable("breaker_open")))
    answer = await check(checking, KNOWN)
    assert answer["verdict"] == "unverified"
    assert [message["code"] for message in answer["messages"]] == ["address_unverified"]


@pytest.mark.parametrize(
    "body", [{}, {"address": None}, {"address": {"line1": "x"}}, {"address": KNOWN, "x": 1}]
)
async def test_what_is_no_address_is_refused_by_its_field(api: Api, body: Any) -> None:
    problem = problem_of(await api.ask("POST", "/v1/address-checks", body))
    assert problem["code"] == "invalid_request"


async def test_a_repeat_asks_nobody_again(checking: Api) -> None:
    for _ in range(2):
        answer = await checking.ask("POST", "/v1/address-checks", {"address": KNOWN}, key="one")
        assert answer.json()["verdict"] == "verified"
    assert checking.shop.places.asked == 1
