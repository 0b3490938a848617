"""Money back over HTTP: what is answered, who sees what, and every bad request by its field."""

from datetime import timedelta
from typing import Any, Final

import pytest

from domain.dispute import DisputeState
from domain.identifiers import OrderId
from ports.api_keys import Role
from ports.payments import Subject, WebhookNotice
from tests.http.api import PURCHASE, Api, problem_of

PUBLIC, OPERATOR = Role.PUBLISHABLE, Role.OPERATOR
ASKS_BANK: Final = {"instrument": {"token": "pm_card_threeDSecure2Required"}}
TWO_TEAS: Final = {
    "lines": [{"sku": "TEA", "quantity": 2}],
    "accepted_total": {"minor": 3451, "currency": "EUR"},
}


def euros(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "EUR"}


def refunds_of(order: Any) -> str:
    return f"/v1/orders/{order['id']}/refunds"


def line_of(order: Any, quantity: int = 1) -> list[dict[str, Any]]:
    return [{"line_id": order["lines"][0]["id"], "quantity": quantity}]


async def bought(api: Api) -> Any:
    """Two pieces, paid: 34.51 EUR."""
    answer = await api.ask("POST", "/v1/orders", {**PURCHASE, **TWO_TEAS})
    assert answer.status_code == 201, answer.text
    return answer.json()["order"]


async def asked_by_bank(api: Api) -> Any:
    """Two pieces that wait for the shopper's bank."""
    answer = await api.ask("POST", "/v1/orders", {**PURCHASE, **TWO_TEAS, "payment": ASKS_BANK})
    assert answer.status_code == 201, answer.text
    return answer.json()["order"]


async def confirmed(api: Api, order: Any) -> Any:
    facts = await api.shop.facts(OrderId(order["id"]))
    api.shop.provider.complete_authentication(facts.payments[0].reference or "")
    await told(api, order, Subject.PAYMENT)
    return await api.get(f"/v1/orders/{order['id']}")


async def told(api: Api, order: Any, about: Subject) -> None:
    """The provider's webhook has been handled."""
    facts = await api.shop.facts(OrderId(order["id"]))
    webhook_id, payment = api.shop.clock.new_id("whk"), facts.payments[0]
    notice = WebhookNotice(
        provider=payment.provider,
        event_id=webhook_id,
        event_type="anything",
        payment_reference=payment.reference,
        about=about,
    )
    async with api.shop.unit_of_work() as uow:
        await uow.inbox.add(webhook_id, notice, b"", api.shop.clock.now())
        await uow.commit()
    await api.shop.handle_webhook(webhook_id)


@pytest.mark.parametrize("role", [Role.SECRET, OPERATOR])
async def test_a_piece_goes_back_and_the_answer_says_what_it_was_worth(api: Api, role: Role) -> None:
    order = await bought(api)
    answer = await api.ask("POST", refunds_of(order), {"lines": line_of(order), "note": "broken"}, role=role)
    assert answer.status_code == 201
    told_ = answer.json()
    assert told_["order"]["status"] == "partially_refunded"
    assert told_["order"]["refunded"] == euros(1428)
    refund = told_["refund"]
    assert (refund["status"], refund["reason"], refund["note"]) == ("succeeded", "requested", "broken")
    assert refund["amount"] == euros(1428)
    assert refund["parts"] == [
        {**line_of(order)[0], "net": euros(1200), "tax": euros(228), "amount": euros(1428)}
    ]
    assert refund["restocked"] == []


async def test_an_empty_request_gives_everything_back_that_is_left(api: Api) -> None:
    order = await bought(api)
    await api.ask("POST", refunds_of(order), {"amount": euros(451)})
    rest = (await api.ask("POST", refunds_of(order), {})).json()
    assert rest["refund"]["amount"] == euros(3000)
    assert rest["order"]["status"] == "refunded"
    listed = await api.get(refunds_of(order))
    assert [refund["amount"]["minor"] for refund in listed["items"]] == [451, 3000]
    assert (listed["captured"], listed["refunded"], listed["refundable"]) == (
        euros(3451),
        euros(3451),
        euros(0),
    )
    assert listed["left"] == []


async def test_what_is_left_is_listed_line_by_line(api: Api) -> None:
    order = await bought(api)
    await api.ask("POST", refunds_of(order), {"lines": line_of(order), "restock": line_of(order)})
    listed = await api.get(refunds_of(order))
    assert listed["items"][0]["restocked"] == line_of(order)
    assert [(part["line_id"], part["quantity"], part["amount"]["minor"]) for part in listed["left"]] == [
        (order["lines"][0]["id"], 1, 1428),
        (None, 0, 595),
    ]
    assert api.shop.stock.free == 9


async def test_the_same_key_gives_nothing_more(api: Api) -> None:
    order = await bought(api)
    first = await api.ask("POST", refunds_of(order), {"amount": euros(1)}, key="once")
    again = await api.ask("POST", refunds_of(order), {"amount": euros(1)}, key="once")
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (await api.get(refunds_of(order)))["refunded"] == euros(1)


