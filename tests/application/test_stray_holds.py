"""An authorization that comes when nothing can go by it any more: it is cancelled once, and never left on the
shopper's card.
"""

from datetime import timedelta

from application.cancel_order import Cancellation
from domain.attempt import TRIES_BEFORE_CASE, AttemptState, Operation
from domain.case import CaseReason
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from ports.errors import OutcomeUnknown
from tests.application.late_shop import LateShop
from tests.application.shop import ASKS_BANK, TOTAL_MINOR

HOUR = timedelta(hours=1)


async def completed(late: LateShop) -> OrderFacts:
    bought = await late.bought()
    late.provider.carry_out()
    return await late.told(bought)


async def called_off(late: LateShop) -> OrderFacts:
    placed = await late.tries(await late.placed(), ASKS_BANK)
    await late.cancel(Cancellation(order_id=placed.order.id, reason=ClosingReason.SHOPPER))
    facts = await late.facts(placed.order.id)
    assert facts.payments[0].state is PaymentState.VOIDED
    return facts


async def with_stray(late: LateShop, facts: OrderFacts) -> OrderFacts:
    late.provider.authorize_besides(facts.payments[0].reference or "")
    return await late.told(facts)


def holds_stray(late: LateShop, facts: OrderFacts) -> bool:
    return late.provider._held(facts.payments[0].reference or "").snapshot.holds_stray


async def test_a_second_authorization_beside_the_money_is_cancelled_once(late: LateShop) -> None:
    facts = await with_stray(late, await completed(late))
    for _ in range(3):
        facts = await late.told(facts)
    assert (late.asked("void"), late.provider.waiting) == (1, 1)
    late.provider.carry_out()
    facts = await late.told(facts)
    facts = await late.after(facts.order.id, 2 * HOUR)
    assert (late.asked("void"), holds_stray(late, facts), facts.payments[0].has_stray_hold) == (
        1,
        False,
        False,
    )
    assert (facts.order.state, late.collected(facts), facts.cases) == (OrderState.COMPLETED, TOTAL_MINOR, ())


async def test_an_authorization_after_the_void_is_cancelled_and_frees_nothing_twice(late: LateShop) -> None:
    facts = await with_stray(late, await called_off(late))
    late.provider.carry_out()
    facts = await late.told(facts)
    facts = await late.after(facts.order.id, 2 * HOUR)
    assert (late.asked("void"), holds_stray(late, facts)) == (2, False)
    assert (facts.order.state, facts.payments[0].state) == (OrderState.CANCELLED, PaymentState.VOIDED)
    assert (late.stock.free, late.collected(facts), facts.cases) == (10, 0, ())


async def test_a_cancel_whose_answer_is_lost_goes_on_under_its_key(late: LateShop) -> None:
    late.faults.planned.append(("void", "after", OutcomeUnknown("timeout")))
    facts = await with_stray(late, await completed(late))
    facts = await late.after(facts.order.id, timedelta(minutes=1))
    assert late.provider.waiting == 1
    late.provider.carry_out()
    facts = await late.told(facts)
    assert not holds_stray(late, facts)
    assert not facts.payments[0].has_stray_hold


async def test_a_cancel_that_fails_is_asked_for_again_and_shown_to_a_person_in_the_end(
    late: LateShop,
) -> None:
    facts = await with_stray(late, await completed(late))
    for _ in range(2 * TRIES_BEFORE_CASE):
        if late.provider.waiting:
            late.provider.carry_out(fails=True)
            facts = await late.told(facts)
        facts = await late.after(facts.order.id, HOUR)
    assert [case.reason for case in facts.cases] == [CaseReason.TRIES_USED_UP]
    (attempt,) = [a for a in facts.attempts if a.operation is Operation.VOID]
    assert attempt.state is not AttemptState.SUCCEEDED
    assert late.collected(facts) == TOTAL_MINOR
