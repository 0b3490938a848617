"""Cases and parked work over HTTP: merchants read, operators act by name, shoppers see nothing of it."""

from typing import Any

import pytest

from ports.api_keys import Role
from ports.errors import Rejected
from tests.application.test_cases import with_refund_that_failed, with_tries_used_up
from tests.http.api import Api, problem_of

OPERATOR = Role.OPERATOR
ME = "tests: operator"
WHY = "the shopper's card was renewed"
NONE = "0" * 26


async def a_case(api: Api) -> Any:
    """A refund that failed."""
    await with_refund_that_failed(api.shop)
    (case,) = (await api.get("/v1/cases"))["items"]
    return case


async def act(api: Api, case: Any, verb: str, body: Any, **options: Any) -> Any:
    path = f"/v1/cases/{case['id']}/{verb}"
    answer = await api.ask("POST", path, body, **{"role": OPERATOR, **options})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def swept(api: Api) -> None:
    assert not (await api.shop.sweep()).failures


async def test_a_case_says_what_has_happened_and_what_can_be_done(api: Api) -> None:
    case = await a_case(api)
    assert case["sentence"].startswith("A refund failed")
    assert (case["reason"], case["state"]) == ("refund_failed", "open")
    assert case["can_be_done"] == ["retry", "accept"]
    assert (case["assigned_to"], case["resolution"], case["detail"]) == (None, None, None)
    order = await api.get(f"/v1/orders/{case['order_id']}")
    assert order["refunds"][0]["id"] == case["subject_id"]
    assert await api.get(f"/v1/cases/{case['id']}") == case