async def test_a_repeat_pays_nothing_more_although_the_answer_is_forgotten(api: Api) -> None:
    order = await bought(api)
    await api.ask("POST", refunds_of(order), {"amount": euros(1)}, key="once")
    api.shop.clock.advance(timedelta(hours=25))
    again = await api.ask("POST", refunds_of(order), {"amount": euros(1)}, key="once")
    assert "idempotent-replayed" not in again.headers
    assert (await api.get(refunds_of(order)))["refunded"] == euros(1)


async def test_without_a_key_no_money_moves(api: Api) -> None:
    order = await bought(api)
    for path in (refunds_of(order), f"/v1/orders/{order['id']}/shortages"):
        body = {"lines": line_of(order), "write_off": True} if path.endswith("shortages") else {}
        problem = problem_of(await api.ask("POST", path, body, key=""))
        assert problem["code"] == "idempotency_key_missing"


async def test_before_the_capture_everything_calls_the_order_off(api: Api) -> None:
    order = await asked_by_bank(api)
    answer = await api.ask("POST", refunds_of(order), {})
    assert (answer.status_code, answer.json()["refund"]) == (201, None)
    assert answer.json()["order"]["status"] == "canceled"


async def test_the_shopper_sees_refunds_but_neither_notes_nor_disputes(api: Api) -> None:
    sold = (await api.ask("POST", "/v1/orders", PURCHASE, role=PUBLIC)).json()
    order, token = sold["order"], sold["client_token"]
    await api.ask("POST", refunds_of(order), {"delivery": True, "note": "a complaint"})
    facts = await api.shop.facts(OrderId(order["id"]))
    api.shop.provider.dispute(facts.payments[0].reference or "", DisputeState.OPEN)
    await told(api, order, Subject.DISPUTE)
    theirs = await api.get(f"/v1/orders/{order['id']}", role=PUBLIC, token=token)
    listed = await api.get(refunds_of(order), role=PUBLIC, token=token)
    for refunds in (theirs["refunds"], listed["items"]):
        assert [(refund["amount"], refund["note"]) for refund in refunds] == [(euros(595), None)]
    assert theirs["disputes"] == []
    ours = await api.get(f"/v1/orders/{order['id']}", role=OPERATOR)
    (dispute,) = ours["disputes"]
    assert (dispute["status"], dispute["amount"], dispute["withdrawn"]) == ("open", euros(1428), True)
    assert ours["refunds"][0]["note"] == "a complaint"


async def test_the_timeline_tells_of_the_refund_and_the_books_close(api: Api) -> None:
    order = await bought(api)
    await api.ask("POST", refunds_of(order), {"restock": line_of(order, 2)})
    timeline = await api.get(f"/v1/orders/{order['id']}/timeline")
    kinds = [event["kind"] for event in timeline["events"]]
    assert {"refund_requested", "restocked", "refund_advanced"} <= set(kinds)
    balances = {row["account"]: row["balance"]["minor"] for row in timeline["balances"]}
    assert {name: balance for name, balance in balances.items() if balance} == {
        "sales": -2400,
        "refunds": 2400,
    }


async def test_a_shortage_is_not_charged_and_shown(api: Api) -> None:
    order = await asked_by_bank(api)
    answer = await api.ask(
        "POST", f"/v1/orders/{order['id']}/shortages", {"lines": line_of(order), "write_off": True}
    )
    assert answer.status_code == 201
    (shortage,) = answer.json()["shortages"]
    assert shortage["amount"] == euros(1428)
    paid = await confirmed(api, order)
    assert (paid["status"], paid["payment"]["captured"]) == ("paid", euros(3451 - 1428))
    rest = (await api.ask("POST", refunds_of(order), {})).json()
    assert (rest["refund"]["amount"], rest["order"]["status"]) == (euros(3451 - 1428), "refunded")


