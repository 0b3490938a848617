"""From a cart to a paid order, as storefronts and servers do it."""

from datetime import timedelta

import pytest

from domain.identifiers import OrderId
from ports.api_keys import Role
from ports.errors import OutcomeUnknown, Unavailable
from tests.http.api import ADDRESS, CART, LINES, PURCHASE, TOTAL, Api, problem_of


async def test_a_browser_buys_step_by_step(api: Api) -> None:
    role = Role.PUBLISHABLE
    answer = await api.ask("POST", "/v1/checkouts", {"currency": "EUR", "lines": LINES}, role=role)
    checkout = answer.json()
    assert answer.status_code == 201
    assert checkout["state"] == "incomplete"
    path, token = f"/v1/checkouts/{checkout['id']}", checkout["client_token"]
    contact = {"email": "a@example.com", "name": "A", "shipping_address": ADDRESS}
    await api.ask("PATCH", path, contact, role=role, token=token)
    options = (await api.get(f"{path}/delivery-options", role=role, token=token))["options"]
    assert [option["id"] for option in options] == ["standard", "express"]
    chosen = (
        await api.ask("PUT", f"{path}/delivery", {"option_id": "standard"}, role=role, token=token)
    ).json()
    assert (chosen["state"], chosen["total"]) == ("ready", TOTAL)
    accepted = {"version": chosen["version"], "accepted_total": chosen["total"]}
    placed = await api.ask("POST", f"{path}/place", accepted, role=role, token=token)
    order = placed.json()
    assert (placed.status_code, order["status"]) == (201, "awaiting_payment")
    assert order["payment"]["next_action"]["kind"] == "in_page"
    assert order["payment"]["client_secret"]
    paid = await api.pay(order["id"], role=role, token=token)
    assert (paid.status_code, paid.json()["status"]) == (200, "paid")
    assert (await api.get(path, role=role, token=token))["order_id"] == order["id"]


async def test_a_wallet_buys_in_a_single_call(api: Api) -> None:
    answer = await api.ask("POST", "/v1/orders", PURCHASE)
    order = answer.json()["order"]
    assert (answer.status_code, order["status"], order["total"]) == (201, "paid", TOTAL)
    token = answer.json()["client_token"]
    seen = await api.get(f"/v1/orders/{order['id']}", role=Role.PUBLISHABLE, token=token)
    assert seen["status"] == "paid"


async def test_a_checkout_shows_what_a_shopper_is_asked_to_accept(api: Api) -> None:
    checkout = await api.created()
    (line,) = checkout["lines"]
    assert line["available"] == 10
    assert (line["unit_price"]["minor"], line["tax"]["minor"], line["total"]["minor"]) == (1200, 228, 1428)
    assert [row["type"] for row in checkout["totals"]] == ["subtotal", "delivery", "tax", "total"]
    assert checkout["taxes"][0]["rate_ppm"] == 190_000
    assert checkout["delivery_groups"][0]["chosen"]["id"] == "standard"
    assert checkout["delivery_groups"][0]["line_ids"] == [line["id"]]
    assert checkout["continue_url"] == f"https://shop.example/checkouts/{checkout['id']}"
    assert checkout["expires_at"].endswith("Z")


async def test_the_client_token_is_shown_once(api: Api) -> None:
    checkout = await api.created()
    assert checkout["client_token"]
    assert "client_token" not in await api.get(f"/v1/checkouts/{checkout['id']}")


async def test_an_incomplete_checkout_says_what_it_needs(api: Api) -> None:
    answer = await api.ask("POST", "/v1/checkouts", {"currency": "EUR"})
    codes = [(message["code"], message["path"]) for message in answer.json()["messages"]]
    assert ("cart_empty", "/lines") in codes
    assert ("email_missing", "/email") in codes


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedStolenCard", "not_accepted"),
    ],
)
async def test_a_decline_is_no_error_and_tells_a_family_of_reasons(api: Api, card: str, reason: str) -> None:
    order = await api.placed()
    answer = await api.pay(order["id"], card)
    declined = answer.json()
    assert (answer.status_code, declined["status"]) == (200, "awaiting_payment")
    told = declined["payment"]["decline"]
    assert (told["code"], told["reason"]) == ("payment_declined", reason)
    assert "provider_code" not in declined["payment"]["decline"]
    assert [message["code"] for message in declined["messages"]] == ["payment_declined"]
    assert (await api.pay(order["id"])).json()["status"] == "paid"


async def test_nothing_can_be_paid_before_the_provider_was_reached(api: Api) -> None:
    api.shop.faults.planned.append(("create", "before", Unavailable("rate_limited")))
    order = await api.placed()
    assert order["payment"]["next_action"]["kind"] == "wait"
    refused = await api.pay(order["id"], key="try-1")
    problem = problem_of(refused)
    assert (refused.status_code, problem["code"]) == (503, "service_temporarily_unavailable")
    assert refused.headers["Retry-After"] == "1"
    await api.shop.after(OrderId(order["id"]), timedelta(seconds=1))
    assert (await api.pay(order["id"], key="try-1")).json()["status"] == "paid"


