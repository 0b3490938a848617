"""Calls to the inventory service: which one an attempt is, and how a doubt about it is seen through.

The service's writes are safe to repeat and answer what became of them, so a doubt is looked up by the same
call under the same key. Only a confirmation that nobody wants any more is not repeated: the hold is released
instead, and the answer tells whether it had been confirmed.
"""

from datetime import timedelta
from typing import Final

from domain.attempt import Attempt, Operation
from domain.holding import wants_goods
from domain.identifiers import AttemptId
from domain.order_facts import OrderFacts
from domain.reservation import HoldSnapshot, Reservation, ReservationState, ServiceHold
from ports.errors import Unavailable
from ports.inventory import HoldRequest, InventoryService

# What each call is made for; any other answer is a no.
WANTED: Final = {
    Operation.RESERVE: ReservationState.HELD,
    Operation.CONFIRM_HOLD: ReservationState.CONFIRMED,
    Operation.RELEASE_HOLD: ReservationState.RELEASED,
}
_SHORTEST: Final = timedelta(minutes=1)


class InventoryCalls:
    def __init__(self, service: InventoryService | None) -> None:
        """`service` None: none is set up. Orders whose goods are held at one wait until it is."""
        self._service = service

    async def make(self, attempt: Attempt, facts: OrderFacts) -> HoldSnapshot:
        """Raises Rejected, Unavailable and OutcomeUnknown."""
        hold, at_service = _hold(facts)
        match attempt.operation:
            case Operation.RESERVE:
                request = HoldRequest(
                    order_id=facts.order.id, goods=at_service.goods, duration=_duration(hold, attempt)
                )
                return await self._at_hand().reserve(request, attempt.id)
            case Operation.CONFIRM_HOLD:
                return await self._at_hand().confirm(_reference(at_service), facts.order.id, attempt.id)
            case Operation.RELEASE_HOLD:
                return await self._at_hand().release(_reference(at_service), attempt.id)
            case other:
                raise AssertionError(f"{other} is no call to the inventory service")

    async def look_up(self, attempt: Attempt, facts: OrderFacts) -> HoldSnapshot:
        """What became of a call whose answer was lost. Raises Rejected, Unavailable and OutcomeUnknown."""
        if attempt.operation is Operation.CONFIRM_HOLD and not wants_goods(facts):
            _, at_service = _hold(facts)
            return await self._at_hand().release(_reference(at_service), AttemptId(f"{attempt.id}.release"))
        return await self.make(attempt, facts)

    def _at_hand(self) -> InventoryService:
        if self._service is None:
            raise Unavailable("not_set_up")
        return self._service


def _hold(facts: OrderFacts) -> tuple[Reservation, ServiceHold]:
    """While an attempt at it is open or in doubt, no other hold takes its place."""
    hold = facts.reservation
    assert hold is not None, "an attempt at a hold has that hold"  # noqa: S101
    assert hold.service is not None, "only a hold at the service is asked for there"  # noqa: S101
    return hold, hold.service


def _reference(at_service: ServiceHold) -> str:
    assert at_service.reference is not None, "a hold that was made has the service's reference"  # noqa: S101
    return at_service.reference


def _duration(hold: Reservation, attempt: Attempt) -> timedelta:
    """Counted from the first try, so that every repeat under the key asks for the same."""
    return max(hold.expires_at - attempt.started_at, _SHORTEST)
