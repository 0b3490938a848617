"""Plans and subscriptions over the API: kept by the merchant, subscribed to once, shown as they stand."""

from typing import Any, Final

import pytest

from ports.api_keys import Role
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from tests.http.api import Api, problem_of

GOLD: Final[dict[str, Any]] = {
    "title": "Gold",
    "prices": [{"minor": 1900, "currency": "EUR"}],
    "interval": "month",
    "provider_prices": [{"provider": "simulated", "currency": "EUR", "reference": "price_1"}],
}
WORKS: Final = {"token": "pm_card_visa"}


async def kept(api: Api, plan_id: str = "gold", **changes: Any) -> Any:
    answer = await api.ask("PUT", f"/v1/plans/{plan_id}", {**GOLD, **changes})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def customer(api: Api, email: str = "ada@example.com") -> str:
    answer = await api.ask("POST", "/v1/customers", {"email": email})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def subscribed(api: Api, plan_id: str = "gold", **changes: Any) -> Any:
    await kept(api, plan_id)
    body = {"customer_id": await customer(api), "plan_id": plan_id, "currency": "EUR", "instrument": WORKS}
    answer = await api.ask("POST", "/v1/subscriptions", {**body, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_plan_is_kept_and_read_by_everybody(api: Api) -> None:
    gold = await kept(api)
    assert gold == {"id": "gold", **GOLD, "interval_count": 1, "active": True}
    assert await api.get("/v1/plans/gold", role=Role.OPERATOR) == gold
    seen = await api.get("/v1/plans/gold", role=Role.PUBLISHABLE)
    assert seen == {**gold, "provider_prices": []}


async def test_browsers_see_plans_that_are_on_sale_only(api: Api) -> None:
    await kept(api)
    await kept(api, "old", active=False)
    everything = await api.get("/v1/plans")
    assert [plan["id"] for plan in everything["items"]] == ["gold", "old"]
    assert [plan["id"] for plan in (await api.get("/v1/plans", role=Role.PUBLISHABLE))["items"]] == ["gold"]
    answer = await api.ask("GET", "/v1/plans/old", role=Role.PUBLISHABLE)
    assert problem_of(answer)["code"] == "no_such_plan"
    page = await api.get("/v1/plans?limit=1")
    assert page["next"] == "gold"
    assert [plan["id"] for plan in (await api.get("/v1/plans?limit=1&after=gold"))["items"]] == ["old"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"prices": []}, "/prices"),
        ({"prices": [{"minor": 0, "currency": "EUR"}]}, "/prices/0"),
        ({"prices": [{"minor": 5, "currency": "XXX"}]}, "/prices/0/currency"),
        ({"interval": "decade"}, "/interval"),
        ({"interval": "year", "interval_count": 2}, "/interval_count"),
        ({"provider_prices": [{"provider": "stripe", "currency": "XXX", "reference": "p"}]}, None),
    ],
)
async def test_a_plan_that_nobody_could_be_billed_for_names_what_is_wrong(
    api: Api, changes: dict[str, Any], path: str | None
) -> None:
    problem = problem_of(await api.ask("PUT", "/v1/plans/gold", {**GOLD, **changes}))
    assert problem["status"] == 422
    assert problem["errors"][0]["path"] == (path or "/provider_prices/0/currency")


async def test_a_customer_subscribes_and_has_the_plan(api: Api) -> None:
    made = await subscribed(api)
    assert (made["state"], made["entitlement"], made["pending"]) == ("active", "full", None)
    assert made["terms"] == {
        "plan_id": "gold",
        "title": "Gold",
        "price": {"minor": 1900, "currency": "EUR"},
        "interval": "month",
        "interval_count": 1,
    }
    answer = await api.ask("GET", f"/v1/subscriptions/{made['id']}")
    assert answer.json() == made
    assert answer.headers["etag"] == f'"{made["version"]}"'
    (invoice,) = (await api.get(f"/v1/subscriptions/{made['id']}/invoices"))["items"]
    assert (invoice["state"], invoice["paid"]) == ("paid", {"minor": 1900, "currency": "EUR"})
    timeline = await api.get(f"/v1/subscriptions/{made['id']}/timeline")
    balances = {each["account"]: each["balance"]["minor"] for each in timeline["balances"]}
    assert balances == {"provider": 1900, "subscriptions": -1900}
    kinds = [event["kind"] for event in timeline["events"]]
    assert kinds[0] == "subscription_requested"
    assert "entitlement_changed" in kinds


