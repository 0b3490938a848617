"""Reports of reconciliations over the API: listed page by page, read with their findings."""

from datetime import timedelta

from domain.period import day_before
from domain.reconciliation import Reconciliation
from tests.http.api import Api, problem_of


async def reconciled(api: Api) -> Reconciliation:
    """The day that the shop was opened on."""
    api.shop.clock.advance(timedelta(milliseconds=1))
    return await api.shop.reconcile(day_before(api.shop.clock.now() + timedelta(days=1)))


async def test_a_report_shows_sums_and_findings(api: Api) -> None:
    bought = await api.bought()
    order_id = bought["order"]["id"]
    facts = await api.shop.facts(order_id)
    reference = facts.payments[0].reference
    assert reference is not None
    by_hand = api.shop.provider.refund_by_hand(reference, facts.order.total)
    report = await reconciled(api)
    shown = await api.get(f"/v1/reconciliations/{report.summary.id}")
    assert shown["findings"] == [
        {
            "kind": "unexpected_refund",
            "subject_id": by_hand.reference,
            "order_id": order_id,
            "ours": None,
            "theirs": "succeeded 20.23 EUR",
            "done": "case_opened",
        }
    ]
    summary = shown["summary"]
    assert (summary["since"], summary["until"]) == ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    assert summary["needs_person"]
    assert summary["counts"] == {
        "payments": 1,
        "refunds": 1,
        "orders": 1,
        "not_ours": 0,
        "disputes": 0,
    }
    euros = {"currency": "EUR"}
    assert summary["sums"] == [
        {
            **euros,
            "captured_ours": {**euros, "minor": 2023},
            "captured_theirs": {**euros, "minor": 2023},
            "refunded_ours": {**euros, "minor": 0},
            "refunded_theirs": {**euros, "minor": 2023},
        }
    ]


async def test_reports_are_listed_page_by_page(api: Api) -> None:
    reports = [await reconciled(api) for _ in range(3)]
    page = await api.get("/v1/reconciliations?limit=2")
    assert [item["id"] for item in page["items"]] == [reports[2].summary.id, reports[1].summary.id]
    assert "findings" not in page["items"][0]
    rest = await api.get(f"/v1/reconciliations?limit=2&after={page['next']}")
    assert ([item["id"] for item in rest["items"]], rest["next"]) == ([reports[0].summary.id], None)


async def test_a_report_that_there_is_not_is_not_found(api: Api) -> None:
    for name in ("rec_00000000000000000000000000", "nonsense"):
        answer = await api.ask("GET", f"/v1/reconciliations/{name}")
        assert (answer.status_code, problem_of(answer)["code"]) == (404, "unknown_reconciliation")
    answer = await api.ask("GET", "/v1/reconciliations?after=nonsense")
    assert problem_of(answer)["code"] == "invalid_query"
