"""What people decide about cases: recorded at once under their name, then taken further by a worker."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.request_refund import RefundRequest
from application.resolve_case import Assignment, Decision
from domain.attempt import TRIES_BEFORE_CASE, AttemptState
from domain.case import Case, CaseAction, CaseReason, CaseState
from domain.errors import ActionNotPossible, CaseAlreadyResolved, UnknownCase
from domain.events import Event, EventKind
from domain.identifiers import CaseId, RefundId
from domain.money import Money
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.refund import RefundReason, RefundState
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from tests.application.shop import ASKS_BANK, TOTAL_MINOR, WORKS, Shop

HOURLY = timedelta(hours=1)
RETRY, REFUND, CANCEL, ACCEPT = CaseAction.RETRY, CaseAction.REFUND, CaseAction.CANCEL, CaseAction.ACCEPT


async def decide(shop: Shop, case: Case, action: CaseAction, why: str = "it was agreed") -> None:
    await shop.resolve_case(Decision(case_id=case.id, action=action, by="Kim", why=why))


async def after(shop: Shop, facts: OrderFacts, wait: timedelta = timedelta(seconds=1)) -> OrderFacts:
    return await shop.after(facts.order.id, wait)


def only(facts: OrderFacts, reason: CaseReason) -> Case:
    (case,) = [case for case in facts.cases if case.reason is reason]
    return case


async def refund_all(shop: Shop, facts: OrderFacts, refund_id: str = "ref_1") -> OrderFacts:
    return await shop.request_refund(RefundRequest(order_id=facts.order.id, refund_id=RefundId(refund_id)))


async def seen(shop: Shop, facts: OrderFacts) -> OrderFacts:
    """What the provider says of the first payment is recorded, as after a webhook."""
    payment = facts.payments[0]
    snapshot = await shop.provider.retrieve(payment.reference or "")
    now = shop.clock.now()
    return await shop.advance.record(
        facts.order.id, lambda latest: latest.payment_observed(payment.id, snapshot, now)
    )


def moves(shop: Shop, facts: OrderFacts, state: PaymentState, received: Money | None = None) -> None:
    """The provider, or a bank, does something with the first payment that nobody asked for."""
    held = shop.provider._held(facts.payments[0].reference or "")
    shop.provider._move(held, state, received=received)


async def with_refund_that_failed(shop: Shop) -> OrderFacts:
    facts = await shop.bought()
    shop.faults.planned.append(("refund", "before", Rejected("expired_card")))
    return await refund_all(shop, facts)


async def with_tries_used_up(shop: Shop) -> OrderFacts:
    """A shopper has paid, and the provider does not answer to the capture."""
    shop.faults.planned += [("capture", "before", Unavailable("refused"))] * 100
    facts = await shop.bought()
    while not facts.cases:
        facts = await after(shop, facts, timedelta(minutes=10))
    return facts


async def with_other_capture(shop: Shop, minor: int) -> OrderFacts:
    """The provider captures another amount than it was asked to."""
    facts = await shop.tries(await shop.placed(), ASKS_BANK)
    moves(shop, facts, PaymentState.CAPTURED, Money.of(minor, "EUR"))
    return await seen(shop, facts)


async def test_a_case_is_looked_after_by_whom_it_was_given_to(shop: Shop) -> None:
    facts = await with_refund_that_failed(shop)
    case = only(facts, CaseReason.REFUND_FAILED)
    given = Assignment(case_id=case.id, to="Robin", by="Kim", why="knows the bank")
    for _ in range(2):
        read = await shop.assign_case(given)
        assert (read.case.assigned_to, read.case.state) == ("Robin", CaseState.ASSIGNED)
    told = [e for e in await shop.queries.timeline(facts.order.id) if e.kind is EventKind.CASE_ASSIGNED]
    assert told == [
        Event(
            kind=EventKind.CASE_ASSIGNED,
            at=shop.clock.now(),
            subject_id=case.id,
            detail="Robin",
            by="Kim",
            why="knows the bank",
        )
    ]
    read = await shop.assign_case(replace(given, to="Sam"))
    assert read.case.assigned_to == "Sam"


async def test_a_decision_is_told_with_who_why_and_when_and_stands(shop: Shop) -> None:
    facts = await with_refund_that_failed(shop)
    case = only(facts, CaseReason.REFUND_FAILED)
    await decide(shop, case, ACCEPT, "paid back in cash")
    decided_at = shop.clock.now()
    shop.clock.advance(HOURLY)
    await decide(shop, case, ACCEPT, "once more")
    with pytest.raises(CaseAlreadyResolved):
        await decide(shop, case, RETRY)
    with pytest.raises(CaseAlreadyResolved):
        await shop.assign_case(Assignment(case_id=case.id, to="Robin", by="Kim", why="too late"))
    read = await shop.read_case(case.id)
    assert (read.case.state, read.possible) == (CaseState.RESOLVED, ())
    end = read.case.resolution
    assert end is not None
    assert (end.action, end.by, end.why, end.at) == (ACCEPT, "Kim", "paid back in cash", decided_at)
    told = [e for e in await shop.queries.timeline(facts.order.id) if e.by is not None]
    assert [(e.kind, e.detail, e.by, e.why) for e in told] == [
        (EventKind.CASE_RESOLVED, "accept", "Kim", "paid back in cash")
    ]
    assert (await after(shop, facts, timedelta(days=1))).cases == (read.case,)


async def test_a_case_that_there_is_not_is_refused(shop: Shop) -> None:
    unknown = CaseId("case_none")
    for story in (
        shop.read_case(unknown),
        shop.read_case.foresee(unknown, ACCEPT),
        shop.assign_case(Assignment(case_id=unknown, to="Kim", by="Kim", why="mine")),
        shop.resolve_case(Decision(case_id=unknown, action=ACCEPT, by="Kim", why="no")),
    ):
        with pytest.raises(UnknownCase):
            await story


# a refund that failed


async def test_a_failed_refund_is_made_once_more_as_a_new_one_of_the_same_parts(shop: Shop) -> None:
    facts = await with_refund_that_failed(shop)
    (failed,) = facts.refunds
    await decide(shop, only(facts, CaseReason.REFUND_FAILED), RETRY, "the card was renewed")
    facts = await after(shop, facts)
    old, new = facts.refunds
    assert old == failed
    assert (new.state, new.amount, new.shares) == (RefundState.SUCCEEDED, failed.amount, failed.shares)
    assert (new.reason, new.note) == (RefundReason.REQUESTED, "the card was renewed")
    assert shop.collected(facts) == 0
    assert [case.state for case in facts.cases] == [CaseState.RESOLVED]


async def test_a_refund_that_fails_again_is_another_case(shop: Shop) -> None:
    facts = await with_refund_that_failed(shop)
    shop.faults.planned.append(("refund", "before", Rejected("expired_card")))
    await decide(shop, only(facts, CaseReason.REFUND_FAILED), RETRY)
    facts = await after(shop, facts)
    assert [case.state for case in facts.cases] == [CaseState.RESOLVED, CaseState.OPEN]
    assert facts.cases[1].subject_id == facts.refunds[1].id
    assert shop.collected(facts) == TOTAL_MINOR


async def test_what_went_back_otherwise_is_not_refunded_once_more(shop: Shop) -> None:
    facts = await with_refund_that_failed(shop)
    facts = await refund_all(shop, facts, "ref_2")
    case = only(facts, CaseReason.REFUND_FAILED)
    assert (await shop.read_case(case.id)).possible == (ACCEPT,)
    with pytest.raises(ActionNotPossible) as refused:
        await decide(shop, case, RETRY)
    assert refused.value.possible == ("accept",)
    with pytest.raises(ActionNotPossible):
        await decide(shop, case, CANCEL)


# tries that are used up


async def test_after_its_case_a_step_is_tried_rarely_and_settles_the_case_when_it_succeeds(
    shop: Shop,
) -> None:
    facts = await with_tries_used_up(shop)
    assert facts.attempts[0].tries >= TRIES_BEFORE_CASE
    for _ in range(3):
        facts = await after(shop, facts, HOURLY)
    tries = facts.attempts[0].tries
    due_at = shop.storage.orders[facts.order.id].due_at
    assert due_at is not None
    assert due_at - shop.clock.now() == HOURLY
    facts = await after(shop, facts, HOURLY - timedelta(seconds=1))
    assert facts.attempts[0].tries == tries
    shop.faults.planned.clear()
    facts = await after(shop, facts, timedelta(seconds=1))
    assert facts.order.state is OrderState.COMPLETED
    case = only(facts, CaseReason.TRIES_USED_UP)
    assert (case.state, case.decided) == (CaseState.RESOLVED, None)


async def test_a_retry_is_due_at_once_and_starts_the_tries_over(shop: Shop) -> None:
    facts = await with_tries_used_up(shop)
    first = only(facts, CaseReason.TRIES_USED_UP)
    tries = facts.attempts[0].tries
    await decide(shop, first, RETRY, "the provider says that it is back")
    facts = await after(shop, facts)
    assert facts.attempts[0].tries == tries + 1
    seconds = (facts.attempts[0].until - shop.clock.now()).total_seconds()
    assert seconds == 1
    for _ in range(TRIES_BEFORE_CASE - 1):
        assert [case.state for case in facts.cases] == [CaseState.RESOLVED]
        facts = await after(shop, facts, timedelta(minutes=10))
    assert [case.state for case in facts.cases] == [CaseState.RESOLVED, CaseState.OPEN]
    shop.faults.planned.clear()
    await decide(shop, facts.cases[1], RETRY)
    facts = await after(shop, facts)
    assert facts.order.state is OrderState.COMPLETED
    assert shop.collected(facts) == TOTAL_MINOR


async def test_what_was_accepted_is_tried_rarely_and_opens_no_other_case(shop: Shop) -> None:
    facts = await with_tries_used_up(shop)
    await decide(shop, facts.cases[0], ACCEPT)
    for _ in range(10):
        facts = await after(shop, facts, HOURLY)
    assert len(facts.cases) == 1
    shop.faults.planned.clear()
    facts = await after(shop, facts, HOURLY)
    assert facts.order.state is OrderState.COMPLETED


async def test_an_order_that_got_stuck_is_called_off(shop: Shop) -> None:
    facts = await with_tries_used_up(shop)
    case = facts.cases[0]
    foreseen = await shop.read_case.foresee(case.id, CANCEL)
    assert (foreseen.order_state, foreseen.payment_stopped) == (OrderState.CANCELLED, True)
    assert [(g.sku, g.quantity) for g in foreseen.goods_freed] == [("TEA", 1)]
    assert foreseen.money_back == Money.of(0, "EUR")
    await decide(shop, case, CANCEL, "the shopper bought it elsewhere")
    facts = await after(shop, facts)
    assert (facts.order.state, facts.payments[0].state) == (OrderState.CANCELLED, PaymentState.VOIDED)
    assert (shop.collected(facts), shop.stock.free) == (0, 10)


async def test_a_key_that_is_spent_is_not_used_again_after_a_retry(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []
    capture = shop.provider.capture

    async def failing(reference: str, amount: Money, key: str) -> object:
        used.append(key)
        raise OutcomeUnknown("APIError", key_is_spent=True)

    monkeypatch.setattr(shop.provider, "capture", failing)
    facts = await shop.bought()
    for _ in range(TRIES_BEFORE_CASE + 2):
        facts = await after(shop, facts, HOURLY)
    await decide(shop, facts.cases[0], RETRY)
    for _ in range(TRIES_BEFORE_CASE):
        facts = await after(shop, facts, HOURLY)
    assert len(used) == len(set(used)) > TRIES_BEFORE_CASE + 2
    monkeypatch.setattr(shop.provider, "capture", capture)
    facts = await after(shop, facts, HOURLY)
    assert (facts.order.state, shop.collected(facts)) == (OrderState.COMPLETED, TOTAL_MINOR)


async def test_a_runner_that_dies_at_every_try_is_shown_to_a_person_and_followed_rarely(shop: Shop) -> None:
    shop.faults.planned.append(("capture", "before", OutcomeUnknown("timeout")))
    facts = await shop.bought()
    (attempt,) = facts.attempts
    dead = replace(attempt, state=AttemptState.IN_FLIGHT, tries=TRIES_BEFORE_CASE, until=shop.clock.now())
    async with shop.unit_of_work() as uow:
        await uow.orders.save(facts, replace(facts, attempts=(dead,)), shop.clock.now())
        await uow.commit()
    facts = await after(shop, facts)
    assert [case.reason for case in facts.cases] == [CaseReason.TRIES_USED_UP]
    assert facts.attempts[0].tries == TRIES_BEFORE_CASE
    facts = await after(shop, facts, timedelta(minutes=5))
    assert facts.order.state is OrderState.COMPLETED


# another amount than agreed


async def test_an_order_that_too_little_was_captured_for_waits_for_a_person(shop: Shop) -> None:
    facts = await with_other_capture(shop, TOTAL_MINOR - 23)
    case = only(facts, CaseReason.CAPTURED_AMOUNT_DIFFERS)
    facts = await after(shop, facts, timedelta(days=1))
    assert (facts.order.state, facts.cases) == (OrderState.OPEN, (case,))
    assert (shop.stock.sold, shop.stock.held) == (1, 0)
    assert not shop.mail.sent
    due_at = shop.storage.orders[facts.order.id].due_at
    assert due_at is not None
    assert timedelta(0) < due_at - shop.clock.now() <= HOURLY


async def test_accepting_too_little_completes_the_order_and_writes_the_rest_off(shop: Shop) -> None:
    facts = await with_other_capture(shop, TOTAL_MINOR - 23)
    case = facts.cases[0]
    foreseen = await shop.read_case.foresee(case.id, ACCEPT)
    assert (foreseen.order_state, foreseen.next_step) == (OrderState.COMPLETED, "complete")
    assert foreseen.written_off == Money.of(23, "EUR")
    await decide(shop, case, ACCEPT, "not worth a letter")
    facts = await after(shop, facts)
    assert facts.order.state is OrderState.COMPLETED
    balances = await shop.balances(facts.order.id)
    assert (balances["provider"], balances["written_off"], balances["shopper"]) == (2000, 23, 0)
    facts = await refund_all(shop, facts)
    assert (shop.collected(facts), (await shop.balances(facts.order.id))["shopper"]) == (0, 0)


async def test_giving_too_little_back_calls_the_order_off(shop: Shop) -> None:
    facts = await with_other_capture(shop, TOTAL_MINOR - 23)
    case = facts.cases[0]
    foreseen = await shop.read_case.foresee(case.id, REFUND)
    assert (foreseen.order_state, foreseen.money_back) == (OrderState.CANCELLED, Money.of(2000, "EUR"))
    await decide(shop, case, REFUND)
    facts = await after(shop, facts)
    assert (facts.order.state, shop.collected(facts)) == (OrderState.CANCELLED, 0)
    assert (shop.stock.free, shop.stock.sold) == (10, 0)
    assert set((await shop.balances(facts.order.id)).values()) == {0}
    # Whoever decided that need not be told of it.
    assert [known.reason for known in facts.cases] == [CaseReason.CAPTURED_AMOUNT_DIFFERS]


async def test_a_rest_that_is_captured_later_completes_the_order_and_settles_the_case(shop: Shop) -> None:
    facts = await with_other_capture(shop, TOTAL_MINOR - 23)
    moves(shop, facts, PaymentState.CAPTURED, facts.order.total)
    facts = await seen(shop, facts)
    assert facts.order.state is OrderState.COMPLETED
    case = only(facts, CaseReason.CAPTURED_AMOUNT_DIFFERS)
    assert (case.state, case.decided) == (CaseState.RESOLVED, None)
    assert (await shop.balances(facts.order.id))["shopper"] == 0


async def test_what_was_captured_beyond_the_total_can_go_back(shop: Shop) -> None:
    facts = await with_other_capture(shop, TOTAL_MINOR + 77)
    assert facts.order.state is OrderState.COMPLETED
    case = only(facts, CaseReason.CAPTURED_AMOUNT_DIFFERS)
    assert (await shop.read_case(case.id)).possible == (REFUND, ACCEPT)
    foreseen = await shop.read_case.foresee(case.id, REFUND)
    assert (foreseen.order_state, foreseen.money_back) == (OrderState.COMPLETED, Money.of(77, "EUR"))
    await decide(shop, case, REFUND)
    facts = await after(shop, facts)
    assert (facts.order.state, shop.collected(facts)) == (OrderState.COMPLETED, TOTAL_MINOR)
    assert (await shop.balances(facts.order.id))["shopper"] == 0
    facts = await refund_all(shop, facts)
    assert shop.collected(facts) == 0


# money of a payment that was over


async def voided_and_captured(shop: Shop) -> OrderFacts:
    """The provider said that the payment was voided, and holds its money all the same."""
    placed = await shop.placed()
    facts = await after(shop, placed, shop.rules.payment_window)
    assert (facts.order.state, facts.payments[0].state) == (OrderState.EXPIRED, PaymentState.VOIDED)
    moves(shop, facts, PaymentState.CAPTURED, facts.order.total)
    return facts


async def test_money_of_a_voided_payment_is_booked_and_goes_back_and_a_person_is_told(shop: Shop) -> None:
    facts = await voided_and_captured(shop)
    facts = await seen(shop, facts)
    assert (facts.order.state, shop.collected(facts)) == (OrderState.EXPIRED, 0)
    assert [refund.state for refund in facts.refunds] == [RefundState.SUCCEEDED]
    assert [case.reason for case in facts.cases] == [CaseReason.CAPTURED_AFTER_END]
    assert set((await shop.balances(facts.order.id)).values()) == {0}
    assert (shop.stock.free, shop.stock.held) == (10, 0)
    again = await seen(shop, facts)
    assert (len(again.refunds), len(again.cases)) == (1, 1)


async def test_where_such_money_can_not_go_back_by_itself_a_person_sends_it(shop: Shop) -> None:
    facts = await voided_and_captured(shop)
    shop.faults.planned.append(("refund", "before", Rejected("expired_card")))
    facts = await seen(shop, facts)
    assert shop.collected(facts) == TOTAL_MINOR
    case = only(facts, CaseReason.CAPTURED_AFTER_END)
    assert (await shop.read_case(case.id)).possible == (REFUND, ACCEPT)
    await decide(shop, case, REFUND)
    facts = await after(shop, facts)
    assert shop.collected(facts) == 0


async def test_a_shopper_who_is_paying_anew_is_not_kept_from_it_by_such_money(shop: Shop) -> None:
    placed = await shop.placed()
    moves(shop, placed, PaymentState.VOIDED)
    facts = await seen(shop, placed)
    assert [payment.state for payment in facts.payments] == [
        PaymentState.VOIDED,
        PaymentState.AWAITING_METHOD,
    ]
    moves(shop, facts, PaymentState.CAPTURED, facts.order.total)
    facts = await seen(shop, facts)
    assert shop.collected(facts) == 0
    facts = await shop.tries(facts, WORKS)
    assert (facts.order.state, shop.collected(facts)) == (OrderState.COMPLETED, TOTAL_MINOR)