LINE: Final = "line_" + "0" * 26
BAD_REFUNDS: Final[dict[str, tuple[dict[str, Any], str, str]]] = {
    "too much": ({"amount": euros(3452)}, "refund_exceeds_balance", "/amount"),
    "nothing": ({"amount": euros(0)}, "invalid_request", "/amount/minor"),
    "less than nothing": ({"amount": euros(-1)}, "invalid_request", "/amount/minor"),
    "absurdly much": ({"amount": euros(10**30)}, "invalid_request", "/amount/minor"),
    "a fraction": ({"amount": {"minor": 1.5, "currency": "EUR"}}, "invalid_request", "/amount/minor"),
    "another currency": (
        {"amount": {"minor": 1, "currency": "USD"}},
        "currency_mismatch",
        "/amount/currency",
    ),
    "a currency that nobody knows": (
        {"amount": {"minor": 1, "currency": "XXX"}},
        "field_refused",
        "/amount/currency",
    ),
    "an amount and the delivery": ({"amount": euros(1), "delivery": True}, "field_refused", "/amount"),
    "an unknown line": (
        {"lines": [{"line_id": LINE, "quantity": 1}]},
        "unknown_line",
        "/lines/0/line_id",
    ),
    "no line id": ({"lines": [{"line_id": "", "quantity": 1}]}, "invalid_request", "/lines/0/line_id"),
    "no pieces": ({"lines": [{"line_id": LINE, "quantity": 0}]}, "invalid_request", "/lines/0/quantity"),
    "pieces as a text": (
        {"lines": [{"line_id": LINE, "quantity": "1"}]},
        "invalid_request",
        "/lines/0/quantity",
    ),
    "lines that are no list": ({"lines": {}}, "invalid_request", "/lines"),
    "restocking an unknown line": (
        {"amount": euros(1), "restock": [{"line_id": LINE, "quantity": 1}]},
        "unknown_line",
        "/restock/0/line_id",
    ),
    "delivery as a text": ({"delivery": "yes"}, "invalid_request", "/delivery"),
    "a note that is too long": ({"note": "x" * 501}, "invalid_request", "/note"),
    "a note with a NUL": ({"note": "a\0b"}, "invalid_request", "/note"),
    "an unknown field": ({"reason": "broken"}, "invalid_request", "/reason"),
}


@pytest.mark.parametrize("name", BAD_REFUNDS)
async def test_a_bad_refund_is_refused_by_its_field_and_moves_nothing(api: Api, name: str) -> None:
    body, code, path = BAD_REFUNDS[name]
    order = await bought(api)
    answer = await api.ask("POST", refunds_of(order), body)
    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (422, code)
    assert problem["errors"][0]["path"] == path
    assert problem["errors"][0]["rule"]
    assert (await api.get(refunds_of(order)))["items"] == []
    assert api.shop.stock.sold == 2


@pytest.mark.parametrize("field", ["lines", "restock"])
async def test_more_pieces_than_are_left_are_refused_and_how_many_are_left_is_told(
    api: Api, field: str
) -> None:
    order = await bought(api)
    await api.ask("POST", refunds_of(order), {"lines": line_of(order), "restock": line_of(order)})
    body = {"delivery": True, field: line_of(order, 2)}
    problem = problem_of(await api.ask("POST", refunds_of(order), body))
    assert problem["code"] == "too_many_pieces"
    assert problem["errors"] == [{"path": f"/{field}/0/quantity", "rule": "at most 1"}]


async def test_refunding_what_went_back_already_is_refused(api: Api) -> None:
    order = await bought(api)
    await api.ask("POST", refunds_of(order), {})
    problem = problem_of(await api.ask("POST", refunds_of(order), {}))
    assert problem["code"] == "refund_exceeds_balance"
    assert problem["errors"] == [{"path": "/amount", "rule": "left out: nothing is left to refund"}]


async def test_a_part_of_what_was_not_taken_yet_is_refused(api: Api) -> None:
    order = await asked_by_bank(api)
    answer = await api.ask("POST", refunds_of(order), {"amount": euros(1)})
    assert (answer.status_code, problem_of(answer)["code"]) == (409, "payment_not_captured")


async def test_what_a_bank_has_in_hand_is_not_refunded(api: Api) -> None:
    order = await bought(api)
    facts = await api.shop.facts(OrderId(order["id"]))
    api.shop.provider.dispute(facts.payments[0].reference or "", DisputeState.OPEN)
    await told(api, order, Subject.DISPUTE)
    answer = await api.ask("POST", refunds_of(order), {})
    assert (answer.status_code, problem_of(answer)["code"]) == (409, "payment_disputed")
    assert (await api.get(refunds_of(order)))["refundable"] == euros(0)


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"lines": []}, "invalid_request", "/lines"),
        ({"lines": [{"line_id": LINE, "quantity": 1}]}, "unknown_line", "/lines/0/line_id"),
        ({"write_off": None}, "invalid_request", "/write_off"),
        ({"amount": euros(1)}, "invalid_request", "/amount"),
    ],
)
async def test_a_bad_shortage_is_refused_by_its_field(
    api: Api, changes: dict[str, Any], code: str, path: str
) -> None:
    order = await asked_by_bank(api)
    body = {"lines": line_of(order), "write_off": False, **changes}
    problem = problem_of(await api.ask("POST", f"/v1/orders/{order['id']}/shortages", body))
    assert (problem["status"], problem["code"]) == (422, code)
    assert problem["errors"][0]["path"] == path
    assert api.shop.stock.held == 2


async def test_a_shortage_of_all_or_after_the_capture_is_refused(api: Api) -> None:
    order = await asked_by_bank(api)
    path = f"/v1/orders/{order['id']}/shortages"
    answer = await api.ask("POST", path, {"lines": line_of(order, 2), "write_off": False})
    assert (answer.status_code, problem_of(answer)["code"]) == (409, "nothing_left_to_ship")
    await confirmed(api, order)
    answer = await api.ask("POST", path, {"lines": line_of(order), "write_off": False})
    assert (answer.status_code, problem_of(answer)["code"]) == (409, "shortage_too_late")
