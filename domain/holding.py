"""Who wants goods held, and where: for as long as an order can be paid, on our own stock or at an inventory
service, and what that service says of its holds.
"""

from datetime import datetime
from typing import Final

from domain.case import CaseReason
from domain.events import EventKind
from domain.identifiers import ReservationId, Sku
from domain.order import ClosingReason, OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.reservation import HoldSnapshot, Reservation, ReservationState
from domain.steps import ConfirmAtService, ConfirmStock, ReleaseAtService, ReleaseStock, Step
from domain.values import replace

_EVENTS: Final = {
    ReservationState.HELD: EventKind.STOCK_HELD,
    ReservationState.PARTIAL: EventKind.STOCK_SHORT,
    ReservationState.REFUSED: EventKind.STOCK_REFUSED,
    ReservationState.CONFIRMED: EventKind.STOCK_CONFIRMED,
    ReservationState.RELEASED: EventKind.STOCK_RELEASED,
    ReservationState.EXPIRED: EventKind.HOLD_EXPIRED,
    ReservationState.LOST: EventKind.HOLD_LOST,
}


def wants_goods(facts: OrderFacts) -> bool:
    """While it is open, or paid late."""
    return facts.order.state is OrderState.OPEN or late_money(facts)


def nobody_pays(facts: OrderFacts, now: datetime) -> bool:
    """The window ended before any provider knew of a payment."""
    order = facts.order
    if order.state is not OrderState.OPEN or now < order.pay_until:
        return False
    live = facts.live_payment
    return live is None or live.state is PaymentState.NEW


def late_money(facts: OrderFacts) -> bool:
    """Captured money for an order that expired: it goes on if the goods can still be had.

    A cancellation stands.
    """
    if facts.order.state is not OrderState.EXPIRED:
        return False
    live = facts.live_payment
    return live is not None and live.state is PaymentState.CAPTURED and facts.sale.refundable(live).minor > 0


def hold_requested(facts: OrderFacts, reservation: Reservation, now: datetime) -> OrderFacts:
    """A hold that the service is to be asked for; one that has run out there makes room for it."""
    before = facts.reservation
    if before is not None and before.holds_goods:
        facts = facts.told(EventKind.HOLD_EXPIRED, now, before.id)
    return replace(facts, reservation=reservation).told(EventKind.HOLD_REQUESTED, now, reservation.id)


def hold_observed(
    facts: OrderFacts, reservation_id: ReservationId, snapshot: HoldSnapshot, now: datetime
) -> OrderFacts:
    """Takes in what the service says of a hold. A stale or repeated fact adds nothing, nor does one about an
    earlier hold.
    """
    before = facts.reservation
    if before is None or before.id != reservation_id:
        return facts
    after = before.observed(snapshot)
    if after.state is before.state:
        return facts
    kind = _EVENTS[after.state]
    return replace(facts, reservation=after).told(kind, now, after.id, snapshot.state.value)


def sold_after_all(facts: OrderFacts, now: datetime) -> OrderFacts:
    """Nobody has to book the goods back any more: the order was paid late."""
    if facts.reservation is None:
        return facts
    return facts.cases_closed(CaseReason.GOODS_TO_BOOK_BACK, facts.reservation.id, now)


def was_refused_goods(facts: OrderFacts) -> bool:
    """Whether it ended because its goods can't be had, before any provider knew of a payment: then the
    checkout that it came from is the shopper's again.
    """
    unknown = all(payment.state is PaymentState.NEW for payment in facts.payments)
    return unknown and facts.order.closing_reason is ClosingReason.OUT_OF_STOCK


def short_of(facts: OrderFacts) -> tuple[Sku, ...]:
    """The SKUs that can't be had; all of them where it isn't known which."""
    service = facts.reservation.service if facts.reservation is not None else None
    known = service.short_of if service is not None else ()
    return known or tuple(good.sku for good in facts.sale.goods())


def at_its_keeper(step: Step, facts: OrderFacts) -> Step:
    """The step where the goods are: what an inventory service holds is confirmed and released there."""
    hold = facts.reservation
    if hold is None or hold.service is None:
        return step
    match step:
        case ConfirmStock():
            return ConfirmAtService(reservation=hold)
        case ReleaseStock():
            return ReleaseAtService(reservation=hold)
        case _:
            return step