async def test_who_has_no_card_yet_is_told_how_to_pay(api: Api) -> None:
    made = await subscribed(api, instrument=None)
    assert (made["state"], made["entitlement"]) == ("incomplete", "none")
    assert made["next_action"]["kind"] == "in_page"
    assert made["next_action"]["payload"]
    seen = await api.get(f"/v1/subscriptions/{made['id']}", role=Role.OPERATOR)
    assert "payload" not in seen["next_action"]


async def test_a_repeat_under_the_same_key_is_the_same_subscription(api: Api) -> None:
    await kept(api)
    body = {"customer_id": await customer(api), "plan_id": "gold", "currency": "EUR", "instrument": WORKS}
    first = await api.ask("POST", "/v1/subscriptions", body, key="once")
    again = await api.ask("POST", "/v1/subscriptions", body, key="once")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    assert len(api.shop.billing.everything()) == 1
    other = await api.ask("POST", "/v1/subscriptions", body, key="twice")
    assert problem_of(other)["code"] == "already_subscribed"
    assert (await api.ask("POST", "/v1/subscriptions", body, key="")).status_code == 400


async def test_an_answer_that_is_lost_is_pending_and_found_later(api: Api) -> None:
    api.shop.faults.planned.append(("subscribe", "after", OutcomeUnknown("lost")))
    made = await subscribed(api)
    assert (made["state"], made["pending"]["kind"], made["pending"]["tries"]) == ("new", "subscribe", 1)
    busy = await api.ask("POST", f"/v1/subscriptions/{made['id']}/cancel", {"when": "now"})
    assert problem_of(busy)["code"] == "subscription_busy"
    assert busy.headers["retry-after"]


async def test_what_the_provider_refuses_is_shown_with_its_word(api: Api) -> None:
    api.shop.faults.planned.append(("subscribe", "before", Rejected("no_such_payment_method")))
    made = await subscribed(api)
    assert (made["state"], made["refusal"]) == ("refused", "no_such_payment_method")


async def test_a_customer_whom_the_provider_does_not_know_yet_has_to_wait(api: Api) -> None:
    await kept(api)
    api.shop.faults.planned.append(("register", "before", Unavailable("away")))
    body = {"customer_id": await customer(api), "plan_id": "gold", "currency": "EUR"}
    answer = await api.ask("POST", "/v1/subscriptions", body)
    assert problem_of(answer)["code"] == "service_temporarily_unavailable"
    assert answer.headers["retry-after"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"plan_id": "bronze"}, 422, "unknown_plan"),
        ({"currency": "USD"}, 422, "plan_not_sold_in"),
        ({"currency": "XXX"}, 422, "unknown_currency"),
        ({"customer_id": "cus_nobody"}, 404, "unknown_customer"),
        ({"customer_id": f"cus_{'0' * 26}"}, 404, "unknown_customer"),
        ({"quantity": 2}, 422, "invalid_request"),
    ],
)
async def test_what_is_not_for_sale_is_refused(
    api: Api, changes: dict[str, Any], status: int, code: str
) -> None:
    await kept(api)
    body = {"customer_id": await customer(api), "plan_id": "gold", "currency": "EUR"}
    problem = problem_of(await api.ask("POST", "/v1/subscriptions", {**body, **changes}))
    assert (problem["status"], problem["code"]) == (status, code)


async def test_a_plan_is_changed_by_who_saw_the_present_version(api: Api) -> None:
    made = await subscribed(api)
    await kept(api, "silver", prices=[{"minor": 900, "currency": "EUR"}])
    path = f"/v1/subscriptions/{made['id']}/plan"
    stale = await api.ask("POST", path, {"plan_id": "silver"}, headers={"If-Match": '"1"'})
    assert problem_of(stale)["code"] == "stale_version"
    present = {"If-Match": f'"{made["version"]}"'}
    changed = await api.ask("POST", path, {"plan_id": "silver"}, headers=present)
    assert (changed.status_code, changed.json()["terms"]["plan_id"]) == (200, "silver")
    assert changed.headers["etag"] == f'"{changed.json()["version"]}"'


