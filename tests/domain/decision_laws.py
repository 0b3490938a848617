"""What no decision may ever do, as laws that are checked for any facts: each says whether it was kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.attempt import Operation
from domain.case import CaseAction, CaseReason
from domain.decision import BETWEEN_HOLDS
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.refund import RefundState, refundable
from domain.reservation import ReservationState
from domain.steps import (
    Capture,
    Close,
    Complete,
    ConfirmAtService,
    ConfirmPayment,
    ConfirmStock,
    CreatePayment,
    ExtendHold,
    HoldStock,
    LookUp,
    OpenCase,
    RefreshPayment,
    RefreshRefund,
    ReleaseAtService,
    ReleaseStock,
    RequestRefund,
    ReserveAtService,
    Settled,
    StartPayment,
    Step,
    SubmitRefund,
    Void,
    WaitUntil,
    operation_of,
)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What was known, when, and what was decided."""

    facts: OrderFacts
    now: datetime
    step: Step

    @property
    def in_doubt(self) -> bool:
        return any(attempt.is_doubtful for attempt in self.facts.attempts)

    @property
    def goods(self) -> ReservationState | None:
        return self.facts.reservation.state if self.facts.reservation else None

    @property
    def was_refused(self) -> bool:
        return self.facts.reservation is not None and self.facts.reservation.was_refused

    @property
    def collected(self) -> bool:
        """For this order: money of a payment that was over belongs to nobody but the shopper."""
        return any(p.state is PaymentState.CAPTURED and not p.was_over for p in self.facts.payments)


Law = Callable[[Moment], bool]
_TOWARDS_A_SALE = HoldStock | ReserveAtService | ExtendHold | ConfirmStock | ConfirmAtService | Complete
_RELEASES = ReleaseStock | ReleaseAtService


def nothing_happens_while_an_attempt_is_in_doubt(moment: Moment) -> bool:
    match moment.step:
        case LookUp() | WaitUntil() | OpenCase(reason=CaseReason.TRIES_USED_UP):
            return True
    return not moment.in_doubt


def only_what_is_in_doubt_and_due_is_looked_up(moment: Moment) -> bool:
    """Or, for an order that is over, a creation that may have arrived late."""
    match moment.step:
        case LookUp(attempt=attempt):
            is_stray = (
                moment.facts.order.is_closed_unpaid
                and attempt.operation is Operation.CREATE_PAYMENT
                and moment.now >= attempt.may_arrive_until
            )
            due = attempt in moment.facts.attempts and moment.now >= attempt.until
            return due and (attempt.is_doubtful or is_stray)
    return True


def money_is_captured_once(moment: Moment) -> bool:
    """Only an authorization, only the one that the order goes by, and nothing was collected before."""
    match moment.step:
        case Capture(payment=payment):
            return (
                payment.state is PaymentState.AUTHORIZED
                and payment is moment.facts.live_payment
                and not moment.collected
            )
    return True


def money_is_captured_for_an_open_order_with_confirmed_goods_only(moment: Moment) -> bool:
    """Late money for an expired order is captured already when it is met."""
    if not isinstance(moment.step, Capture):
        return True
    return moment.facts.order.state is OrderState.OPEN and moment.goods is ReservationState.CONFIRMED


def a_shopper_is_asked_for_money_only_by_an_open_order_that_holds_its_goods(moment: Moment) -> bool:
    """And never beside another payment that could still bring money."""
    facts = moment.facts
    fine = facts.order.state is OrderState.OPEN and moment.goods in (
        ReservationState.HELD,
        ReservationState.CONFIRMED,
    )
    match moment.step:
        case StartPayment():
            return fine and all(payment.is_over or payment.was_over for payment in facts.payments)
        case CreatePayment(payment=payment):
            others = [other for other in facts.payments if other is not payment]
            return (
                fine
                and payment.state is PaymentState.NEW
                and all(o.is_over or o.was_over or o.state is PaymentState.NEW for o in others)
            )
        case ConfirmPayment(payment=payment):
            return fine and payment.is_open and payment.offered is not None
    return True