async def test_cases_are_listed_page_by_page_and_chosen(api: Api) -> None:
    first, second = [(await with_refund_that_failed(api.shop)).order.id for _ in range(2)]
    page = await api.get("/v1/cases?limit=1")
    assert [case["order_id"] for case in page["items"]] == [first]
    page = await api.get(f"/v1/cases?limit=1&after={page['next']}")
    assert [case["order_id"] for case in page["items"]] == [second]
    assert (await api.get(f"/v1/cases?limit=1&after={page['next']}")) == {"items": [], "next": None}
    await act(api, page["items"][0], "resolve", {"action": "accept", "why": WHY})
    for query, orders in (
        ("", [first]),
        ("state=open", [first]),
        ("state=assigned", []),
        ("state=resolved", [second]),
        ("state=open&state=resolved", [first, second]),
        (f"order_id={second}", []),
        (f"order_id={second}&state=resolved", [second]),
        ("reason=dispute", []),
        ("reason=refund_failed", [first]),
    ):
        found = (await api.get(f"/v1/cases?{query}"))["items"]
        assert [case["order_id"] for case in found] == orders, query


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("state=closed", "?state"),
        ("reason=boredom", "?reason"),
        ("after=ord_1", "?after"),
        ("limit=0", "?limit"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_by_its_parameter(
    api: Api, query: str, path: str
) -> None:
    problem = problem_of(await api.ask("GET", f"/v1/cases?{query}"))
    assert (problem["code"], problem["errors"][0]["path"]) == ("invalid_query", path)


async def test_whoever_takes_a_case_is_named_by_their_key(api: Api) -> None:
    case = await a_case(api)
    assert (await act(api, case, "assign", {"why": "mine"}))["assigned_to"] == ME
    taken = await act(api, case, "assign", {"why": "knows the bank", "to": "Robin"})
    assert (taken["assigned_to"], taken["state"]) == ("Robin", "assigned")


async def test_a_decision_is_recorded_and_taken_further(api: Api) -> None:
    case = await a_case(api)
    preview = await api.get(f"/v1/cases/{case['id']}/preview?action=retry")
    assert preview == {
        "action": "retry",
        "order_state": "completed",
        "money_back": {"minor": 2023, "currency": "EUR"},
        "written_off": {"minor": 0, "currency": "EUR"},
        "goods_freed": [],
        "payment_stopped": False,
        "next_step": "submit_refund",
    }
    assert await api.get(f"/v1/cases/{case['id']}") == case
    resolved = await act(api, case, "resolve", {"action": "retry", "why": WHY})
    end = resolved["resolution"]
    assert (end["action"], end["by"], end["why"]) == ("retry", ME, WHY)
    assert (resolved["state"], resolved["can_be_done"]) == ("resolved", [])
    await swept(api)
    assert (await api.get(f"/v1/orders/{case['order_id']}"))["status"] == "refunded"
    again = await act(api, case, "resolve", {"action": "retry", "why": "again"})
    assert again == resolved


async def test_the_timeline_tells_the_merchant_of_people_and_shoppers_nothing_of_them(api: Api) -> None:
    bought = await api.bought()
    order_id = bought["order"]["id"]
    api.shop.faults.planned.append(("refund", "before", Rejected("expired_card")))
    await api.ask("POST", f"/v1/orders/{order_id}/refunds", {})
    (case,) = (await api.get(f"/v1/cases?order_id={order_id}"))["items"]
    waiting = (await api.get(f"/v1/orders/{order_id}/timeline"))["waiting"]
    assert waiting == {"reason": "decision_of_a_person", "since": case["opened_at"], "until": None}
    await act(api, case, "assign", {"why": "knows the bank", "to": "Robin"})
    await act(api, case, "resolve", {"action": "accept", "why": "paid in cash"})
    await swept(api)
    told = await api.get(f"/v1/orders/{order_id}/timeline")
    acts = [(e["kind"], e["detail"], e["by"], e["why"]) for e in told["events"] if e["by"]]
    assert acts == [
        ("case_assigned", "Robin", ME, "knows the bank"),
        ("case_resolved", "accept", ME, "paid in cash"),
    ]
    assert [e["detail"] for e in told["events"] if e["kind"] == "provider_refused"] == ["expired_card"]
    assert told["cases"] == [await api.get(f"/v1/cases/{case['id']}")]
    assert told["waiting"] == {"reason": None, "since": None, "until": None}
    path, token = f"/v1/orders/{order_id}/timeline", bought["client_token"]
    answer = await api.ask("GET", path, role=Role.PUBLISHABLE, token=token)
    assert answer.json()["cases"] == []
    assert "case_opened" in answer.text
    for secret in ("Robin", ME, "paid in cash", "knows the bank", "provider_refused", "expired_card"):
        assert secret not in answer.text


async def test_an_action_that_would_do_nothing_is_refused_with_what_would(api: Api) -> None:
    case = await a_case(api)
    for ask in (
        api.ask("GET", f"/v1/cases/{case['id']}/preview?action=cancel"),
        api.ask("POST", f"/v1/cases/{case['id']}/resolve", {"action": "cancel", "why": WHY}, role=OPERATOR),
    ):
        problem = problem_of(await ask)
        assert (problem["status"], problem["code"]) == (409, "action_not_possible")
        assert problem["errors"] == [{"path": "/action", "rule": "one of retry, accept"}]


async def test_a_case_is_decided_once(api: Api) -> None:
    case = await a_case(api)
    await act(api, case, "resolve", {"action": "accept", "why": WHY})
    path = f"/v1/cases/{case['id']}"
    otherwise = {"action": "retry", "why": WHY}
    for answer in (
        await api.ask("POST", f"{path}/resolve", otherwise, role=OPERATOR),
        await api.ask("POST", f"{path}/assign", {"why": WHY}, role=OPERATOR),
        await api.ask("GET", f"{path}/preview?action=accept"),
    ):
        assert problem_of(answer)["code"] == "case_already_resolved"


@pytest.mark.parametrize("why", ["", " ", "two\nlines", "x" * 501, None])
@pytest.mark.parametrize("verb", ["assign", "resolve"])
async def test_every_act_needs_a_reason(api: Api, verb: str, why: str | None) -> None:
    case = await a_case(api)
    body = {"action": "accept"} if verb == "resolve" else {}
    body |= {"why": why} if why is not None else {}
    answer = await api.ask("POST", f"/v1/cases/{case['id']}/{verb}", body, role=OPERATOR)
    problem = problem_of(answer)
    assert (problem["code"], problem["errors"][0]["path"]) == ("invalid_request", "/why")
    assert await api.get(f"/v1/cases/{case['id']}") == case


async def test_what_may_move_money_needs_a_key(api: Api) -> None:
    case = await a_case(api)
    path, body = f"/v1/cases/{case['id']}/resolve", {"action": "retry", "why": WHY}
    answer = await api.ask("POST", path, body, role=OPERATOR, key="")
    assert problem_of(answer)["code"] == "idempotency_key_missing"


@pytest.mark.parametrize("case_id", ["x", f"ord_{NONE}", f"case_{NONE}"])
async def test_a_case_that_there_is_not_is_unknown(api: Api, case_id: str) -> None:
    for method, tail, body in (
        ("GET", "", None),
        ("GET", "/preview?action=accept", None),
        ("POST", "/assign", {"why": WHY}),
        ("POST", "/resolve", {"action": "accept", "why": WHY}),
    ):
        answer = await api.ask(method, f"/v1/cases/{case_id}{tail}", body, role=OPERATOR)
        assert problem_of(answer)["code"] == "unknown_case"


async def test_an_order_that_got_stuck_is_called_off(api: Api) -> None:
    facts = await with_tries_used_up(api.shop)
    (case,) = (await api.get("/v1/cases"))["items"]
    preview = await api.get(f"/v1/cases/{case['id']}/preview?action=cancel")
    assert (preview["order_state"], preview["payment_stopped"]) == ("cancelled", True)
    assert preview["goods_freed"] == [{"sku": "TEA", "quantity": 1}]
    await act(api, case, "resolve", {"action": "cancel", "why": WHY})
    await swept(api)
    assert (await api.get(f"/v1/orders/{facts.order.id}"))["status"] == "canceled"


async def test_a_letter_that_was_parked_is_replayed(api: Api) -> None:
    api.shop.faults.planned.append(("send", "before", Rejected("recipient_refused")))
    bought = await api.bought()
    await swept(api)
    (work,) = (await api.get("/v1/parked-work"))["items"]
    assert (work["box"], work["kind"], work["because"]) == (
        "outbox",
        "order_confirmation",
        "recipient_refused",
    )
    assert (work["order_id"], work["tries"], work["replays"]) == (bought["order"]["id"], 1, [])
    path = f"/v1/parked-work/{work['id']}/replay"
    assert (await api.ask("POST", path, {"why": WHY}, role=OPERATOR)).status_code == 204
    await swept(api)
    assert await api.get("/v1/parked-work") == {"items": [], "next": None}
    assert len(api.shop.mail.sent) == 1
    again = await api.ask("POST", path, {"why": WHY}, role=OPERATOR)
    assert problem_of(again)["code"] == "unknown_parked_work"
    events = (await api.get(f"/v1/orders/{bought['order']['id']}/timeline"))["events"]
    assert [(e["kind"], e["by"], e["why"]) for e in events if e["by"]] == [("work_replayed", ME, WHY)]


@pytest.mark.parametrize("work_id", ["x", f"ord_{NONE}", f"msg_{NONE}", f"whk_{NONE}"])
async def test_work_that_is_not_parked_is_unknown(api: Api, work_id: str) -> None:
    answer = await api.ask("POST", f"/v1/parked-work/{work_id}/replay", {"why": WHY}, role=OPERATOR)
    assert problem_of(answer)["code"] == "unknown_parked_work"


async def test_a_cursor_of_other_things_is_refused(api: Api) -> None:
    problem = problem_of(await api.ask("GET", f"/v1/parked-work?after=ord_{NONE}"))
    assert problem["code"] == "invalid_query"
