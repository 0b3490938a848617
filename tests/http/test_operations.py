"""What machines ask: webhooks, health, and browsers from other origins."""

import asyncio
from dataclasses import replace

import pytest
import structlog

from entrypoints.http.app import create_app
from ports.errors import Unavailable
from tests.http.api import Api, client_of, problem_of
from tests.http.webhooks import SIGNED

EVENT = b'{"id": "evt_1"}'


# How each provider wants to be told that we have its webhook.
ACKNOWLEDGED = {"stripe": (204, b""), "adyen": (200, b"[accepted]")}


@pytest.mark.parametrize("provider", ACKNOWLEDGED)
async def test_a_signed_webhook_is_stored_once_and_acknowledged(api: Api, provider: str) -> None:
    for _ in range(2):
        answer = await api.http.post(f"/v1/webhooks/{provider}", content=EVENT, headers=SIGNED)
        assert (answer.status_code, answer.content) == ACKNOWLEDGED[provider]
    assert len(api.shop.storage.inbox) == 1


@pytest.mark.parametrize("provider", ACKNOWLEDGED)
@pytest.mark.parametrize("headers", [{}, {"X-Signature": "wrong"}])
async def test_a_webhook_with_a_bad_signature_leaves_no_row(
    api: Api, headers: dict[str, str], provider: str
) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = await api.http.post(f"/v1/webhooks/{provider}", content=EVENT, headers=headers)
    assert (answer.status_code, problem_of(answer)["code"]) == (400, "signature_invalid")
    assert not api.shop.storage.inbox
    assert [entry["event"] for entry in logs] == ["webhook_signature_invalid"]


async def test_a_huge_webhook_is_refused(api: Api) -> None:
    answer = await api.http.post("/v1/webhooks/stripe", content=b"x" * 1024 * 1025, headers=SIGNED)
    assert (answer.status_code, problem_of(answer)["code"]) == (413, "body_too_large")


async def test_it_is_alive(api: Api) -> None:
    answer = await api.http.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "failing": []})


async def test_it_is_ready_when_every_check_passes(api: Api) -> None:
    async def fine() -> None:
        return

    async def away() -> None:
        raise Unavailable("marked-data")

    async def broken() -> None:
        raise RuntimeError("marked-data")

    async def hangs() -> None:
        raise TimeoutError

    checks = {"database": fine, "redis": away, "stripe": broken, "carrier": hangs}
    for passing, status in ((True, 200), (False, 503)):
        wanted = {"database": fine} if passing else checks
        app = create_app(replace(api.use_cases, health_checks=wanted))
        async with client_of(app) as http:
            answer = await http.get("/health/ready")
        assert answer.status_code == status
        assert answer.json()["failing"] == ([] if passing else ["redis", "stripe", "carrier"])
        assert "marked" not in answer.text


async def test_it_is_ready_without_what_it_can_do_without(api: Api) -> None:
    async def away() -> None:
        raise Unavailable("marked-data")

    use_cases = replace(api.use_cases, health_checks={"redis": away}, dispensable=frozenset({"redis"}))
    async with client_of(create_app(use_cases)) as http:
        answer = await http.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "degraded", "failing": ["redis"]})


async def test_browsers_of_a_storefront_may_call_and_others_are_not_told_so(api: Api) -> None:
    app = create_app(api.use_cases, ["https://shop.example"])
    asked = {
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,client-token,idempotency-key,if-match",
    }
    async with client_of(app) as http:
        path = "/v1/checkouts/x"
        ours = await http.options(path, headers={"Origin": "https://shop.example", **asked})
        foreign = await http.options(path, headers={"Origin": "https://evil.example", **asked})
    assert ours.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-origin" not in foreign.headers


async def test_requests_side_by_side_keep_apart(api: Api) -> None:
    orders = await asyncio.gather(*(api.bought() for _ in range(10)))
    assert len({bought["order"]["id"] for bought in orders}) == 10
    assert api.shop.stock.sold == 10
