"""Answers that are lost, vendors that are away, runners that die: each order ends right all the same."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.in_memory.faults import Fault
from adapters.in_memory.nudges import SilentNudges
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.in_memory.unit_of_work import InMemoryUnitOfWork
from application.cancel_order import Cancellation
from application.record_act import RecordAct
from application.vendor_calls import CALL_DEADLINE_SECONDS, CLOCK_SKEW, Call, VendorCalls
from domain.attempt import LATEST_ARRIVAL, TRIES_BEFORE_CASE, AttemptState, Operation
from domain.case import CaseReason
from domain.errors import OrderAlreadyPaid
from domain.identifiers import AttemptId, CaseId, PaymentId
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentSnapshot, PaymentState
from domain.period import Period
from domain.steps import ConfirmPayment
from domain.time_to_pay import POLL_OPEN_PAYMENT
from ports.clock import Clock
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from ports.payments import PaymentRequest
from tests.application.shop import LACKS_FUNDS, TOTAL_MINOR, WORKS, Shop
from tests.builders import an_attempt

A_WHILE = timedelta(seconds=30)


@pytest.mark.parametrize("operation", ["create", "confirm", "capture"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("error", [OutcomeUnknown("timeout"), Unavailable("refused")])
async def test_a_call_that_fails_is_settled_and_charged_once(
    shop: Shop, operation: str, moment: str, error: PortError
) -> None:
    # The port promises that `Unavailable` means no effect: this one combination can't occur.
    if isinstance(error, Unavailable) and moment == "after":
        pytest.skip("a vendor that took effect does not say that it was unavailable")
    shop.faults.planned.append((operation, moment, error))  # type: ignore[arg-type]  # "before" or "after"
    placed = await shop.placed()
    facts = await shop.after(placed.order.id, A_WHILE)
    facts = await shop.tries(facts, WORKS)
    for _ in range(3):
        facts = await shop.after(placed.order.id, A_WHILE)
    assert facts.order.state is OrderState.COMPLETED
    assert shop.collected(facts) == TOTAL_MINOR
    assert (shop.stock.held, shop.stock.sold) == (0, 1)
    assert (await shop.balances(facts.order.id))["provider"] == TOTAL_MINOR


class Watched(InMemoryPaymentGateway):
    """Remembers which periods were searched."""

    def __init__(self, clock: Clock, fault: Fault) -> None:
        super().__init__(clock, fault)
        self.searched: list[Period] = []

    async def find(self, payment_id: PaymentId, created: Period) -> PaymentSnapshot | None:
        self.searched.append(created)
        return await super().find(payment_id, created)


class WatchedShop(Shop):
    gateway = Watched
    provider: Watched


async def test_a_lost_creation_is_looked_for_around_its_tries_and_no_further() -> None:
    shop = await WatchedShop().stocked()
    began = shop.clock.now()
    shop.faults.planned.append(("create", "after", OutcomeUnknown("timeout")))
    shop.faults.planned += [("find", "before", Unavailable("away")) for _ in range(3)]
    placed = await shop.placed()
    for _ in range(4):
        await shop.after(placed.order.id, timedelta(hours=1))
    facts = await shop.facts(placed.order.id)
    assert facts.payments[0].reference is not None
    assert len(shop.provider.searched) == 4
    assert set(shop.provider.searched) == {
        Period(since=began - CLOCK_SKEW, until=began + timedelta(seconds=CALL_DEADLINE_SECONDS) + CLOCK_SKEW)
    }


async def test_a_shopper_who_walks_away_leaves_no_hold_and_no_payment(shop: Shop) -> None:
    placed = await shop.placed()
    facts = await shop.after(placed.order.id, shop.rules.payment_window)
    assert facts.order.state is OrderState.EXPIRED
    assert facts.payments[0].state is PaymentState.VOIDED
    assert (shop.stock.held, shop.stock.free) == (0, 10)
    assert (await shop.after(placed.order.id, timedelta(days=1))).order == facts.order


async def test_money_that_arrives_at_the_end_of_the_window_goes_on(shop: Shop) -> None:
    placed = await shop.placed()
    reference = placed.payments[0].reference
    assert reference is not None
    shop.provider.complete_authentication(reference)
    facts = await shop.after(placed.order.id, shop.rules.payment_window)
    assert facts.order.state is OrderState.COMPLETED
    assert shop.collected(facts) == TOTAL_MINOR


async def test_a_cancelled_order_collects_nothing_and_frees_its_goods(shop: Shop) -> None:
    placed = await shop.placed()
    cancellation = Cancellation(order_id=placed.order.id, reason=ClosingReason.MERCHANT)
    await shop.cancel(cancellation)
    facts = await shop.cancel(cancellation)
    assert facts.order.state is OrderState.CANCELLED
    assert shop.collected(facts) == 0
    assert (shop.stock.held, shop.stock.free) == (0, 10)


async def test_a_paid_order_is_not_cancelled(shop: Shop) -> None:
    paid = await shop.bought()
    with pytest.raises(OrderAlreadyPaid):
        await shop.cancel(Cancellation(order_id=paid.order.id, reason=ClosingReason.MERCHANT))


async def test_money_for_a_cancelled_order_goes_back_and_a_person_is_told(shop: Shop) -> None:
    placed = await shop.placed()
    shop.faults.planned.append(("confirm", "after", OutcomeUnknown("timeout")))
    await shop.tries(placed, WORKS)
    shop.faults.planned.append(("void", "before", Unavailable("refused")))
    await shop.cancel(Cancellation(order_id=placed.order.id, reason=ClosingReason.SHOPPER))
    facts = placed
    for _ in range(4):
        facts = await shop.after(placed.order.id, A_WHILE)
    assert facts.order.state is OrderState.CANCELLED
    assert shop.collected(facts) == 0
    assert (shop.stock.held, shop.stock.sold, shop.stock.free) == (0, 0, 10)


async def test_a_payment_that_arrives_after_its_order_was_called_off_is_found_and_stopped(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request was under way for longer than anybody waited, and longer than the first look."""
    under_way: list[tuple[PaymentRequest, AttemptId]] = []

    async def slow(request: PaymentRequest, key: AttemptId) -> PaymentSnapshot:
        under_way.append((request, key))
        raise TimeoutError

    with monkeypatch.context() as patched:
        patched.setattr(shop.provider, "create", slow)
        placed = await shop.placed(WORKS)
    await shop.cancel(Cancellation(order_id=placed.order.id, reason=ClosingReason.SHOPPER))
    await shop.after(placed.order.id, A_WHILE)
    arrived = await shop.provider.create(*under_way[0])
    assert arrived.state is PaymentState.AUTHORIZED
    facts = await shop.after(placed.order.id, LATEST_ARRIVAL)
    assert [payment.state for payment in facts.payments] == [PaymentState.VOIDED]
    assert (await shop.provider.retrieve(arrived.reference)).state is PaymentState.VOIDED


