"""A provider that takes things on and tells later what came of them, and that can't be asked: nothing is done
twice meanwhile, and nothing is taken for done.
"""

from datetime import timedelta
from unittest import mock

import pytest

from adapters.in_memory.faults import Moment
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from application.cancel_order import Cancellation
from application.payment_providers import PaymentProviders
from application.request_refund import RefundRequest
from domain.attempt import TRIES_BEFORE_CASE, AttemptState, Operation
from domain.case import CaseReason
from domain.identifiers import AttemptId, OrderId, RefundId
from domain.money import Money
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentSnapshot, PaymentState
from domain.refund import RefundState
from ports.errors import OutcomeUnknown, Unavailable
from ports.payments import Subject
from tests.application.late_shop import LateShop
from tests.application.shop import ASKS_BANK, TOTAL_MINOR, WORKS, Shop

HOUR = timedelta(hours=1)


def open_attempt(facts: OrderFacts, operation: Operation) -> AttemptState:
    (attempt,) = [attempt for attempt in facts.attempts if attempt.operation is operation]
    return attempt.state


async def test_an_order_is_complete_once_the_capture_is_told(late: LateShop) -> None:
    bought = await late.bought()
    assert bought.order.state is OrderState.OPEN
    assert bought.payments[0].state is PaymentState.AUTHORIZED
    assert open_attempt(bought, Operation.CAPTURE) is AttemptState.ACCEPTED
    late.provider.carry_out()
    facts = await late.told(bought)
    assert facts.order.state is OrderState.COMPLETED
    assert (late.collected(facts), late.asked("capture")) == (TOTAL_MINOR, 1)


async def test_while_a_capture_is_under_way_it_is_not_asked_for_again(late: LateShop) -> None:
    facts = await late.bought()
    for _ in range(3):
        facts = await late.after(facts.order.id, timedelta(minutes=20))
        facts = await late.told(facts)
    assert late.asked("capture") == 1
    assert open_attempt(facts, Operation.CAPTURE) is AttemptState.ACCEPTED
    assert not facts.cases


async def test_a_capture_whose_webhook_is_lost_is_seen_within_the_hour(late: LateShop) -> None:
    bought = await late.bought()
    late.provider.carry_out()
    facts = await late.after(bought.order.id, HOUR)
    assert facts.order.state is OrderState.COMPLETED
    assert late.asked("capture") == 1


async def test_a_capture_that_failed_is_asked_for_under_another_key(late: LateShop) -> None:
    bought = await late.bought()
    late.provider.carry_out(fails=True)
    facts = await late.told(bought)
    assert open_attempt(facts, Operation.CAPTURE) is AttemptState.SPENT
    facts = await late.after(facts.order.id, timedelta(minutes=1))
    assert late.asked("capture") == 2
    late.provider.carry_out()
    facts = await late.told(facts)
    assert facts.order.state is OrderState.COMPLETED
    assert late.collected(facts) == TOTAL_MINOR


async def test_captures_that_keep_failing_are_shown_to_a_person(late: LateShop) -> None:
    facts = await late.bought()
    for _ in range(TRIES_BEFORE_CASE):
        if late.provider.waiting:
            late.provider.carry_out(fails=True)
            facts = await late.told(facts)
        facts = await late.after(facts.order.id, HOUR)
    assert facts.has_case(CaseReason.TRIES_USED_UP, next(a.intention for a in facts.attempts))
    assert late.collected(facts) == 0


async def test_one_that_nothing_is_ever_told_of_is_shown_to_a_person(late: LateShop) -> None:
    facts = await late.bought()
    for _ in range(TRIES_BEFORE_CASE):
        facts = await late.after(facts.order.id, HOUR)
    assert [case.reason for case in facts.cases] == [CaseReason.TRIES_USED_UP]
    late.provider.carry_out()
    facts = await late.told(facts)
    assert facts.order.state is OrderState.COMPLETED
    assert facts.cases[0].resolution is not None