def goods_are_released_only_when_no_money_can_come(moment: Moment) -> bool:
    if not isinstance(moment.step, _RELEASES):
        return True
    could_come = any(p.is_open or p.state is PaymentState.AUTHORIZED for p in moment.facts.payments)
    holds = moment.facts.reservation is not None and moment.facts.reservation.holds_goods
    return moment.facts.order.is_closed_unpaid and holds and not could_come and not moment.in_doubt


def goods_are_held_only_where_none_are(moment: Moment) -> bool:
    match moment.step:
        case HoldStock():
            hold = moment.facts.reservation
            return hold is None or hold.is_gone_at(moment.now)
        case ReserveAtService(reservation=asked):
            return asked.state is ReservationState.REQUESTED
        case ConfirmStock() | ConfirmAtService() | ExtendHold():
            return moment.goods is ReservationState.HELD
    return True


def goods_move_where_they_are_kept(moment: Moment) -> bool:
    """Ours with our commits, a service's by calls: it extends nothing and takes nothing back that is sold."""
    hold = moment.facts.reservation
    match moment.step:
        case ConfirmStock() | ReleaseStock() | ExtendHold():
            return hold is not None and hold.service is None
        case ReserveAtService(reservation=meant) | ConfirmAtService(reservation=meant):
            return meant is hold and meant.service is not None
        case ReleaseAtService(reservation=meant):
            return meant is hold and meant.service is not None and not meant.is_sold_for_good
    return True


def a_hold_that_ran_out_is_not_sold(moment: Moment) -> bool:
    match moment.step:
        case ConfirmAtService(reservation=hold):
            return moment.now < hold.expires_at
    return True


def a_service_that_loses_holds_is_not_asked_at_every_turn(moment: Moment) -> bool:
    hold = moment.facts.reservation
    if not isinstance(moment.step, HoldStock) or hold is None or hold.service is None:
        return True
    return moment.now >= hold.service.asked_at + BETWEEN_HOLDS


def goods_are_sold_only_for_money(moment: Moment) -> bool:
    """Confirmed for money that is promised or there, completed for money that is there."""
    facts = moment.facts
    match moment.step:
        case ConfirmStock() | ConfirmAtService():
            return any(p.state in (PaymentState.AUTHORIZED, PaymentState.CAPTURED) for p in facts.payments)
        case Complete():
            return moment.collected and moment.goods is ReservationState.CONFIRMED
    return True


def a_cancellation_stands(moment: Moment) -> bool:
    over = moment.facts.order.state is OrderState.CANCELLED
    return not (over and isinstance(moment.step, _TOWARDS_A_SALE))


def a_completed_order_is_neither_closed_nor_completed_again(moment: Moment) -> bool:
    done = moment.facts.order.state is OrderState.COMPLETED
    return not (done and isinstance(moment.step, Close | _TOWARDS_A_SALE | _RELEASES))


def an_order_with_money_expires_never(moment: Moment) -> bool:
    """It was paid, if late: only goods that can't be had end it."""
    match moment.step:
        case Close(reason=ClosingReason.OUT_OF_STOCK):
            return moment.was_refused
        case Close():
            return not any(
                p.is_open or p.state in (PaymentState.AUTHORIZED, PaymentState.CAPTURED)
                for p in moment.facts.payments
                if not p.was_over
            )
    return True


def only_what_can_be_stopped_is_voided(moment: Moment) -> bool:
    match moment.step:
        case Void(payment=payment) | RefreshPayment(payment=payment):
            stops = payment.is_open or payment.state is PaymentState.AUTHORIZED
            return stops or (isinstance(moment.step, Void) and payment.has_ended and payment.holds_stray)
    return True


def a_payment_is_stopped_only_after_a_look_at_the_end_of_its_window(moment: Moment) -> bool:
    """The shopper may have paid at the last moment. Goods that can't be had stop it at once."""
    order = moment.facts.order
    match moment.step:
        case Void(payment=payment) if payment.is_open and order.state is OrderState.OPEN:
            seen_at_the_end = payment.seen_at is not None and payment.seen_at >= order.pay_until
            over = moment.now >= order.pay_until
            return moment.was_refused or (over and seen_at_the_end)
    return True


