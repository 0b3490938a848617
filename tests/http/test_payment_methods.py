"""What a shopper sees of a payment that isn't made by card."""

from datetime import datetime

import pytest

from domain.identifiers import OrderId, PaymentId
from domain.payment import DeclineReason
from domain.payment_method import METHODS
from entrypoints.http.structs.payments import DECLINE_SENTENCES, OTHER_SENTENCES, decline_sentence
from tests.http.api import Api, problem_of

DEBIT = "pm_sepaDebit_success_de"


async def test_money_on_its_way_is_told_with_the_day_by_which_it_is_expected(api: Api) -> None:
    placed = await api.placed()
    assert (placed["payment"]["method"], placed["payment"]["expected_by"]) == (None, None)
    order = (await api.pay(placed["id"], DEBIT)).json()
    payment = order["payment"]
    assert (order["status"], payment["method"]) == ("processing", "sepa_debit")
    assert payment["next_action"] == {"kind": "wait"}
    expected = api.shop.clock.now() + METHODS["sepa_debit"].arrives_within
    assert datetime.fromisoformat(payment["expected_by"]) == expected


async def test_a_card_is_named_and_expected_at_no_day(api: Api) -> None:
    paid = (await api.pay((await api.placed())["id"])).json()
    assert (paid["payment"]["method"], paid["payment"]["expected_by"]) == ("card", None)


async def test_whoever_did_not_pay_by_card_is_not_told_of_a_card(api: Api) -> None:
    order = (await api.pay((await api.placed())["id"], DEBIT)).json()
    (held,) = api.shop.provider.everything()
    api.shop.provider.bounce(held.snapshot.reference)
    failed = await api.shop.provider.retrieve(held.snapshot.reference)
    payment_id, now = PaymentId(order["payment"]["id"]), api.shop.clock.now()
    await api.shop.advance.record(
        OrderId(order["id"]), lambda facts: facts.payment_observed(payment_id, failed, now)
    )
    shown = await api.get(f"/v1/orders/{order['id']}")
    expected = OTHER_SENTENCES[DeclineReason.NOT_ACCEPTED]
    assert shown["payment"]["decline"]["text"] == expected
    assert [message["text"] for message in shown["messages"]] == [expected]


@pytest.mark.parametrize("reason", DeclineReason)
def test_every_family_has_a_sentence_for_what_is_no_card(reason: DeclineReason) -> None:
    assert decline_sentence(reason, METHODS["card"]) == DECLINE_SENTENCES[reason]
    assert "card" not in decline_sentence(reason, METHODS["ideal"])


async def test_a_price_that_no_card_can_be_charged_with_is_refused(api: Api) -> None:
    prices = [{"minor": 1234, "currency": "KWD"}]
    refused = await api.ask("PUT", "/v1/products/MUG", {"title": "A mug", "prices": prices})
    problem = problem_of(refused)
    assert (refused.status_code, problem["errors"][0]["path"]) == (422, "/prices/0/minor")