async def test_a_change_that_is_on_its_way_names_its_plan(api: Api) -> None:
    made = await subscribed(api)
    await kept(api, "silver")
    api.shop.faults.planned.append(("change_plan", "after", OutcomeUnknown("lost")))
    path = f"/v1/subscriptions/{made['id']}/plan"
    changing = (await api.ask("POST", path, {"plan_id": "silver"})).json()
    assert (changing["pending"]["kind"], changing["pending"]["plan_id"]) == ("change_plan", "silver")
    assert changing["terms"]["plan_id"] == "gold"


@pytest.mark.parametrize(
    ("when", "state", "grants"), [("now", "ended", "none"), ("period_end", "active", "full")]
)
async def test_a_subscription_is_cancelled_now_or_at_the_periods_end(
    api: Api, when: str, state: str, grants: str
) -> None:
    made = await subscribed(api)
    path = f"/v1/subscriptions/{made['id']}/cancel"
    stale = await api.ask("POST", path, {"when": when}, headers={"If-Match": '"1"'})
    assert problem_of(stale)["code"] == "stale_version"
    cancelled = (await api.ask("POST", path, {"when": when})).json()
    assert (cancelled["state"], cancelled["entitlement"]) == (state, grants)
    assert cancelled["ends_at_period_end"] is (when == "period_end")
    assert (await api.ask("POST", path, {"when": when})).json() == cancelled
    assert problem_of(await api.ask("POST", path, {"when": "tomorrow"}))["code"] == "invalid_request"


async def test_what_has_ended_can_not_be_changed(api: Api) -> None:
    made = await subscribed(api)
    await kept(api, "silver")
    await api.ask("POST", f"/v1/subscriptions/{made['id']}/cancel", {"when": "now"})
    answer = await api.ask("POST", f"/v1/subscriptions/{made['id']}/plan", {"plan_id": "silver"})
    assert problem_of(answer)["code"] == "subscription_over"


async def test_subscriptions_are_listed_by_what_is_asked_for(api: Api) -> None:
    gold = await subscribed(api)
    await kept(api, "silver")
    body = {"customer_id": gold["customer_id"], "plan_id": "silver", "currency": "EUR", "instrument": None}
    silver = (await api.ask("POST", "/v1/subscriptions", body)).json()

    async def ids(query: str = "") -> list[str]:
        page = await api.get(f"/v1/subscriptions?{query}", role=Role.OPERATOR)
        return [each["id"] for each in page["items"]]

    assert set(await ids()) == {gold["id"], silver["id"]}
    assert await ids("state=active") == [gold["id"]]
    assert await ids("entitlement=none") == [silver["id"]]
    assert await ids("plan_id=silver") == [silver["id"]]
    assert set(await ids(f"customer_id={gold['customer_id']}")) == {gold["id"], silver["id"]}
    first = await api.get("/v1/subscriptions?limit=1")
    second = await api.get(f"/v1/subscriptions?limit=1&after={first['next']}")
    assert {first["items"][0]["id"], second["items"][0]["id"]} == {gold["id"], silver["id"]}
    for query in ("after=ord_1", "state=dreaming", "limit=0"):
        assert problem_of(await api.ask("GET", f"/v1/subscriptions?{query}"))["code"] == "invalid_query"


async def test_one_that_is_not_there_is_unknown(api: Api) -> None:
    for subscription_id in ("sub_none", f"sub_{'0' * 26}"):
        for tail in ("", "/invoices", "/timeline"):
            answer = await api.ask("GET", f"/v1/subscriptions/{subscription_id}{tail}")
            assert problem_of(answer)["code"] == "unknown_subscription"
        for tail, body in (("/plan", {"plan_id": "gold"}), ("/cancel", {"when": "now"})):
            answer = await api.ask("POST", f"/v1/subscriptions/{subscription_id}{tail}", body)
            assert problem_of(answer)["code"] == "unknown_subscription"
