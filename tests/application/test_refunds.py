"""Money back with a provider that fails: the row is there first, the balance is never exceeded, and nothing
is paid out twice.
"""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from application.report_shortage import ShortageReport
from application.request_refund import RefundRequest
from application.resolve_case import Decision
from application.vendor_calls import LEASE
from domain.case import CaseAction, CaseReason, CaseState, Resolution
from domain.dispute import DisputeState
from domain.errors import DomainRefusal, RefundExceedsBalance, ShortageTooLate, TooManyPieces
from domain.events import EventKind
from domain.identifiers import RefundId, ShortageId
from domain.money import Money
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import Instrument, PaymentState
from domain.refund import RefundedLine, RefundSnapshot, RefundState
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from ports.payments import Subject, WebhookNotice
from tests.application.shop import ASKS_BANK, TOTAL_MINOR, Shop

LATER = timedelta(minutes=30)
SLOW = Instrument(token="pm_card_pendingRefund")
EMPTY = {"shopper": 0, "provider": 0, "delivery": 0, "tax": 0}


def eur(minor: int) -> Money:
    return Money.of(minor, "EUR")


def all_of(facts: OrderFacts, quantity: int = 1) -> tuple[RefundedLine, ...]:
    return (RefundedLine(line_id=facts.order.lines[0].id, quantity=quantity),)


async def refund(
    shop: Shop, facts: OrderFacts, refund_id: str = "ref_1", minor: int | None = None
) -> OrderFacts:
    amount = eur(minor) if minor is not None else None
    request = RefundRequest(order_id=facts.order.id, refund_id=RefundId(refund_id), amount=amount)
    return await shop.request_refund(request)


async def webhook(shop: Shop, facts: OrderFacts, about: Subject, event_id: str = "evt_1") -> OrderFacts:
    notice = WebhookNotice(
        provider=shop.provider.provider,
        event_id=event_id,
        event_type="anything",
        payment_reference=facts.payments[0].reference,
        about=about,
    )
    async with shop.unit_of_work() as uow:
        await uow.inbox.add(f"whk_{event_id}", notice, b"", shop.clock.now())
        await uow.commit()
    await shop.handle_webhook(f"whk_{event_id}")
    return await shop.facts(facts.order.id)


async def test_everything_goes_back_and_the_books_close(shop: Shop) -> None:
    facts = await refund(shop, await shop.bought())
    assert [(r.state, r.amount.minor) for r in facts.refunds] == [(RefundState.SUCCEEDED, TOTAL_MINOR)]
    assert shop.collected(facts) == 0
    balances = await shop.balances(facts.order.id)
    assert {name: balances[name] for name in EMPTY} == EMPTY
    assert balances["refunds"] == -balances["sales"]


async def test_the_same_refund_again_gives_nothing_more(shop: Shop) -> None:
    facts = await shop.bought()
    first = await refund(shop, facts, minor=500)
    assert (await refund(shop, facts, minor=500)).refunds == first.refunds
    assert shop.collected(facts) == TOTAL_MINOR - 500


async def test_the_row_and_its_key_are_there_before_the_provider_is_asked(shop: Shop) -> None:
    facts = await shop.bought()
    shop.faults.planned.append(("refund", "before", OutcomeUnknown("crash")))
    waiting = await refund(shop, facts, minor=500)
    assert waiting.refunds[0].state is RefundState.REQUESTED
    assert waiting.attempts[0].subject_id == "ref_1"
    with pytest.raises(RefundExceedsBalance):
        await refund(shop, facts, "ref_2", TOTAL_MINOR - 499)
    done = await shop.after(facts.order.id, LATER)
    assert done.refunds[0].state is RefundState.SUCCEEDED
    assert shop.collected(facts) == TOTAL_MINOR - 500


async def test_a_refund_whose_answer_was_lost_is_found_and_not_made_again(shop: Shop) -> None:
    facts = await shop.bought()
    shop.faults.planned.append(("refund", "after", OutcomeUnknown("lost")))
    await refund(shop, facts, minor=500)
    done = await shop.after(facts.order.id, LATER)
    assert done.refunds[0].state is RefundState.SUCCEEDED
    assert shop.collected(facts) == TOTAL_MINOR - 500


