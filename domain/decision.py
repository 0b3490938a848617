"""The one decision: from what is known about an order to the next step. An order's whole life is on this
page.

`decide` is pure. Whoever learns something new about an order records it and asks again, so nothing depends
on who comes first, and a crash is just another call. The first rule that has an answer wins.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from domain.amount_captured import differs_from_agreed, lacks_money, loss_told, owed_again
from domain.attempt import Attempt, AttemptState, Operation
from domain.case import CaseAction, CaseReason, was_decided
from domain.giving_back import goes_back_by_itself
from domain.holding import at_its_keeper, late_money, nobody_pays, wants_goods
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import Payment, PaymentState
from domain.refund import Refund, RefundState
from domain.reservation import Reservation, ReservationState
from domain.steps import (
    Capture,
    Close,
    Complete,
    ConfirmPayment,
    ConfirmStock,
    CreatePayment,
    ExtendHold,
    HoldStock,
    LookUp,
    OpenCase,
    RefreshPayment,
    RefreshRefund,
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
from domain.time_to_pay import POLL_OPEN_PAYMENT, look_again_at, stopping, time_to_pay_ends

# A webhook may never come, so the provider is asked again after this long.
POLL_PENDING_REFUND: Final = timedelta(hours=1)
# A service that loses its holds is not asked for another one at every turn.
BETWEEN_HOLDS: Final = timedelta(minutes=1)
# An order that waits for a person is looked at again at each end of this long.
POLL_PERSON: Final = timedelta(hours=1)


def decide(facts: OrderFacts, now: datetime) -> Step:
    """The next step for this order at this moment."""
    for rule in _RULES:
        if (step := rule(facts, now)) is not None:
            return _paced(at_its_keeper(step, facts), facts, now)
    return Settled()


def _doubtful_attempt(facts: OrderFacts, now: datetime) -> Step | None:
    """1 and 12. Nothing else happens while an effect is in doubt; a doubt that lasts is shown to a person."""
    for attempt in facts.attempts:
        if _is_shown(attempt, now) and not facts.has_case(CaseReason.TRIES_USED_UP, attempt.intention):
            return OpenCase(reason=CaseReason.TRIES_USED_UP, subject_id=attempt.intention)
    for attempt in facts.attempts:
        if attempt.is_doubtful:
            return LookUp(attempt=attempt) if now >= attempt.due_at else _wait(attempt)
    return None


def _unusable_capture(facts: OrderFacts, now: datetime) -> Step | None:
    """2. Money that was captured and can't buy anything goes back, and a person is told, or has said so."""
    for payment in facts.payments:
        if not payment.has_collected or (reason := _why_unusable(facts, payment)) is None:
            continue
        left = facts.sale.refundable(payment)
        if left.minor > 0 and goes_back_by_itself(facts, payment):
            return RequestRefund(payment=payment, amount=left)
        case = _case_once(reason, payment.id, facts)
        if case is not None and not was_decided(facts.cases, CaseAction.REFUND, payment.id):
            return case
        if (refund := _refund_to_submit(facts, payment, now)) is not None:
            return SubmitRefund(refund=refund)
    return None


def _unusable_authorization(facts: OrderFacts, now: datetime) -> Step | None:
    """3. A promise of money that the order can't use is given back; one beside its money, in the end."""
    for payment in facts.payments:
        unused = facts.order.is_closed_unpaid or payment is not facts.live_payment
        is_stray = payment.has_stray_hold and facts.order.state is not OrderState.OPEN
        if is_stray or (unused and payment.state is PaymentState.AUTHORIZED):
            return Void(payment=payment)
    return None


def _closed_order(facts: OrderFacts, now: datetime) -> Step | None:
    """4. Cancelled or expired: first the payment is stopped, then the goods are released, once."""
    if not facts.order.is_closed_unpaid or late_money(facts):
        return None
    for payment in facts.payments:
        if payment.is_open:
            return stopping(facts, payment, now)
    hold = facts.reservation
    if hold is None or not hold.holds_goods:
        return _stray_creation(facts, now)
    if not hold.is_sold_for_good:
        return ReleaseStock()
    return _case_once(CaseReason.GOODS_TO_BOOK_BACK, hold.id, facts) or _stray_creation(facts, now)


def _stray_creation(facts: OrderFacts, now: datetime) -> Step | None:
    """What was asked for and not found may arrive late: it is looked for once more before it is forgotten."""
    for payment in facts.payments:
        attempt = facts.open_attempt(Operation.CREATE_PAYMENT, payment.id)
        if attempt is not None and attempt.may_arrive_unseen:
            late = WaitUntil(at=attempt.may_arrive_until, reason="late_arrival")
            return late if now < late.at else LookUp(attempt=attempt)
    return None


