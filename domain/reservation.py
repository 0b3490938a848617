"""Reservation: a hold on stock with an expiry. Each hold is released or confirmed once and only once."""

from datetime import datetime
from enum import Enum

from domain.errors import TransitionRefused
from domain.identifiers import OrderId, ReservationId
from domain.values import replace, value


class ReservationState(Enum):
    """HELD becomes CONFIRMED (sold) or RELEASED; REFUSED never held anything.

    CONFIRMED is given back by RELEASED.
    """

    HELD = "held"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    REFUSED = "refused"


@value
class Reservation:
    """A hold for all goods of one order; an order whose hold ended may get another, as a new row."""

    id: ReservationId
    order_id: OrderId
    state: ReservationState
    expires_at: datetime

    @property
    def holds_goods(self) -> bool:
        return self.state in (ReservationState.HELD, ReservationState.CONFIRMED)

    def extended(self, until: datetime) -> "Reservation":
        if self.state is not ReservationState.HELD:
            raise TransitionRefused(subject="reservation", state=self.state.value, fact="extended")
        return replace(self, expires_at=max(self.expires_at, until))

    def confirmed(self) -> "Reservation":
        if self.state is not ReservationState.HELD:
            raise TransitionRefused(subject="reservation", state=self.state.value, fact="confirmed")
        return replace(self, state=ReservationState.CONFIRMED)

    def released(self) -> "Reservation":
        if not self.holds_goods:
            raise TransitionRefused(subject="reservation", state=self.state.value, fact="released")
        return replace(self, state=ReservationState.RELEASED)
