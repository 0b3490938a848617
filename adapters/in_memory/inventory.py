"""An inventory service in memory that behaves like one: keys replay, holds end by themselves, pieces are
counted, and what there is too little of is held in part.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from adapters.in_memory.faults import Fault, no_fault
from domain.identifiers import AttemptId, OrderId, Sku
from domain.order import SkuQuantity
from domain.reservation import HoldSnapshot, ReservationState
from domain.stock_comparison import KnownHold
from ports.clock import Clock
from ports.errors import OutcomeUnknown, PortError, Rejected
from ports.inventory import HoldRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hold:
    reference: str
    order_id: OrderId
    goods: tuple[SkuQuantity, ...]
    expires_at: datetime
    state: ReservationState = ReservationState.HELD


@dataclass(slots=True, kw_only=True)
class _Shelf:
    """`received = held + sold + free`, always."""

    received: int = 0
    sold: int = 0


@dataclass(slots=True)
class _Books:
    shelves: dict[Sku, _Shelf] = field(default_factory=dict)
    holds: dict[str, _Hold] = field(default_factory=dict)
    answers: dict[AttemptId, tuple[HoldRequest, HoldSnapshot]] = field(default_factory=dict)


class InMemoryInventory:
    """Implements `ports.inventory.InventoryService`; the rest is for whoever minds the shelves."""

    def __init__(self, clock: Clock, fault: Fault = no_fault) -> None:
        self._clock = clock
        self._fault = fault
        self._books = _Books()

    async def available(self, skus: Sequence[Sku]) -> Mapping[Sku, int]:
        try:
            self._fault("available", "before")
        except PortError:
            return {}
        return {sku: self.free(sku) for sku in skus}

    async def reserve(self, request: HoldRequest, key: AttemptId) -> HoldSnapshot:
        self._fault("reserve", "before")
        known = self._books.answers.get(key)
        if known is not None and known[0] != request:
            raise OutcomeUnknown("other_arguments")
        answer = known[1] if known is not None else self._reserve(request)
        self._books.answers[key] = (request, answer)
        self._fault("reserve", "after")
        return answer

    async def confirm(self, reference: str, order_id: OrderId, key: AttemptId) -> HoldSnapshot:
        return self._ends("confirm_hold", reference, lambda hold: self._confirm(hold, order_id))

    async def release(self, reference: str, key: AttemptId) -> HoldSnapshot:
        return self._ends("release_hold", reference, self._release)

    async def find(self, order_id: OrderId) -> Sequence[KnownHold]:
        self._fault("find_holds", "before")
        holds = [self._current(hold) for hold in self._books.holds.values() if hold.order_id == order_id]
        return [KnownHold(reference=hold.reference, state=hold.state, goods=hold.goods) for hold in holds]

    # What only the warehouse can do, or see.

    def receive(self, sku: Sku, pieces: int) -> None:
        """Pieces arrived; a negative number is gone."""
        self._books.shelves.setdefault(sku, _Shelf()).received += pieces

    def free(self, sku: Sku) -> int:
        return self.received(sku) - self.held(sku) - self.sold(sku)

    def received(self, sku: Sku) -> int:
        return self._books.shelves.get(sku, _Shelf()).received

    def held(self, sku: Sku) -> int:
        now = self._clock.now()
        holds = (hold for hold in self._books.holds.values() if hold.state is ReservationState.HELD)
        goods = (good for hold in holds if now < hold.expires_at for good in hold.goods)
        return sum(good.quantity for good in goods if good.sku == sku)

    def sold(self, sku: Sku) -> int:
        return self._books.shelves.get(sku, _Shelf()).sold

    def holds(self) -> Sequence[KnownHold]:
        """All that there ever were and that it hasn't lost, as they stand now."""
        current = map(self._current, self._books.holds.values())
        return [KnownHold(reference=h.reference, state=h.state, goods=h.goods) for h in current]

    def forget(self, order_id: OrderId) -> None:
        """The service loses what it held for this order."""
        known = self._books.holds.items()
        self._books.holds = {name: hold for name, hold in known if hold.order_id != order_id}

    def _reserve(self, request: HoldRequest) -> HoldSnapshot:
        taken = [
            SkuQuantity(sku=good.sku, quantity=min(good.quantity, self.free(good.sku)))
            for good in request.goods
        ]
        short = tuple(
            good.sku for good, had in zip(request.goods, taken, strict=True) if had.quantity < good.quantity
        )
        if not any(good.quantity > 0 for good in taken):
            return HoldSnapshot(state=ReservationState.REFUSED, short_of=short)
        hold = _Hold(
            reference=self._clock.new_id("hold"),
            order_id=request.order_id,
            goods=tuple(good for good in taken if good.quantity > 0),
            expires_at=self._clock.now() + request.duration,
        )
        self._books.holds[hold.reference] = hold
        return HoldSnapshot(
            state=ReservationState.PARTIAL if short else ReservationState.HELD,
            reference=hold.reference,
            expires_at=hold.expires_at,
            short_of=short,
        )

    def _ends(self, operation: str, reference: str, end: Callable[[_Hold], ReservationState]) -> HoldSnapshot:
        self._fault(operation, "before")
        hold = self._books.holds.get(reference)
        if hold is None:
            return HoldSnapshot(state=ReservationState.LOST)
        state = end(self._current(hold))
        self._books.holds[reference] = replace(hold, state=state)
        self._fault(operation, "after")
        return HoldSnapshot(state=state, reference=reference)

    def _confirm(self, hold: _Hold, order_id: OrderId) -> ReservationState:
        if hold.order_id != order_id:
            raise Rejected("other_order")
        if hold.state is not ReservationState.HELD:
            return hold.state
        for good in hold.goods:
            self._books.shelves[good.sku].sold += good.quantity
        return ReservationState.CONFIRMED

    def _release(self, hold: _Hold) -> ReservationState:
        return ReservationState.RELEASED if hold.state is ReservationState.HELD else hold.state

    def _current(self, hold: _Hold) -> _Hold:
        """A hold ends by itself."""
        over = hold.state is ReservationState.HELD and self._clock.now() >= hold.expires_at
        return replace(hold, state=ReservationState.EXPIRED) if over else hold