def _no_hold(facts: OrderFacts, now: datetime) -> Step | None:
    """5. An open order holds its goods before anybody is asked for money; a hold that is gone, anew."""
    hold = facts.reservation
    if not wants_goods(facts):
        return None
    if hold is None or hold.state is ReservationState.REQUESTED or hold.is_gone_at(now):
        return None if nobody_pays(facts, now) else _hold_wanted(hold, facts, now)
    if not hold.was_refused:
        return None
    live = facts.live_payment
    if live is not None and (live.is_open or live.state is PaymentState.AUTHORIZED):
        return stopping(facts, live, now)
    return Close(reason=ClosingReason.OUT_OF_STOCK)


def _hold_wanted(hold: Reservation | None, facts: OrderFacts, now: datetime) -> Step:
    """At once, unless an inventory service has only just lost the one before."""
    if hold is None or hold.service is None:
        return HoldStock()
    if hold.state is ReservationState.REQUESTED:
        return ReserveAtService(reservation=hold)
    is_lost = hold.state is ReservationState.LOST
    if is_lost and (case := _case_once(CaseReason.HOLD_LOST, facts.order.id, facts)) is not None:
        return case
    another_at = hold.service.asked_at + BETWEEN_HOLDS
    return HoldStock() if now >= another_at else WaitUntil(at=another_at, reason="hold_lost")


def _window_over(facts: OrderFacts, now: datetime) -> Step | None:
    """7b.

    The time to pay is over: look once more, stop the payment, then expire. Money in the meantime goes on.
    """
    order = facts.order
    if order.state is not OrderState.OPEN or now < order.pay_until:
        return None
    live = facts.live_payment
    if live is None or nobody_pays(facts, now):
        return Close(reason=ClosingReason.NOT_PAID_IN_TIME)
    if not live.is_open or now < (over := time_to_pay_ends(order, live)):
        return None
    if live.seen_at is None or live.seen_at < over:
        return RefreshPayment(payment=live)
    return Void(payment=live)


def _no_payment(facts: OrderFacts, now: datetime) -> Step | None:
    """6.

    The payment is made before the shopper sees a form; a refused one ends the order, a voided one is
    replaced.
    """
    if facts.order.state is not OrderState.OPEN:
        return None
    live = facts.live_payment
    if live is not None:
        return CreatePayment(payment=live) if live.state is PaymentState.NEW else None
    if any(payment.state is PaymentState.REFUSED for payment in facts.payments):
        return Close(reason=ClosingReason.PAYMENT_REFUSED)
    return StartPayment()


def _shoppers_turn(facts: OrderFacts, now: datetime) -> Step | None:
    """7 and 8. The shopper's or the provider's turn: submit what the shopper offers, keep the hold, wait."""
    hold, order = facts.reservation, facts.order
    if order.state is not OrderState.OPEN:
        return None
    live = facts.live_payment
    if live is None or not live.is_open:
        return None
    if live.offered is not None and live.state is not PaymentState.PROCESSING:
        return ConfirmPayment(payment=live)
    window_end = time_to_pay_ends(order, live)
    if hold is not None and hold.state is ReservationState.HELD and hold.expires_at < window_end:
        if hold.service is None:
            return ExtendHold(until=window_end + POLL_OPEN_PAYMENT)
        # A service extends nothing: another hold is made in the moment when this one ends.
        window_end = hold.expires_at
    look_again = look_again_at(live)
    if now >= look_again:
        return RefreshPayment(payment=live)
    return WaitUntil(at=min(look_again, window_end), reason=live.state.value)


def _authorized(facts: OrderFacts, now: datetime) -> Step | None:
    """9 and 10. Confirm the stock, and only then take the money; with both, the order is complete."""
    live = facts.live_payment
    if live is None or not wants_goods(facts) or facts.reservation is None:
        return None
    if live.state not in (PaymentState.AUTHORIZED, PaymentState.CAPTURED):
        return None
    if facts.reservation.state is ReservationState.HELD:
        return ConfirmStock()
    if facts.reservation.state is not ReservationState.CONFIRMED:
        return None
    if live.state is PaymentState.AUTHORIZED:
        return Capture(payment=live)
    return None if lacks_money(facts, live) else Complete()


def _refunds(facts: OrderFacts, now: datetime) -> Step | None:
    """11.

    Refunds that were asked for are submitted, pending ones looked after, failed ones shown to a person.
    """
    for refund in facts.refunds:
        if refund.state is RefundState.REQUESTED:
            return SubmitRefund(refund=refund)
        if refund.state is RefundState.FAILED and not facts.has_case(CaseReason.REFUND_FAILED, refund.id):
            return OpenCase(reason=CaseReason.REFUND_FAILED, subject_id=refund.id)
    pending = [refund for refund in facts.refunds if refund.state is RefundState.PENDING]
    if not pending:
        return None
    # One that the provider refuses to tell of must not keep the others from being looked at.
    longest_unseen = min(pending, key=lambda r: (facts.has_case(CaseReason.READ_REFUSED, r.id), _seen(r)))
    look_again = _seen(longest_unseen) + POLL_PENDING_REFUND
    if now >= look_again:
        return RefreshRefund(refund=longest_unseen)
    return WaitUntil(at=look_again, reason="refund_pending")


