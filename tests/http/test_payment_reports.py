"""Payments over HTTP: found by whatever an operator asks for, counted for each provider."""

from datetime import timedelta
from typing import Any

import pytest

from domain.attempt import Operation
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.values import replace
from ports.api_keys import Role
from tests.builders import a_decline, a_dispute, a_payment, a_snapshot, an_attempt, an_order
from tests.http.api import Api, problem_of

LACKS_FUNDS = "pm_card_visa_chargeDeclinedInsufficientFunds"
STOLEN = "pm_card_visa_chargeDeclinedStolenCard"


async def tried(api: Api, *cards: str) -> Any:
    order = await api.placed()
    for card in cards:
        assert (await api.pay(order["id"], card)).status_code == 200
    return order


async def found(api: Api, query: str, role: Role = Role.SECRET) -> list[Any]:
    page = await api.get(f"/v1/payments?{query}", role=role)
    items: list[Any] = page["items"]
    return items


async def test_payments_are_found_by_what_became_of_them(api: Api) -> None:
    paid = await tried(api, "pm_card_visa")
    declined = await tried(api, LACKS_FUNDS)
    await api.placed()
    assert [each["order_id"] for each in await found(api, "state=captured")] == [paid["id"]]
    (payment,) = await found(api, "decline_reason=insufficient_funds&provider=simulated")
    assert payment["order_id"] == declined["id"]
    assert payment["status"] == "awaiting_method"
    told = payment["decline"]
    assert (told["code"], told["reason"]) == ("payment_declined", "insufficient_funds")
    assert [each["id"] for each in await found(api, f"order_id={declined['id']}")] == [payment["id"]]
    assert await found(api, "provider=elsewhere") == []
    assert len(await found(api, "")) == 3


async def test_the_providers_code_is_told_to_operators_only(api: Api) -> None:
    await tried(api, STOLEN)
    (payment,) = await found(api, "decline_reason=not_accepted")
    assert "provider_code" not in payment["decline"]
    (payment,) = await found(api, "decline_reason=not_accepted", Role.OPERATOR)
    assert payment["decline"]["provider_code"] == "stolen_card"
    assert "secret" not in str(payment)


async def test_payments_come_page_by_page(api: Api) -> None:
    orders = [(await api.placed())["id"] for _ in range(3)]
    first = await api.get("/v1/payments?limit=2")
    second = await api.get(f"/v1/payments?limit=2&after={first['next']}")
    assert [each["order_id"] for each in first["items"] + second["items"]] == orders[::-1]
    assert second["next"] is None


async def test_payments_are_found_by_when_they_began(api: Api) -> None:
    early = await api.placed()
    began = api.shop.clock.now() + timedelta(minutes=1)
    api.shop.clock.advance(timedelta(hours=1))
    late = await api.placed()
    moment = began.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [each["order_id"] for each in await found(api, f"created_from={moment}")] == [late["id"]]
    assert [each["order_id"] for each in await found(api, f"created_to={moment}")] == [early["id"]]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("after=pay_1", "?after"),
        ("state=paid", "?state"),
        ("decline_reason=stolen", "?decline_reason"),
        ("created_from=2026-11-20T00:00:00", "?created_from"),
        ("created_to=0001-01-01T00:00:00%2B10:00", "?created_to"),
        ("created_to=yesterday", "?created_to"),
    ],
)
async def test_what_cannot_be_asked_for_is_named(api: Api, query: str, path: str) -> None:
    answer = await api.ask("GET", f"/v1/payments?{query}")
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (400, "invalid_query")
    assert [error["path"] for error in problem["errors"]] == [path]


async def test_providers_are_counted(api: Api) -> None:
    await tried(api, LACKS_FUNDS, STOLEN, "pm_card_visa")
    await tried(api, LACKS_FUNDS)
    await api.placed()
    api.shop.clock.advance(timedelta(seconds=1))
    counted = await api.get("/v1/payment-statistics", role=Role.OPERATOR)
    (provider,) = counted["providers"]
    assert (provider["provider"], provider["payments"]) == ("simulated", 3)
    assert (provider["succeeded"], provider["declined"], provider["success_rate"]) == (1, 1, 0.5)
    assert provider["declines"] == [
        {"reason": "insufficient_funds", "count": 2},
        {"reason": "not_accepted", "count": 1},
    ]
    assert (provider["refunds"], provider["open_disputes"]) == (0, 0)
    # Three created, four tried, one captured.
    assert (provider["settled_calls"], provider["p50_ms"], provider["p95_ms"]) == (8, 0, 0)


async def test_two_providers_are_counted_each_by_itself(api: Api) -> None:
    began = api.shop.clock.now()
    for provider, milliseconds, disputes in (("stripe", 40, 1), ("adyen", 700, 2)):
        payment = a_payment(
            order := an_order(), provider=provider, state=PaymentState.CAPTURED, created_at=began
        )
        attempt = an_attempt(payment, operation=Operation.CAPTURE, started_at=began)
        facts = OrderFacts(order=order, payments=(payment,)).attempt_started(attempt, began)
        facts = facts.attempt_ended(attempt.succeeded(), began + timedelta(milliseconds=milliseconds))
        await kept(api, replace(facts, disputes=tuple(a_dispute(payment) for _ in range(disputes))))
    declined = a_payment(
        order := an_order(), provider="adyen", state=PaymentState.AWAITING_METHOD, created_at=began
    )
    told = a_snapshot(
        declined.amount, state=declined.state, reference=declined.id, decline=a_decline(code="12")
    )
    await kept(api, OrderFacts(order=order, payments=(declined,)).payment_observed(declined.id, told, began))
    api.shop.clock.advance(timedelta(seconds=1))
    counted = await api.get("/v1/payment-statistics", role=Role.OPERATOR)
    shown = ("provider", "success_rate", "declines", "open_disputes", "p50_ms", "p95_ms")
    assert [tuple(each[name] for name in shown) for each in counted["providers"]] == [
        ("adyen", 0.5, [{"reason": "insufficient_funds", "count": 1}], 2, 700, 700),
        ("stripe", 1.0, [], 1, 40, 40),
    ]


async def kept(api: Api, facts: OrderFacts) -> None:
    async with api.shop.unit_of_work() as uow:
        await uow.orders.add(facts, None)
        await uow.commit()


async def test_nobody_was_asked_to_pay_in_another_period(api: Api) -> None:
    await api.bought()
    period = "from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z"
    counted = await api.get(f"/v1/payment-statistics?{period}", role=Role.OPERATOR)
    assert counted["providers"] == []


@pytest.mark.parametrize(
    "period",
    [
        "from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from=2025-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
    ],
    ids=["empty", "backwards", "too long"],
)
async def test_a_period_that_is_none_is_refused(api: Api, period: str) -> None:
    answer = await api.ask("GET", f"/v1/payment-statistics?{period}", role=Role.OPERATOR)
    assert (answer.status_code, problem_of(answer)["code"]) == (400, "invalid_query")