async def test_a_provider_that_is_away_is_asked_again_under_the_same_key(shop: Shop) -> None:
    facts = await shop.bought()
    shop.faults.planned.append(("refund", "before", Unavailable("429")))
    await refund(shop, facts)
    done = await shop.after(facts.order.id, LATER)
    assert done.refunds[0].state is RefundState.SUCCEEDED


async def test_a_refund_that_the_provider_refuses_gives_its_amount_back_and_is_shown_to_a_person(
    shop: Shop,
) -> None:
    facts = await shop.bought()
    shop.faults.planned.append(("refund", "before", Rejected("expired_card")))
    failed = await refund(shop, facts)
    assert failed.refunds[0].state is RefundState.FAILED
    assert failed.has_case(CaseReason.REFUND_FAILED, "ref_1")
    again = await refund(shop, facts, "ref_2")
    assert again.refunds[1].state is RefundState.SUCCEEDED
    assert shop.collected(facts) == 0


async def test_a_slow_refund_reserves_its_amount_until_a_webhook_says_that_it_arrived(shop: Shop) -> None:
    facts = await refund(shop, await shop.bought(SLOW))
    assert facts.refunds[0].state is RefundState.PENDING
    with pytest.raises(RefundExceedsBalance):
        await refund(shop, facts, "ref_2", 1)
    shop.provider.end_refund(facts.payments[0].reference or "", RefundId("ref_1"), RefundState.SUCCEEDED)
    arrived = await webhook(shop, facts, Subject.REFUND)
    assert arrived.refunds[0].state is RefundState.SUCCEEDED


async def test_a_refund_that_a_bank_sends_back_can_be_made_again(shop: Shop) -> None:
    facts = await refund(shop, await shop.bought())
    shop.provider.end_refund(facts.payments[0].reference or "", RefundId("ref_1"), RefundState.FAILED)
    returned = await webhook(shop, facts, Subject.REFUND)
    assert returned.refunds[0].state is RefundState.FAILED
    assert (await shop.balances(facts.order.id))["provider"] == TOTAL_MINOR
    assert returned.has_case(CaseReason.REFUND_FAILED, "ref_1")
    await refund(shop, facts, "ref_2")
    assert shop.collected(facts) == 0


async def test_a_webhook_about_a_payment_alone_does_not_ask_for_refunds(shop: Shop) -> None:
    facts = await refund(shop, await shop.bought(SLOW))
    shop.provider.end_refund(facts.payments[0].reference or "", RefundId("ref_1"), RefundState.SUCCEEDED)
    seen = await webhook(shop, facts, Subject.PAYMENT)
    assert seen.refunds[0].state is RefundState.PENDING


async def test_concurrent_refunds_never_exceed_what_was_captured(shop: Shop) -> None:
    facts = await shop.bought()

    async def one(number: int) -> bool:
        try:
            await refund(shop, facts, f"ref_{number}", 100)
        except RefundExceedsBalance:
            return False
        return True

    accepted = await asyncio.gather(*(one(number) for number in range(30)))
    done = await shop.after(facts.order.id, LATER)
    assert sum(accepted) == TOTAL_MINOR // 100
    assert {r.state for r in done.refunds} == {RefundState.SUCCEEDED}
    assert shop.collected(facts) == TOTAL_MINOR % 100


async def test_more_refunds_than_an_order_has_steps_are_all_submitted(shop: Shop) -> None:
    facts = await shop.bought()
    accepted = await asyncio.gather(*(refund(shop, facts, f"ref_{n}", 1) for n in range(120)))
    assert len(accepted) == 120
    done = await shop.after(facts.order.id, LATER)
    assert [r.state for r in done.refunds] == [RefundState.SUCCEEDED] * 120


async def test_before_the_capture_everything_is_a_void(shop: Shop) -> None:
    facts = await shop.placed(ASKS_BANK)
    called_off = await refund(shop, facts)
    assert (called_off.order.state, called_off.refunds) == (OrderState.CANCELLED, ())
    assert called_off.payments[0].is_over
    assert (shop.stock.held, shop.stock.sold) == (0, 0)
    again = await refund(shop, facts)
    assert (again.order.closed_at, again.refunds) == (called_off.order.closed_at, ())