async def test_goods_of_an_order_that_was_called_off_wait_for_the_void(late: LateShop) -> None:
    bought = await late.placed()
    late.faults.planned.append(("capture", "before", Unavailable("away")))
    paid = await late.tries(bought, WORKS)
    await late.cancel(Cancellation(order_id=paid.order.id, reason=ClosingReason.SHOPPER))
    facts = await late.after(paid.order.id, timedelta(minutes=1))
    assert facts.order.state is OrderState.CANCELLED
    assert open_attempt(facts, Operation.VOID) is AttemptState.ACCEPTED
    assert late.stock.free == 9
    late.provider.carry_out()
    facts = await late.told(facts)
    assert facts.payments[0].state is PaymentState.VOIDED
    assert (late.stock.free, late.collected(facts)) == (10, 0)


@pytest.mark.parametrize(
    ("fails", "state"), [(False, RefundState.SUCCEEDED), (True, RefundState.FAILED)], ids=["well", "ill"]
)
async def test_a_refund_is_pending_until_its_end_is_told(
    late: LateShop, state: RefundState, *, fails: bool
) -> None:
    bought = await late.bought()
    late.provider.carry_out()
    facts = await late.told(bought)
    facts = await late.request_refund(RefundRequest(order_id=facts.order.id, refund_id=RefundId("ref_1")))
    assert facts.refunds[0].state is RefundState.PENDING
    late.provider.carry_out(fails=fails)
    facts = await late.told(facts, Subject.REFUND)
    assert facts.refunds[0].state is state
    assert late.asked("refund") == 1


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("operation", ["create", "capture"])
async def test_a_doubt_is_settled_by_asking_the_same_once_more(
    late: LateShop, operation: str, moment: Moment
) -> None:
    late.faults.planned.append((operation, moment, OutcomeUnknown("timeout")))
    bought = await late.bought()
    facts = await late.after(bought.order.id, timedelta(minutes=1))
    assert late.asked(operation) == 2
    late.provider.carry_out()
    facts = await late.told(facts)
    assert facts.order.state is OrderState.COMPLETED
    assert late.collected(facts) == TOTAL_MINOR
    assert len(late.provider.everything()) == 1


async def test_a_card_that_was_tried_in_doubt_is_tried_no_second_time(late: LateShop) -> None:
    placed = await late.placed()
    late.faults.planned.append(("confirm", "after", OutcomeUnknown("timeout")))
    await late.tries(placed, WORKS)
    facts = await late.after(placed.order.id, timedelta(minutes=1))
    assert facts.payments[0].state is PaymentState.AUTHORIZED
    assert facts.payments[0].offered is None
    assert late.asked("confirm") == 2
    assert late.provider.waiting == 1


async def test_a_doubt_older_than_keys_are_kept_is_left_to_a_person(late: LateShop) -> None:
    """A repeat might have a second effect by then."""
    late.faults.planned.append(("create", "after", OutcomeUnknown("timeout")))
    bought = await late.bought()
    facts = await late.after(bought.order.id, timedelta(days=8))
    for _ in range(TRIES_BEFORE_CASE):
        facts = await late.after(bought.order.id, HOUR)
    assert late.asked("create") == 1
    assert open_attempt(facts, Operation.CREATE_PAYMENT) is AttemptState.UNKNOWN
    assert CaseReason.TRIES_USED_UP in {case.reason for case in facts.cases}


async def test_an_order_called_off_in_doubt_holds_no_money_in_the_end(late: LateShop) -> None:
    late.faults.planned.append(("create", "after", OutcomeUnknown("timeout")))
    bought = await late.bought()
    await late.cancel(Cancellation(order_id=bought.order.id, reason=ClosingReason.SHOPPER))
    facts = await late.after(bought.order.id, timedelta(minutes=1))
    late.provider.carry_out()
    facts = await late.told(facts)
    assert facts.order.state is OrderState.CANCELLED
    assert facts.payments[0].state is PaymentState.VOIDED
    assert (late.stock.free, late.collected(facts)) == (10, 0)


