"""Money that a provider told as captured, and days later as failed: a person is told once, nobody is charged
again, and a lost webhook is made up for at night.
"""

from datetime import timedelta

import pytest

from application.request_refund import RefundRequest
from application.resolve_case import Decision
from domain.case import Case, CaseAction, CaseReason, CaseState
from domain.errors import RefundExceedsBalance
from domain.identifiers import RefundId
from domain.money import Money
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.period import Period
from domain.reconciliation import Done, FindingKind, Reconciliation
from tests.application.late_shop import LateShop
from tests.application.shop import TOTAL_MINOR

DAYS = timedelta(days=4)


async def completed(late: LateShop) -> OrderFacts:
    bought = await late.bought()
    late.provider.carry_out()
    facts = await late.told(bought)
    assert facts.order.state is OrderState.COMPLETED
    late.clock.advance(DAYS)
    return facts


async def failed(late: LateShop) -> OrderFacts:
    facts = await completed(late)
    late.provider.fail_capture(facts.payments[0].reference or "")
    return await late.told(facts)


def its_case(facts: OrderFacts) -> Case:
    (case,) = facts.cases
    assert (case.reason, case.subject_id) == (CaseReason.CAPTURE_FAILED, facts.payments[0].id)
    return case


async def last_night(late: LateShop) -> Reconciliation:
    """The night that compares the day in which the capture failed, and not the one of the order."""
    now = late.clock.now()
    return await late.reconcile(Period(since=now - timedelta(days=1), until=now + timedelta(seconds=1)))


async def test_a_completed_order_whose_capture_failed_is_shown_to_a_person(late: LateShop) -> None:
    facts = await failed(late)
    assert facts.order.state is OrderState.COMPLETED
    assert its_case(facts).state is CaseState.OPEN
    assert (await late.read_case(its_case(facts).id)).possible == (CaseAction.ACCEPT,)
    balances = await late.balances(facts.order.id)
    assert (
        (balances["provider"], balances["shopper"])
        == (late.collected(facts), TOTAL_MINOR)
        == (0, TOTAL_MINOR)
    )


async def test_nobody_is_charged_again_however_long_and_often_it_is_told(late: LateShop) -> None:
    facts = await failed(late)
    for _ in range(3):
        facts = await late.told(facts)
        facts = await late.after(facts.order.id, timedelta(days=1))
    its_case(facts)
    assert (late.asked("create"), late.asked("capture"), late.provider.waiting) == (1, 1, 0)


async def test_a_case_that_was_decided_is_not_opened_again_by_what_is_told_late(late: LateShop) -> None:
    facts = await failed(late)
    accept = Decision(case_id=its_case(facts).id, action=CaseAction.ACCEPT, by="Kim", why="paid by transfer")
    await late.resolve_case(accept)
    for _ in range(2):
        facts = await late.told(facts)
    assert its_case(facts).decided is CaseAction.ACCEPT
    balances = await late.balances(facts.order.id)
    assert (balances["provider"], balances["shopper"], balances["written_off"]) == (0, 0, TOTAL_MINOR)
    assert (await last_night(late)).findings == ()


async def test_what_fails_in_two_parts_is_written_off_once_and_the_night_agrees(late: LateShop) -> None:
    facts = await completed(late)
    for so_far in (800, TOTAL_MINOR):
        fails = Money.of(so_far, "EUR") - facts.payments[0].given_up
        late.provider.fail_capture(facts.payments[0].reference or "", fails)
        facts = await late.told(facts)
        case_id = facts.cases[-1].id
        await late.resolve_case(Decision(case_id=case_id, action=CaseAction.ACCEPT, by="Kim", why="given up"))
        facts = await late.facts(facts.order.id)
        assert (await late.balances(facts.order.id))["written_off"] == so_far
    assert len(facts.cases) == 2
    assert (await late.balances(facts.order.id))["shopper"] == 0
    assert (await last_night(late)).findings == ()


async def test_money_that_did_not_come_can_not_be_given_back(late: LateShop) -> None:
    facts = await failed(late)
    with pytest.raises(RefundExceedsBalance):
        await late.request_refund(RefundRequest(order_id=facts.order.id, refund_id=RefundId("ref_1")))


async def test_the_night_finds_a_capture_that_failed_without_a_word_to_us(late: LateShop) -> None:
    facts = await completed(late)
    late.provider.fail_capture(facts.payments[0].reference or "")
    report = await last_night(late)
    assert [(f.kind, f.done) for f in report.findings] == [(FindingKind.PAYMENT_STATE, Done.CASE_OPENED)]
    assert report.findings[0].theirs == f"authorized {facts.order.total}"
    facts = await late.facts(facts.order.id)
    its_case(facts)
    assert (await late.balances(facts.order.id))["provider"] == 0
    assert (await last_night(late)).findings == ()


async def test_the_night_has_nothing_to_add_to_what_the_webhook_told(late: LateShop) -> None:
    await failed(late)
    assert (await last_night(late)).findings == ()


async def test_the_webhook_has_nothing_to_add_to_what_the_night_found(late: LateShop) -> None:
    facts = await completed(late)
    late.provider.fail_capture(facts.payments[0].reference or "")
    await last_night(late)
    facts = await late.told(await late.facts(facts.order.id))
    its_case(facts)
    assert facts.payments[0].state is PaymentState.CAPTURED