async def test_pieces_go_back_to_stock_in_the_same_commit_and_once(shop: Shop) -> None:
    facts = await shop.bought()
    request = RefundRequest(
        order_id=facts.order.id, refund_id=RefundId("ref_1"), amount=eur(1), restock=all_of(facts)
    )
    shop.faults.planned.append(("refund", "before", Rejected("no")))
    for _ in range(2):
        await shop.request_refund(request)
        assert (shop.stock.sold, shop.stock.free) == (0, 10)
    more = RefundRequest(order_id=facts.order.id, refund_id=RefundId("ref_2"), restock=all_of(facts))
    with pytest.raises(TooManyPieces):
        await shop.request_refund(more)
    kinds = [event.kind for event in await shop.queries.timeline(facts.order.id)]
    assert kinds.count(EventKind.RESTOCKED) == 1


async def test_a_refund_that_is_refused_moves_no_stock(shop: Shop) -> None:
    facts = await shop.bought()
    request = RefundRequest(
        order_id=facts.order.id, refund_id=RefundId("ref_1"), amount=eur(9999), restock=all_of(facts)
    )
    with pytest.raises(DomainRefusal):
        await shop.request_refund(request)
    assert shop.stock.sold == 1


# what can't be shipped


async def test_a_no_to_a_runner_that_slept_through_its_lease_takes_no_refund_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else took the attempt up meanwhile, and the money went back."""
    paid = await shop.bought()

    async def sleeps(*asked: Any) -> RefundSnapshot:
        monkeypatch.undo()
        await shop.after(paid.order.id, LEASE)
        raise Rejected("charge_already_refunded")

    monkeypatch.setattr(shop.provider, "refund", sleeps)
    facts = await refund(shop, paid)
    assert [refund.state for refund in facts.refunds] == [RefundState.SUCCEEDED]
    assert (shop.collected(facts), facts.cases) == (0, ())


@pytest.mark.parametrize(("write_off", "received"), [(True, 9), (False, 10)])
async def test_a_shortage_is_not_charged_and_its_pieces_leave_the_hold(
    shop: Shop, write_off: bool, received: int
) -> None:
    facts = await shop.placed(ASKS_BANK, quantity=2)
    report = ShortageReport(
        order_id=facts.order.id, shortage_id=ShortageId("sho_1"), lines=all_of(facts), write_off=write_off
    )
    for _ in range(2):
        await shop.report_shortage(report)
        assert (shop.stock.received, shop.stock.held) == (received, 1)
    shop.provider.complete_authentication(facts.payments[0].reference or "")
    paid = await webhook(shop, facts, Subject.PAYMENT)
    assert paid.order.state is OrderState.COMPLETED
    assert paid.cases == ()
    assert shop.collected(paid) == paid.order.total.minor - 1428
    assert (shop.stock.held, shop.stock.sold) == (0, 1)
    assert (await shop.balances(paid.order.id))["shopper"] == 0
    with pytest.raises(ShortageTooLate):
        await shop.report_shortage(
            ShortageReport(
                order_id=facts.order.id,
                shortage_id=ShortageId("sho_2"),
                lines=all_of(facts),
                write_off=False,
            )
        )


async def test_an_order_with_a_shortage_that_is_called_off_releases_only_what_it_holds(shop: Shop) -> None:
    facts = await shop.placed(ASKS_BANK, quantity=2)
    await shop.report_shortage(
        ShortageReport(
            order_id=facts.order.id, shortage_id=ShortageId("sho_1"), lines=all_of(facts), write_off=False
        )
    )
    await refund(shop, facts)
    assert (shop.stock.received, shop.stock.held, shop.stock.sold) == (10, 0, 0)


# disputes


async def dispute(shop: Shop, facts: OrderFacts, state: DisputeState) -> OrderFacts:
    shop.provider.dispute(facts.payments[0].reference or "", state)
    return await webhook(shop, facts, Subject.DISPUTE, f"evt_{state.value}")


async def test_a_dispute_is_booked_told_and_opens_a_case(shop: Shop) -> None:
    facts = await dispute(shop, await shop.bought(), DisputeState.OPEN)
    (dispute_,) = facts.disputes
    assert facts.has_case(CaseReason.DISPUTE, dispute_.id)
    assert dispute_.amount == facts.order.total
    due_by = dispute_.evidence_due_by
    assert due_by is not None
    balances = await shop.balances(facts.order.id)
    assert (balances["disputed"], balances["provider"]) == (TOTAL_MINOR, 0)
    events = [
        (event.kind, event.detail)
        for event in await shop.queries.timeline(facts.order.id)
        if event.subject_id == dispute_.id
    ]
    assert events == [
        (EventKind.DISPUTE_ADVANCED, "open"),
        (EventKind.DISPUTE_FUNDS_MOVED, "withdrawn"),
        (EventKind.EVIDENCE_DUE, due_by.isoformat()),
        (EventKind.CASE_OPENED, "dispute"),
    ]


async def test_an_inquiry_that_was_answered_and_becomes_a_dispute_is_another_case(shop: Shop) -> None:
    facts = await dispute(shop, await shop.bought(), DisputeState.INQUIRY)
    (case,) = facts.cases
    answered = Decision(case_id=case.id, action=CaseAction.ACCEPT, by="Kim", why="answered")
    await shop.resolve_case(answered)
    assert len((await shop.after(facts.order.id, LATER)).cases) == 1
    facts = await dispute(shop, facts, DisputeState.OPEN)
    assert [(known.detail, known.state) for known in facts.cases] == [
        ("inquiry", CaseState.RESOLVED),
        ("open", CaseState.OPEN),
    ]


@pytest.mark.parametrize(
    ("end", "account"), [(DisputeState.WON, "provider"), (DisputeState.LOST, "written_off")]
)
async def test_a_verdict_closes_the_case_and_says_where_the_money_is(
    shop: Shop, end: DisputeState, account: str
) -> None:
    facts = await dispute(shop, await shop.bought(), DisputeState.OPEN)
    facts = await dispute(shop, facts, end)
    assert facts.disputes[0].state is end
    assert facts.cases[0].resolution == Resolution(at=shop.clock.now(), why=f"dispute_{end.value}")
    balances = await shop.balances(facts.order.id)
    assert (balances["disputed"], balances[account]) == (0, TOTAL_MINOR)


async def test_an_inquiry_opens_a_case_and_moves_no_money(shop: Shop) -> None:
    facts = await dispute(shop, await shop.bought(), DisputeState.INQUIRY)
    assert facts.has_case(CaseReason.DISPUTE, facts.disputes[0].id)
    assert (await shop.balances(facts.order.id))["provider"] == TOTAL_MINOR


async def test_hearing_of_a_dispute_again_adds_nothing(shop: Shop) -> None:
    facts = await dispute(shop, await shop.bought(), DisputeState.OPEN)
    again = await webhook(shop, facts, Subject.DISPUTE, "evt_again")
    assert (len(again.disputes), len(again.cases)) == (1, 1)
    assert (await shop.balances(facts.order.id))["disputed"] == TOTAL_MINOR


async def waiting_for_a_person(shop: Shop) -> OrderFacts:
    """Less was captured than agreed; the goods are the shopper's, the order is not complete."""
    facts = await shop.tries(await shop.placed(quantity=2), ASKS_BANK)
    held = shop.provider._held(facts.payments[0].reference or "")
    shop.provider._move(held, PaymentState.CAPTURED, received=eur(3000))
    return await webhook(shop, facts, Subject.PAYMENT, "evt_captured")


