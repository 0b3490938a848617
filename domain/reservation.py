"""Reservation: a hold on stock with an expiry. Each hold is released or confirmed once and only once."""

from datetime import datetime
from enum import Enum
from typing import Final

from domain.errors import TransitionRefused
from domain.identifiers import OrderId, ReservationId, Sku
from domain.order import SkuQuantity
from domain.values import replace, value


class ReservationState(Enum):
    """HELD becomes CONFIRMED (sold) or RELEASED; REFUSED never held anything. CONFIRMED is given back by
    RELEASED, where our own stock is concerned.

    Only at an inventory service: REQUESTED was not answered yet; PARTIAL holds less than was asked for, so
    that it is let go and becomes REFUSED; EXPIRED ran out before it was confirmed; LOST is one that the
    service knows nothing of.
    """

    HELD = "held"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    REFUSED = "refused"
    REQUESTED = "requested"
    PARTIAL = "partial"
    EXPIRED = "expired"
    LOST = "lost"


_GONE: Final = frozenset({ReservationState.RELEASED, ReservationState.EXPIRED, ReservationState.LOST})
# What the service may say of a hold in a state, and what that makes of it; all else is stale or repeated.
_FOLLOWS: Final = {
    ReservationState.REQUESTED: {
        state: state for state in (ReservationState.HELD, ReservationState.PARTIAL, ReservationState.REFUSED)
    },
    ReservationState.HELD: {state: state for state in (ReservationState.CONFIRMED, *_GONE)},
    # Nothing of it can be sold, whatever became of it.
    ReservationState.PARTIAL: dict.fromkeys((ReservationState.CONFIRMED, *_GONE), ReservationState.REFUSED),
}


@value
class HoldSnapshot:
    """What an inventory service says of a hold at one moment; `short_of` are the SKUs with too few pieces."""

    state: ReservationState
    reference: str | None = None
    expires_at: datetime | None = None
    short_of: tuple[Sku, ...] = ()


@value
class ServiceHold:
    """What an inventory service was asked to hold, and when first; its name for the hold once it answered."""

    goods: tuple[SkuQuantity, ...]
    asked_at: datetime
    reference: str | None = None
    short_of: tuple[Sku, ...] = ()


@value
class Reservation:
    """A hold for all goods of one order; an order whose hold ended may get another, as a new row.

    `service` None: it is a hold on our own stock, which ends when we say so. One at a service ends by itself
    at `expires_at`.
    """

    id: ReservationId
    order_id: OrderId
    state: ReservationState
    expires_at: datetime
    service: ServiceHold | None = None

    @property
    def holds_goods(self) -> bool:
        return self.state in (ReservationState.HELD, ReservationState.CONFIRMED, ReservationState.PARTIAL)

    @property
    def was_refused(self) -> bool:
        """The goods can't be had, or not all of them."""
        return self.state in (ReservationState.REFUSED, ReservationState.PARTIAL)

    @property
    def is_sold_for_good(self) -> bool:
        """A service takes nothing back that was confirmed; a person has to book it back there."""
        return self.service is not None and self.state is ReservationState.CONFIRMED

    def is_gone_at(self, now: datetime) -> bool:
        """Nothing is held any more, and nobody refused: another hold may be asked for."""
        if self.state is ReservationState.HELD:
            return self.service is not None and now >= self.expires_at
        return self.state in _GONE

    def observed(self, snapshot: HoldSnapshot) -> "Reservation":
        """Takes in what the service says. What is stale, or repeated, changes nothing."""
        state = _FOLLOWS.get(self.state, {}).get(snapshot.state)
        if state is None or self.service is None:
            return self
        return replace(
            self,
            state=state,
            expires_at=snapshot.expires_at or self.expires_at,
            service=replace(
                self.service,
                reference=snapshot.reference or self.service.reference,
                short_of=snapshot.short_of or self.service.short_of,
            ),
        )

    def given_up(self) -> "Reservation":
        """What becomes of it when another hold takes its place: a service's has run out, ours is released."""
        over = ReservationState.RELEASED if self.service is None else ReservationState.EXPIRED
        return replace(self, state=over) if self.holds_goods else self

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
