"""Every combination of states that an order, its payments, its hold, its attempts and its refunds can be in.

States that can't come about (a completed order that is unpaid, an attempt to capture a new payment) are in
the product too: what has no answer there would have none after a defect somewhere else, and lose an order.
"""

from collections.abc import Iterable, Iterator
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
from domain.shop import StockKeeper
from tests.builders import (
    NOW,
    OWN_STATES,
    a_case,
    a_payment,
    a_refund,
    a_reservation,
    a_service_hold,
    an_attempt,
    an_order,
    eur,
)

ORDER = an_order()
OF_HOLDS = (Operation.RESERVE, Operation.CONFIRM_HOLD, Operation.RELEASE_HOLD)
OF_CUSTOMERS = (Operation.REGISTER_CUSTOMER, Operation.REMOVE_CUSTOMER)
OF_SUBSCRIPTIONS = (
    *(Operation.SUBSCRIBE, Operation.CHANGE_PLAN),
    *(Operation.CANCEL_NOW, Operation.CANCEL_AT_PERIOD_END),
)
OF_PAYMENTS = tuple(each for each in Operation if each not in (*OF_HOLDS, *OF_CUSTOMERS, *OF_SUBSCRIPTIONS))
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
    yield a_payment(ORDER, state=PaymentState.CAPTURED, failed=ORDER.total)
    for ended, captured in ((PaymentState.CAPTURED, ORDER.total), (PaymentState.VOIDED, eur(0))):
        yield a_payment(ORDER, state=ended, captured=captured, holds_stray=True)


def holds() -> list[Reservation | None]:
    """On our own stock."""
    return [None, *(a_reservation(ORDER, state=state) for state in OWN_STATES)]


def service_holds() -> Iterator[Reservation]:
    """At an inventory service; one that was made long ago or just now, and one that has run out."""
    for state in ReservationState:
        yield a_service_hold(ORDER, state=state)
    yield a_service_hold(ORDER, state=ReservationState.HELD, expires_at=NOW)
    yield a_service_hold(ORDER, state=ReservationState.LOST, asked_at=NOW)


def attempts(
    subject: Payment | Reservation, operations: Iterable[Operation] = OF_PAYMENTS
) -> Iterator[tuple[Attempt, ...]]:
    yield ()
    for operation, state, tries in product(operations, AttemptState, (1, 9)):
        yield (an_attempt(subject, operation=operation, state=state, tries=tries),)


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


def at_the_service(order: Order) -> Iterator[OrderFacts]:
    """Goods that an inventory service holds, with each payment, and each attempt at the hold."""
    order = replace(order, stock_keeper=StockKeeper.SERVICE)
    yield OrderFacts(order=order)
    for hold in service_holds():
        yield OrderFacts(order=order, reservation=hold)
        for payment, tried in product(payments(), attempts(hold, OF_HOLDS)):
            yield OrderFacts(order=order, reservation=hold, payments=(payment,), attempts=tried)


def with_refunds_at_the_service(order: Order) -> Iterator[OrderFacts]:
    order = replace(order, stock_keeper=StockKeeper.SERVICE)
    paid = a_payment(ORDER, state=PaymentState.CAPTURED, captured=ORDER.total)
    for hold, refunded in product(service_holds(), refunds(paid)):
        booked_back = a_case(hold.id, reason=CaseReason.GOODS_TO_BOOK_BACK)
        for cases in ((), (booked_back,), (a_case(order.id, reason=CaseReason.HOLD_LOST),)):
            yield OrderFacts(order=order, reservation=hold, payments=(paid,), refunds=refunded, cases=cases)


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


COMBINATIONS = (
    with_one_payment,
    with_two_payments,
    with_refunds,
    at_the_service,
    with_refunds_at_the_service,
)
