"""Every combination of states that an order, its payments, its hold, its attempts and its refunds can be in.

States that can't come about (a completed order that is unpaid, an attempt to capture a new payment) are in
the product too: what has no answer there would have none after a defect somewhere else, and lose an order.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product

from domain.act import Act
from domain.attempt import Attempt, AttemptState, Operation
from domain.case import KINDS, Case, CaseAction, CaseReason
from domain.order import Order, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Instrument, Payment, PaymentState
from domain.refund import Refund, RefundState
from domain.reservation import Reservation, ReservationState
from tests.builders import NOW, a_case, a_payment, a_refund, a_reservation, an_attempt, an_order, eur

ORDER = an_order()
CARD = Instrument(token="pm_1")
JUST_BEFORE = ORDER.pay_until - timedelta(seconds=1)
# In the window, at its last moment, at its end, and long after.
TIMES = (NOW, JUST_BEFORE, ORDER.pay_until, ORDER.pay_until + timedelta(hours=2))


def orders() -> list[Order]:
    return [replace(ORDER, state=state) for state in OrderState]


def payments() -> Iterator[Payment]:
    """Each state; open ones with and without a card that was offered, looked at lately or long ago."""
    for state in PaymentState:
        captured = ORDER.total if state is PaymentState.CAPTURED else eur(0)
        payment = a_payment(ORDER, state=state, captured=captured)
        yield payment
        if payment.is_open or state is PaymentState.NEW:
            for offered, seen_at in ((CARD, None), (None, JUST_BEFORE), (CARD, ORDER.pay_until)):
                yield a_payment(ORDER, state=state, offered=offered, seen_at=seen_at)
    yield a_payment(ORDER, state=PaymentState.CAPTURED, captured=eur(1))
    yield a_payment(ORDER, state=PaymentState.CAPTURED, captured=ORDER.total, was_over=True)


def holds() -> list[Reservation | None]:
    return [None, *(a_reservation(ORDER, state=state) for state in ReservationState)]


def attempts(payment: Payment) -> Iterator[tuple[Attempt, ...]]:
    yield ()
    for operation, state, tries in product(Operation, AttemptState, (1, 9)):
        yield (an_attempt(payment, operation=operation, state=state, tries=tries),)


def refunds(payment: Payment) -> Iterator[tuple[Refund, ...]]:
    yield ()
    # The last is more than there was to give back: a defect somewhere else, which must not grow.
    for state, amount in product(RefundState, (payment.captured, eur(1), payment.captured + eur(1))):
        yield (a_refund(payment, state=state, amount=amount),)


def with_one_payment(order: Order) -> Iterator[OrderFacts]:
    for hold in holds():
        yield OrderFacts(order=order, reservation=hold)
    for payment, hold in product(payments(), holds()):
        for tried in attempts(payment):
            yield OrderFacts(order=order, reservation=hold, payments=(payment,), attempts=tried)


def with_two_payments(order: Order) -> Iterator[OrderFacts]:
    for first, second, hold in product(payments(), payments(), holds()):
        yield OrderFacts(order=order, reservation=hold, payments=(first, second))


def with_refunds(order: Order) -> Iterator[OrderFacts]:
    collected = [payment for payment in payments() if payment.state is PaymentState.CAPTURED]
    voided = a_payment(ORDER, state=PaymentState.VOIDED)
    for payment, hold in product((*collected, voided), holds()):
        for refunded in refunds(payment):
            for reason in (None, *CaseReason):
                for decided in (None, *(KINDS[reason].actions if reason else ())):
                    cases = () if reason is None else (told(payment, reason, decided),)
                    yield OrderFacts(
                        order=order, reservation=hold, payments=(payment,), refunds=refunded, cases=cases
                    )


def told(payment: Payment, reason: CaseReason, decided: CaseAction | None) -> Case:
    case = a_case(payment.id, reason=reason)
    return case.resolved(decided, Act(by="Kim", why="asked", at=NOW)) if decided else case


COMBINATIONS = (with_one_payment, with_two_payments, with_refunds)
