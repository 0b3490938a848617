"""The shelves behind the service: what was received, is reserved for a time, and was sold; to the piece."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from entrypoints.sandbox.inventory import faults
from ports.clock import Clock


class Status(StrEnum):
    RESERVED = "reserved"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request to reserve, to be known again under its key."""

    order_id: str
    quantities: Mapping[str, int]
    minutes: int


@dataclass(slots=True, kw_only=True)
class Reservation:
    id: str
    order_id: str
    quantities: Mapping[str, int]
    expires_at: datetime
    status: Status = Status.RESERVED


@dataclass(slots=True, kw_only=True)
class Shelf:
    received: int = 0
    sold: int = 0


@dataclass(slots=True)
class Warehouse:
    """A reservation takes what there is of each product; one that would take nothing is refused."""

    clock: Clock
    shelves: dict[str, Shelf] = field(default_factory=dict)
    reservations: dict[str, Reservation] = field(default_factory=dict)
    _keys: dict[str, tuple[Asked, Reservation]] = field(default_factory=dict)

    def receive(self, sku: str, pieces: int) -> None:
        self.shelves.setdefault(sku, Shelf()).received += pieces

    def reserved(self, sku: str) -> int:
        self._let_expire()
        held = (r.quantities.get(sku, 0) for r in self.reservations.values() if r.status is Status.RESERVED)
        return sum(held)

    def available(self, sku: str) -> int:
        """Raises InventoryFault for a product that is not carried."""
        shelf = self.shelves.get(sku)
        if shelf is None:
            raise faults.product_unknown(sku)
        return max(0, shelf.received - shelf.sold - self.reserved(sku))

    def reserve(self, asked: Asked, key: str) -> Reservation:
        """Under a key that was used, with the same words, the reservation of then."""
        if (known := self._keys.get(key)) is not None:
            if known[0] != asked:
                raise faults.key_reused()
            return known[1]
        if unknown := [sku for sku in asked.quantities if sku not in self.shelves]:
            raise faults.product_unknown(*unknown)
        available = {sku: self.available(sku) for sku in asked.quantities}
        taken = {sku: min(wanted, available[sku]) for sku, wanted in asked.quantities.items()}
        if not any(taken.values()):
            raise faults.insufficient(available)
        reservation = Reservation(
            id=self.clock.new_id("res"),
            order_id=asked.order_id,
            quantities=taken,
            expires_at=self.clock.now() + timedelta(minutes=asked.minutes),
        )
        self.reservations[reservation.id] = reservation
        self._keys[key] = (asked, reservation)
        return reservation

    def confirm(self, reservation_id: str, order_id: str) -> Reservation:
        """Sold, now or before."""
        reservation = self._of(reservation_id)
        if reservation.order_id != order_id:
            raise faults.order_mismatch()
        match reservation.status:
            case Status.EXPIRED:
                raise faults.reservation_expired()
            case Status.RELEASED:
                raise faults.reservation_released()
            case Status.RESERVED:
                reservation.status = Status.CONFIRMED
                for sku, quantity in reservation.quantities.items():
                    self.shelves[sku].sold += quantity
        return reservation

    def release(self, reservation_id: str) -> Reservation:
        """Free again, now or before."""
        reservation = self._of(reservation_id)
        match reservation.status:
            case Status.EXPIRED:
                raise faults.reservation_expired()
            case Status.CONFIRMED:
                raise faults.reservation_confirmed()
        reservation.status = Status.RELEASED
        return reservation

    def of_order(self, order_id: str) -> list[Reservation]:
        self._let_expire()
        return [r for r in self.reservations.values() if r.order_id == order_id]

    def forget(self, reservation_id: str) -> None:
        """As a service does that lost a part of its memory."""
        self.reservations.pop(reservation_id, None)

    def _of(self, reservation_id: str) -> Reservation:
        self._let_expire()
        try:
            return self.reservations[reservation_id]
        except KeyError:
            raise faults.reservation_unknown() from None

    def _let_expire(self) -> None:
        now = self.clock.now()
        for reservation in self.reservations.values():
            if reservation.status is Status.RESERVED and now >= reservation.expires_at:
                reservation.status = Status.EXPIRED