async def decided(shop: Shop, facts: OrderFacts, action: CaseAction) -> OrderFacts:
    (case,) = [case for case in facts.cases if case.reason is CaseReason.CAPTURED_AMOUNT_DIFFERS]
    await shop.resolve_case(Decision(case_id=case.id, action=action, by="Kim", why="agreed"))
    return await shop.after(facts.order.id, timedelta(seconds=1))


async def test_a_refund_that_came_before_the_sale_is_part_of_its_books(shop: Shop) -> None:
    facts = await refund(shop, await waiting_for_a_person(shop), minor=500)
    facts = await decided(shop, facts, CaseAction.ACCEPT)
    assert facts.order.state is OrderState.COMPLETED
    balances = await shop.balances(facts.order.id)
    assert (balances["shopper"], balances["provider"]) == (0, 2500)


async def test_pieces_that_went_back_to_stock_do_not_go_back_again_when_the_order_is_called_off(
    shop: Shop,
) -> None:
    facts = await waiting_for_a_person(shop)
    request = RefundRequest(
        order_id=facts.order.id, refund_id=RefundId("ref_1"), amount=eur(500), restock=all_of(facts)
    )
    facts = await shop.request_refund(request)
    facts = await decided(shop, facts, CaseAction.REFUND)
    assert facts.order.state is OrderState.CANCELLED
    assert (shop.stock.held, shop.stock.sold) == (0, 0)
