"""What our own steps lead to, without storage: the transitions that the application makes in one commit."""

from collections.abc import Callable
from datetime import datetime, timedelta

from domain.holding import hold_requested
from domain.identifiers import CaseId
from domain.order_facts import OrderFacts
from domain.reservation import ReservationState
from domain.shop import StockKeeper
from domain.steps import (
    Close,
    Complete,
    ConfirmStock,
    ExtendHold,
    HoldStock,
    OpenCase,
    ReleaseStock,
    RequestRefund,
    StartPayment,
    Step,
)
from tests.builders import a_payment, a_refund, a_reservation, a_service_hold, new_id

Decider = Callable[[OrderFacts, datetime], Step]
# Hold, confirm, release, close and complete, once each.
ONCE = 5


class GoesInCircles(Exception):
    """Own steps follow each other without an end."""


def after(step: Step, facts: OrderFacts, now: datetime, *, in_stock: bool) -> OrderFacts | None:
    """The facts after a step of our own; None for a step that needs a vendor, or for a rest."""
    match step:
        case HoldStock() if facts.order.stock_keeper is StockKeeper.SERVICE:
            asked = a_service_hold(facts.order, state=ReservationState.REQUESTED, asked_at=now)
            return hold_requested(facts, asked, now)
        case HoldStock():
            state = ReservationState.HELD if in_stock else ReservationState.REFUSED
            hold = a_reservation(
                facts.order, state=state, expires_at=max(facts.order.pay_until, now) + timedelta(minutes=5)
            )
            return facts.stock_held(hold, now)
        case ExtendHold(until=until):
            return facts.hold_extended(until, now)
        case ConfirmStock():
            return facts.stock_confirmed(now)
        case ReleaseStock():
            return facts.stock_released(now)
        case StartPayment():
            return facts.with_payment(a_payment(facts.order, created_at=now))
        case RequestRefund(payment=payment, amount=amount):
            return facts.refund_requested(a_refund(payment, amount=amount, created_at=now))
        case Close(reason=reason):
            return facts.closed(reason, now)
        case Complete():
            return facts.completed(new_id("msg"), now)
        case OpenCase(reason=reason, subject_id=subject_id):
            return facts.case_opened(CaseId(new_id("case")), reason, subject_id, now)
        case _:
            return None


def _most_own_steps(facts: OrderFacts) -> int:
    """Besides what is done once a case for each thing that may be wrong: two for a payment, one for a refund
    and for a hold.
    """
    return ONCE + 1 + 3 * len(facts.payments) + len((*facts.attempts, *facts.refunds, *facts.disputes))


def all_own_steps(
    decider: Decider, facts: OrderFacts, now: datetime, *, in_stock: bool
) -> tuple[OrderFacts, tuple[Step, ...]]:
    """The facts once a vendor must be called or there is nothing to do, and the steps up to there.

    Raises GoesInCircles.
    """
    steps: list[Step] = []
    most = _most_own_steps(facts)
    while len(steps) <= most:
        step = decider(facts, now)
        steps.append(step)
        following = after(step, facts, now, in_stock=in_stock)
        if following is None:
            return facts, tuple(steps)
        facts = following
    raise GoesInCircles(steps)