async def test_what_is_written_while_a_payment_is_read_is_not_overwritten(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written before such a read where its lease is the sweeper's own, to the microsecond."""
    placed = await shop.placed()
    retrieve, record = shop.provider.retrieve, RecordAct(shop.unit_of_work, shop.clock, SilentNudges())

    def shown(facts: OrderFacts) -> OrderFacts:
        return facts.case_opened(CaseId("case_1"), CaseReason.DISPUTE, "dsp_1", shop.clock.now())

    async def written_meanwhile(reference: str) -> PaymentSnapshot:
        await record(placed.order.id, shown)
        return await retrieve(reference)

    monkeypatch.setattr(shop.provider, "retrieve", written_meanwhile)
    facts = await shop.after(placed.order.id, POLL_OPEN_PAYMENT)
    assert [case.id for case in facts.cases] == ["case_1"]


async def test_a_vendor_that_stays_away_becomes_a_case(shop: Shop) -> None:
    shop.faults.planned += [("create", "before", Unavailable("refused"))] * (TRIES_BEFORE_CASE + 1)
    placed = await shop.placed()
    facts = placed
    for _ in range(TRIES_BEFORE_CASE + 1):
        facts = await shop.after(placed.order.id, timedelta(minutes=3))
    assert [case.reason for case in facts.cases] == [CaseReason.TRIES_USED_UP]


def keep_errors(shop: Shop, monkeypatch: pytest.MonkeyPatch, operation: str, keys: int = 1) -> set[str]:
    """From now on, as Stripe does: the first so many keys of this operation get an error each time."""
    spent, once = set[str](), shop.provider._once

    def failing(asked: str, key: Any, parameters: object, effect: Any) -> Any:
        if asked == operation and (key in spent or len(spent) < keys):
            spent.add(key)
            raise OutcomeUnknown("APIError", key_is_spent=True)
        return once(asked, key, parameters, effect)

    monkeypatch.setattr(shop.provider, "_once", failing)
    return spent


@pytest.mark.parametrize("operation", ["create", "confirm", "capture"])
async def test_a_key_that_the_vendor_answers_with_an_error_for_ever_is_replaced(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    spent = keep_errors(shop, monkeypatch, operation)
    placed = await shop.placed()
    facts = await shop.after(placed.order.id, A_WHILE)
    await shop.tries(facts, WORKS)
    facts = await shop.after(placed.order.id, A_WHILE)
    assert spent
    assert (facts.order.state, facts.attempts, facts.cases) == (OrderState.COMPLETED, (), ())
    assert shop.collected(facts) == TOTAL_MINOR


async def test_an_error_after_the_effect_is_seen_through_at_once(shop: Shop) -> None:
    shop.faults.planned.append(("capture", "after", OutcomeUnknown("APIError", key_is_spent=True)))
    facts = await shop.bought()
    assert (facts.order.state, facts.attempts) == (OrderState.COMPLETED, ())
    assert shop.collected(facts) == TOTAL_MINOR


async def test_an_error_that_nobody_can_see_through_stays_in_doubt(shop: Shop) -> None:
    shop.faults.planned += [
        ("capture", "after", OutcomeUnknown("APIError", key_is_spent=True)),
        ("retrieve", "before", Unavailable("refused")),
    ]
    facts = await shop.bought()
    assert [attempt.state for attempt in facts.attempts] == [AttemptState.UNKNOWN]
    facts = await shop.after(facts.order.id, A_WHILE)
    assert facts.order.state is OrderState.COMPLETED
    assert shop.collected(facts) == TOTAL_MINOR


async def test_a_vendor_that_always_errs_becomes_one_case_however_many_keys_it_has_spent(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent = keep_errors(shop, monkeypatch, "capture", keys=100)
    facts = await shop.bought()
    for _ in range(TRIES_BEFORE_CASE + 3):
        facts = await shop.after(facts.order.id, timedelta(hours=1))
    assert len(spent) > TRIES_BEFORE_CASE
    assert [case.reason for case in facts.cases] == [CaseReason.TRIES_USED_UP]
    assert shop.collected(facts) == 0


def lose_storage(shop: Shop, monkeypatch: pytest.MonkeyPatch, commits: range, error: PortError) -> None:
    """These commits of the orders' runner fail, counted from zero."""
    count = itertools.count()

    class Failing(InMemoryUnitOfWork):
        async def commit(self) -> None:
            if next(count) in commits:
                raise error
            await super().commit()

    monkeypatch.setattr(shop.advance, "_unit_of_work", lambda: Failing(shop.storage))


@pytest.mark.parametrize("error", [Unavailable("terminated"), OutcomeUnknown("terminated")])
async def test_an_answer_is_kept_though_the_storage_was_away_for_a_moment(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, error: PortError
) -> None:
    lose_storage(shop, monkeypatch, range(2), error)
    assert (await shop.bought()).order.state is OrderState.COMPLETED


async def test_nobody_is_told_that_nothing_happened_once_the_vendor_was_called(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_storage(shop, monkeypatch, range(4), Unavailable("terminated"))
    with pytest.raises(OutcomeUnknown):
        await shop.bought()
    (order_id,) = shop.storage.orders
    facts = await shop.after(order_id, A_WHILE)
    assert facts.order.state is OrderState.COMPLETED
    assert shop.collected(facts) == TOTAL_MINOR


async def test_the_confirmation_is_sent_once_however_often_the_sweeper_comes(shop: Shop) -> None:
    paid = await shop.bought()
    for _ in range(3):
        await shop.after(paid.order.id, A_WHILE)
    assert [mail.to for mail in shop.mail.sent] == ["shopper@example.com"]


async def test_a_vendor_that_asks_for_a_longer_wait_gets_it(shop: Shop) -> None:
    shop.faults.planned.append(("send", "before", Unavailable("too_many", retry_after_seconds=600)))
    paid = await shop.bought()
    await shop.after(paid.order.id, A_WHILE)
    await shop.after(paid.order.id, timedelta(seconds=599))
    assert shop.mail.sent == ()
    await shop.after(paid.order.id, timedelta(seconds=2))
    assert len(shop.mail.sent) == 1


async def test_an_absurd_wait_is_not_believed(shop: Shop) -> None:
    shop.faults.planned.append(("send", "before", Unavailable("too_many", retry_after_seconds=10**9)))
    paid = await shop.bought()
    await shop.after(paid.order.id, A_WHILE)
    await shop.after(paid.order.id, timedelta(hours=1))
    assert len(shop.mail.sent) == 1


@pytest.mark.parametrize("answer", [None, Rejected("no_such_payment_method")], ids=["declined", "refused"])
async def test_a_card_stays_offered_while_somebody_else_has_taken_its_try_up(
    shop: Shop, answer: PortError | None
) -> None:
    """Otherwise the shopper could offer another one, and the same key would go with another card."""
    now = shop.clock.now()
    facts = await shop.placed()
    payment = facts.payments[0].offering(LACKS_FUNDS, None, None)
    attempt = an_attempt(payment, operation=Operation.CONFIRM_PAYMENT, until=now)
    facts = replace(facts, payments=(payment,), attempts=(attempt,))
    if answer is not None:
        shop.faults.planned.append(("confirm", "before", answer))
    calls = VendorCalls(shop.payments, shop.clock)
    late = await calls(Call(step=ConfirmPayment(payment=payment), facts=facts, attempt=attempt))
    taken_up = replace(facts, attempts=(attempt.retried(now, now + A_WHILE),))
    assert late(taken_up).payments[0].offered == LACKS_FUNDS
    assert late(facts).payments[0].offered is None