def no_more_goes_back_than_was_captured(moment: Moment) -> bool:
    match moment.step:
        case RequestRefund(payment=payment, amount=amount):
            refunds = [r for r in moment.facts.refunds if r.payment_id == payment.id]
            left = refundable(payment.captured, refunds)
            return payment.state is PaymentState.CAPTURED and 0 < amount.minor <= left.minor
    return True


def a_refund_is_submitted_once(moment: Moment) -> bool:
    match moment.step:
        case SubmitRefund(refund=refund):
            return refund.state is RefundState.REQUESTED
        case RefreshRefund(refund=refund):
            return refund.state is RefundState.PENDING
    return True


def a_case_is_opened_once(moment: Moment) -> bool:
    """Another for the same trouble only after a person had it tried again, or after it settled itself."""
    match moment.step:
        case OpenCase(reason=reason, subject_id=subject_id, detail=detail):
            known = [c for c in moment.facts.cases if (c.reason, c.subject_id) == (reason, subject_id)]
            room = (None, CaseAction.RETRY)
            return all(c.resolution and (c.decided in room or c.detail != detail) for c in known)
    return True


def too_little_money_completes_nothing_silently(moment: Moment) -> bool:
    live = moment.facts.live_payment
    if not isinstance(moment.step, Complete) or live is None or live.captured >= live.amount:
        return True
    return any(c.subject_id == live.id and c.decided is CaseAction.ACCEPT for c in moment.facts.cases)


def waiting_ends_in_the_future(moment: Moment) -> bool:
    match moment.step:
        case WaitUntil(at=at):
            return at > moment.now
        case ExtendHold(until=until):
            return until > moment.now
    return True


def a_vendor_that_was_away_is_left_alone_for_a_while(moment: Moment) -> bool:
    what = operation_of(moment.step)
    attempt = moment.facts.open_attempt(*what) if what is not None else None
    return attempt is None or moment.now >= attempt.until


def nothing_is_forgotten(moment: Moment) -> bool:
    """Settled means that nobody looks again: nothing may be open, held, promised or on its way."""
    if not isinstance(moment.step, Settled):
        return True
    facts = moment.facts
    on_its_way = any(r.state in (RefundState.REQUESTED, RefundState.PENDING) for r in facts.refunds)
    if facts.order.state is OrderState.OPEN or on_its_way or moment.in_doubt:
        return False
    if facts.order.state is OrderState.COMPLETED:
        return not any(p.has_stray_hold for p in facts.payments)
    hold = facts.reservation
    holds = hold is not None and hold.holds_goods
    if hold is not None and hold.is_sold_for_good:
        holds = not facts.has_case(CaseReason.GOODS_TO_BOOK_BACK, hold.id)
    promised = any(
        p.is_open or p.has_stray_hold or p.state is PaymentState.AUTHORIZED for p in facts.payments
    )
    return not holds and not promised


LAWS: tuple[Law, ...] = (
    nothing_happens_while_an_attempt_is_in_doubt,
    only_what_is_in_doubt_and_due_is_looked_up,
    money_is_captured_once,
    money_is_captured_for_an_open_order_with_confirmed_goods_only,
    a_shopper_is_asked_for_money_only_by_an_open_order_that_holds_its_goods,
    goods_are_released_only_when_no_money_can_come,
    goods_are_held_only_where_none_are,
    goods_move_where_they_are_kept,
    a_hold_that_ran_out_is_not_sold,
    a_service_that_loses_holds_is_not_asked_at_every_turn,
    goods_are_sold_only_for_money,
    a_cancellation_stands,
    a_completed_order_is_neither_closed_nor_completed_again,
    an_order_with_money_expires_never,
    only_what_can_be_stopped_is_voided,
    a_payment_is_stopped_only_after_a_look_at_the_end_of_its_window,
    no_more_goes_back_than_was_captured,
    a_refund_is_submitted_once,
    a_case_is_opened_once,
    too_little_money_completes_nothing_silently,
    waiting_ends_in_the_future,
    a_vendor_that_was_away_is_left_alone_for_a_while,
    nothing_is_forgotten,
)


def broken_laws(facts: OrderFacts, now: datetime, step: Step) -> list[str]:
    """The names of the laws that this decision breaks."""
    moment = Moment(facts=facts, now=now, step=step)
    return [law.__name__ for law in LAWS if not law(moment)]