def _seen(refund: Refund) -> datetime:
    return refund.seen_at or refund.created_at


def _disputes(facts: OrderFacts, now: datetime) -> Step | None:
    """11b. A dispute without a verdict is shown to a person, who has days to answer the bank.

    So is an inquiry, and once more when it becomes a dispute.
    """
    for dispute in facts.disputes:
        case = _case_once(CaseReason.DISPUTE, dispute.id, facts, dispute.state.value)
        if not dispute.is_over and case is not None:
            return case
    return None


def _wrong_amount(facts: OrderFacts, now: datetime) -> Step | None:
    """10b. A capture that differs from what was agreed is nothing that a program should smooth over."""
    live = facts.live_payment
    if live is None or not differs_from_agreed(facts, live) or _why_unusable(facts, live) is not None:
        return None
    return _case_once(CaseReason.CAPTURED_AMOUNT_DIFFERS, live.id, facts)


def _failed_capture(facts: OrderFacts, now: datetime) -> Step | None:
    """10d. Money that was captured and then failed: a person is told, and nobody is charged again."""
    owing = (p for p in facts.payments if p.failed is not None and owed_again(facts, p))
    cases = (_case_once(CaseReason.CAPTURE_FAILED, p.id, facts, loss_told(facts, p)) for p in owing)
    return next((case for case in cases if case is not None), None)


def _too_little(facts: OrderFacts, now: datetime) -> Step | None:
    """10c.

    With less money than agreed the order waits for a person: it completes if they accept, and is called off
    if they give the money back. With more it completes: the shopper has paid, and the rest can go back.
    """
    live = facts.live_payment
    if live is None or not wants_goods(facts) or not lacks_money(facts, live):
        return None
    told_at = max(case.opened_at for case in facts.cases if case.subject_id == live.id)
    looks = (now - told_at) // POLL_PERSON + 1
    return WaitUntil(at=told_at + looks * POLL_PERSON, reason="captured_too_little")


_RULES: Final[tuple[Callable[[OrderFacts, datetime], Step | None], ...]] = (
    _doubtful_attempt,
    _wrong_amount,
    _failed_capture,
    _disputes,
    _unusable_capture,
    _unusable_authorization,
    _closed_order,
    _no_hold,
    _window_over,
    _no_payment,
    _shoppers_turn,
    _authorized,
    _refunds,
    _too_little,
)


def _why_unusable(facts: OrderFacts, payment: Payment) -> CaseReason | None:
    if payment.was_over:
        return CaseReason.CAPTURED_AFTER_END
    if payment is not facts.live_payment:
        return CaseReason.CAPTURED_TWICE
    hold = facts.reservation
    goods_gone = facts.order.state is OrderState.EXPIRED and hold is not None and hold.was_refused
    return (
        CaseReason.MONEY_FOR_CLOSED_ORDER if facts.order.state is OrderState.CANCELLED or goods_gone else None
    )


def _case_once(why: CaseReason, about: str, facts: OrderFacts, detail: str | None = None) -> OpenCase | None:
    case = OpenCase(reason=why, subject_id=about, detail=detail)
    return None if facts.has_case(why, about, detail) else case


def _refund_to_submit(facts: OrderFacts, payment: Payment, now: datetime) -> Refund | None:
    """One that nobody has submitted yet, unless its vendor is to be left alone for a while."""
    for refund in facts.sale.refunds_of(payment):
        attempt = facts.open_attempt(Operation.REFUND, refund.id)
        if refund.state is RefundState.REQUESTED and (attempt is None or now >= attempt.due_at):
            return refund
    return None


def _is_shown(attempt: Attempt, now: datetime) -> bool:
    """Whether a person is told of it; while somebody is calling, it is too early."""
    calling = attempt.state is AttemptState.IN_FLIGHT and now < attempt.until
    return attempt.is_stuck and not calling


def _wait(attempt: Attempt) -> WaitUntil:
    return WaitUntil(at=attempt.due_at, reason=f"{attempt.operation.value}_{attempt.state.value}")


def _paced(step: Step, facts: OrderFacts, now: datetime) -> Step:
    """A vendor that was unavailable is asked again after a while, not at once."""
    what = operation_of(step)
    attempt = facts.open_attempt(*what) if what is not None else None
    return _wait(attempt) if attempt is not None and now < attempt.due_at else step
