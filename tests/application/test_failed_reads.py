"""A read that brings nothing: repeated when the vendor wishes, shown to a person when refused for long."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.advance_order import AdvanceOrder
from application.request_refund import RefundRequest
from application.resolve_case import Decision
from domain.case import CaseAction, CaseReason, CaseState
from domain.identifiers import OrderId, RefundId
from domain.money import Money
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import Instrument
from domain.refund import RefundState
from domain.time_to_pay import POLL_OPEN_PAYMENT
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from tests.application.shop import ASKS_BANK, Shop

MINUTE = timedelta(minutes=1)
REFUSED = Rejected("resource_missing")


def due_in(shop: Shop, order_id: OrderId) -> timedelta | None:
    due_at = shop.storage.orders[order_id].due_at
    return due_at - shop.clock.now() if due_at is not None else None


def reads(shop: Shop) -> int:
    return shop.faults.asked.count("retrieve")


async def at_the_bank(shop: Shop) -> OrderFacts:
    return await shop.tries(await shop.placed(), ASKS_BANK)


async def refusing(shop: Shop, facts: OrderFacts, minutes: int) -> OrderFacts:
    """The provider answers each reading of these minutes with the same no."""
    for _ in range(minutes):
        shop.faults.planned = [("retrieve", "before", REFUSED)]
        facts = await shop.after(facts.order.id, MINUTE)
    shop.faults.planned = []
    return facts


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (Unavailable("rate_limited", retry_after_seconds=7), timedelta(seconds=7)),
        (Unavailable("rate_limited", retry_after_seconds=0), timedelta(seconds=1)),
        (Unavailable("rate_limited", retry_after_seconds=10**9), timedelta(hours=1)),
        (Unavailable("not_connected"), MINUTE),
        (OutcomeUnknown("timeout"), MINUTE),
        (REFUSED, MINUTE),
    ],
    ids=str,
)
async def test_a_failed_read_is_repeated_when_the_vendor_wishes(
    shop: Shop, failure: PortError, expected: timedelta
) -> None:
    facts = await at_the_bank(shop)
    shop.faults.planned = [("retrieve", "before", failure)]
    facts = await shop.after(facts.order.id, POLL_OPEN_PAYMENT)
    assert due_in(shop, facts.order.id) == expected
    assert facts.cases == ()
    before = reads(shop)
    await shop.after(facts.order.id, expected)
    assert reads(shop) == before + 1


async def test_a_read_that_is_refused_for_an_hour_is_shown_to_a_person_once(shop: Shop) -> None:
    facts = await refusing(shop, await at_the_bank(shop), 60)
    assert facts.cases == ()
    facts = await refusing(shop, facts, 30)
    (case,) = facts.cases
    assert (case.reason, case.subject_id) == (CaseReason.READ_REFUSED, facts.payments[0].id)
    assert case.detail == "resource_missing"


async def test_it_is_asked_rarely_then_and_an_answer_closes_the_case(shop: Shop) -> None:
    facts = await refusing(shop, await at_the_bank(shop), 70)
    assert len(facts.cases) == 1
    before = reads(shop)
    facts = await refusing(shop, facts, 50)
    assert reads(shop) == before
    shop.provider.complete_authentication(facts.payments[0].reference or "")
    facts = await shop.after(facts.order.id, timedelta(hours=1))
    assert facts.order.state is OrderState.COMPLETED
    assert [case.state for case in facts.cases] == [CaseState.RESOLVED]


async def test_a_person_can_have_it_asked_at_once(shop: Shop) -> None:
    facts = await refusing(shop, await at_the_bank(shop), 70)
    shop.provider.complete_authentication(facts.payments[0].reference or "")
    decision = Decision(
        case_id=facts.cases[0].id, action=CaseAction.RETRY, by="Kim", why="the key was renewed"
    )
    await shop.resolve_case(decision)
    facts = await shop.advance(facts.order.id)
    assert facts.order.state is OrderState.COMPLETED


async def test_a_refund_that_the_provider_has_lost_is_shown_to_a_person(shop: Shop) -> None:
    facts = await shop.bought(Instrument(token="pm_card_pendingRefund"))
    request = RefundRequest(order_id=facts.order.id, refund_id=RefundId("ref_1"))
    facts = await shop.request_refund(request)
    assert facts.refunds[0].state is RefundState.PENDING
    for _ in range(130):
        shop.faults.planned = [("find_refund", "before", REFUSED)]
        facts = await shop.after(facts.order.id, MINUTE)
    assert [(case.reason, case.subject_id) for case in facts.cases] == [(CaseReason.READ_REFUSED, "ref_1")]
    shop.faults.planned = []
    shop.provider.end_refund(facts.payments[0].reference or "", RefundId("ref_1"), RefundState.SUCCEEDED)
    facts = await shop.after(facts.order.id, timedelta(hours=1))
    assert (facts.refunds[0].state, facts.cases[0].state) == (RefundState.SUCCEEDED, CaseState.RESOLVED)


async def test_a_refund_that_is_lost_keeps_no_other_from_being_looked_at(shop: Shop) -> None:
    facts = await shop.bought(Instrument(token="pm_card_pendingRefund"))
    reference = facts.payments[0].reference or ""
    for refund_id in (RefundId("ref_1"), RefundId("ref_2")):
        part = Money.of(500, "EUR")
        await shop.request_refund(RefundRequest(order_id=facts.order.id, refund_id=refund_id, amount=part))
        shop.clock.advance(MINUTE)
    held = shop.provider._held(reference)
    shop.provider._keep(replace(held, refunds=held.refunds[1:]))
    for _ in range(130):
        facts = await shop.after(facts.order.id, MINUTE)
    assert [case.subject_id for case in facts.cases] == ["ref_1"]
    shop.provider.end_refund(reference, RefundId("ref_2"), RefundState.SUCCEEDED)
    for _ in range(3):
        facts = await shop.after(facts.order.id, timedelta(hours=1))
    assert [refund.state for refund in facts.refunds] == [RefundState.PENDING, RefundState.SUCCEEDED]


async def test_somebody_quicker_has_decided_when_the_order_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shopper pays while a reading fails: nothing is raised, and what they did stands."""
    facts = await at_the_bank(shop)
    real = AdvanceOrder._after_failed_read
    quicker: list[OrderFacts] = []

    def late(advance: AdvanceOrder, before: OrderFacts, *rest: object) -> object:
        if not quicker:
            record = shop.storage.orders[before.order.id]
            other = before.as_stored(before.order.version + 1)
            shop.storage.orders[before.order.id] = replace(record, facts=other)
            quicker.append(other)
        return real(advance, before, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(AdvanceOrder, "_after_failed_read", late)
    shop.faults.planned = [("retrieve", "before", REFUSED)]
    shop.clock.advance(POLL_OPEN_PAYMENT)
    assert await shop.advance(facts.order.id) == quicker[0]