async def test_a_try_that_nobody_knows_the_end_of_is_no_invitation_to_pay_again(api: Api) -> None:
    order = await api.placed()
    api.shop.faults.planned.append(("confirm", "after", OutcomeUnknown("timeout")))
    in_doubt = (await api.pay(order["id"])).json()
    assert (in_doubt["status"], in_doubt["payment"]["next_action"]["kind"]) == ("processing", "wait")
    assert (in_doubt["payment"]["decline"], in_doubt["messages"]) == (None, [])
    assert problem_of(await api.pay(order["id"]))["code"] == "order_not_payable"
    facts = await api.shop.after(OrderId(order["id"]), timedelta(seconds=30))
    assert (await api.get(f"/v1/orders/{order['id']}"))["status"] == "paid"
    assert api.shop.collected(facts) == TOTAL["minor"]


async def test_an_operator_sees_the_providers_code_but_no_secret(api: Api) -> None:
    order = await api.placed()
    await api.pay(order["id"], "pm_card_visa_chargeDeclinedStolenCard")
    payment = (await api.get(f"/v1/orders/{order['id']}", role=Role.OPERATOR))["payment"]
    assert payment["decline"]["provider_code"] == "stolen_card"
    assert (payment["client_secret"], payment["next_action"]) == (None, None)


async def test_a_bank_that_asks_is_a_required_action(api: Api) -> None:
    order = await api.placed()
    body = {
        "instrument": {"token": "pm_card_threeDSecure2Required"},
        "return_url": "https://shop.example/back",
    }
    asked = (await api.ask("POST", f"/v1/orders/{order['id']}/payments/confirm", body)).json()
    assert asked["status"] == "action_required"
    action = asked["payment"]["next_action"]
    # The simulated bank is the page that it was told to send the shopper back to.
    assert (action["kind"], action["url"].partition(".")[0]) == (
        "redirect",
        f"http://shop/returns/{order['id']}",
    )


async def test_an_order_is_explained(api: Api) -> None:
    order = (await api.bought())["order"]
    explained = await api.get(f"/v1/orders/{order['id']}/timeline")
    kinds = [event["kind"] for event in explained["events"]]
    assert kinds[0] == "order_placed"
    assert kinds[-1] == "order_completed"
    balances = {row["account"]: row["balance"]["minor"] for row in explained["balances"]}
    assert (balances["provider"], balances["shopper"], balances["sales"]) == (2023, 0, -1200)
    assert explained["waiting"] == {"reason": None, "since": None, "until": None}


async def test_an_open_order_says_what_it_waits_for(api: Api) -> None:
    order = await api.placed()
    waiting = (await api.get(f"/v1/orders/{order['id']}/timeline"))["waiting"]
    assert waiting["reason"] == "awaiting_method"
    assert waiting["until"].endswith("Z")


async def test_calling_an_order_off_twice_changes_nothing_more(api: Api) -> None:
    order = await api.placed()
    for _ in range(2):
        answer = await api.ask("POST", f"/v1/orders/{order['id']}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
        assert answer.json()["closing_reason"] == "cancelled_by_merchant"
        assert answer.json()["payment"]["client_secret"] is None


async def test_a_shopper_who_calls_an_order_off_is_named_as_the_reason(api: Api) -> None:
    checkout = await api.created()
    order = (await api.place(checkout)).json()
    path, token = f"/v1/orders/{order['id']}/cancel", checkout["client_token"]
    canceled = await api.ask("POST", path, role=Role.PUBLISHABLE, token=token)
    assert canceled.json()["closing_reason"] == "cancelled_by_shopper"


async def test_an_order_that_nobody_pays_expires(api: Api) -> None:
    order = await api.placed()
    await api.shop.after(OrderId(order["id"]), timedelta(hours=1))
    seen = await api.get(f"/v1/orders/{order['id']}")
    assert (seen["status"], seen["closing_reason"]) == ("expired", "not_paid_in_time")


async def test_a_checkout_given_up_is_closed(api: Api) -> None:
    checkout = await api.created()
    path = f"/v1/checkouts/{checkout['id']}"
    assert (await api.ask("POST", f"{path}/cancel")).json()["state"] == "canceled"
    assert (await api.ask("PATCH", path, {"name": "B"})).json()["code"] == "checkout_closed"


async def test_a_checkout_expires(api: Api) -> None:
    checkout = await api.created()
    api.shop.clock.advance(timedelta(hours=7))
    assert (await api.get(f"/v1/checkouts/{checkout['id']}"))["state"] == "expired"


async def test_a_merchants_server_sets_prices(api: Api) -> None:
    lines = [{"sku": "TEA", "quantity": 2, "unit_price": {"minor": 500, "currency": "EUR"}}]
    checkout = await api.created(lines=lines)
    assert checkout["lines"][0]["subtotal"]["minor"] == 1000
    path = f"/v1/checkouts/{checkout['id']}"
    replaced = (await api.ask("PUT", path, {**CART, "lines": lines})).json()
    assert (replaced["version"], replaced["lines"][0]["unit_price"]["minor"]) == (2, 500)


async def test_lines_keep_their_identity_by_id(api: Api) -> None:
    checkout = await api.created()
    line_id = checkout["lines"][0]["id"]
    lines = [{"id": line_id, "sku": "TEA", "quantity": 3}]
    changed = (await api.ask("PATCH", f"/v1/checkouts/{checkout['id']}", {"lines": lines})).json()
    assert [(line["id"], line["quantity"]) for line in changed["lines"]] == [(line_id, 3)]