async def test_what_the_bank_gave_along_is_sent_on_once(late: LateShop) -> None:
    """The fake's bank says nothing by the address: the provider here does as Adyen's would."""

    def bank_said(query: object) -> object:
        return WORKS if query else None

    placed = await late.placed()
    facts = await late.tries(placed, ASKS_BANK, "https://shop.example/thanks")
    late.provider.bank_said = bank_said  # type: ignore[method-assign,assignment]
    return_id = facts.payments[0].return_id
    assert return_id is not None
    way_on = await late.return_from_bank(facts.order.id, return_id, {"redirectResult": "X"})
    assert way_on == "https://shop.example/thanks"
    again = await late.return_from_bank(facts.order.id, return_id, {"redirectResult": "X"})
    assert again == way_on
    facts = await late.facts(facts.order.id)
    assert facts.payments[0].state is PaymentState.AUTHORIZED
    assert late.asked("confirm") == 2


async def test_what_the_bank_gave_along_comes_too_late_for_an_order_that_is_over(late: LateShop) -> None:
    placed = await late.placed()
    facts = await late.tries(placed, ASKS_BANK, "https://shop.example/thanks")
    return_id = facts.payments[0].return_id
    assert return_id is not None
    late.provider.bank_said = lambda query: WORKS  # type: ignore[method-assign,assignment]
    await late.cancel(Cancellation(order_id=facts.order.id, reason=ClosingReason.SHOPPER))
    await late.return_from_bank(facts.order.id, return_id, {"redirectResult": "X"})
    assert late.asked("confirm") == 1
    assert late.collected(await late.facts(facts.order.id)) == 0


class AnotherGateway(InMemoryPaymentGateway):
    provider = "another"


async def test_an_order_stays_with_the_provider_it_began_with(shop: Shop) -> None:
    """Whoever new payments begin with by the time: captures, refunds and payments in place of others."""
    another = AnotherGateway(shop.clock)
    both = PaymentProviders([shop.provider, another])
    placed = await shop.placed()
    shop.own_steps._provider = lambda order: "another"
    for story in (shop.calls, shop.handle_webhook, shop.return_from_bank):
        story._payments = both
    facts = await shop.tries(placed, WORKS)
    assert facts.order.state is OrderState.COMPLETED
    assert shop.collected(facts) == TOTAL_MINOR
    facts = await shop.request_refund(RefundRequest(order_id=facts.order.id, refund_id=RefundId("ref_1")))
    assert facts.refunds[0].state is RefundState.SUCCEEDED
    assert not another.everything()
    new = await shop.bought()
    assert new.payments[0].provider == "another"
    assert another.held_minor(new.payments[0].id) == TOTAL_MINOR


async def test_payments_of_a_provider_that_was_taken_down_wait_until_it_is_back(shop: Shop) -> None:
    placed = await shop.placed()
    shop.calls._payments = PaymentProviders([AnotherGateway(shop.clock)])
    await shop.tries(placed, WORKS)
    facts = await shop.facts(OrderId(placed.order.id))
    assert facts.order.state is OrderState.OPEN
    assert open_attempt(facts, Operation.CONFIRM_PAYMENT) is AttemptState.UNAVAILABLE
    shop.calls._payments = shop.payments
    facts = await shop.after(placed.order.id, timedelta(minutes=1))
    assert facts.order.state is OrderState.COMPLETED


async def test_a_webhook_that_overtakes_the_answer_completes_the_order_at_once(late: LateShop) -> None:
    asked = late.provider.capture

    async def told_first(reference: str, amount: Money, key: AttemptId) -> PaymentSnapshot:
        answer = await asked(reference, amount, key)
        late.provider.carry_out()
        (order_id,) = late.storage.orders
        late.clock.advance(timedelta(seconds=1))
        await late.told(await late.facts(order_id))
        return answer

    with mock.patch.object(late.provider, "capture", told_first):
        bought = await late.bought()
    assert bought.order.state is OrderState.COMPLETED
    assert (late.collected(bought), late.asked("capture")) == (TOTAL_MINOR, 1)


async def test_what_never_reached_the_provider_is_not_asked_for_once_the_order_is_called_off(
    late: LateShop,
) -> None:
    late.faults.planned.append(("create", "before", Unavailable("away")))
    facts = await late.bought()
    await late.cancel(Cancellation(order_id=facts.order.id, reason=ClosingReason.SHOPPER))
    facts = await late.after(facts.order.id, timedelta(minutes=10))
    assert late.asked("create") == 1
    assert late.collected(facts) == 0
    assert not facts.cases
