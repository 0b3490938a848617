"""The inventory service's requests and answers, as it words them, and what they mean to us.

GET    /products/{sku}/availability
POST   /reservations                  order, goods, minutes; our key as Idempotency-Key
DELETE /reservations/{id}
POST   /orders/confirm                order and reservation
GET    /reservations?order_id={id}    beyond its published contract: only the stock report asks it
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec

from domain.identifiers import OrderId, Sku
from domain.order import SkuQuantity
from domain.reservation import HoldSnapshot, ReservationState
from domain.stock_comparison import KnownHold
from ports.inventory import HoldRequest

_MINUTE: Final = timedelta(minutes=1)
# Down to a second, and servers make it once a second; a hold had better end early for us than late.
_DATE_IS_ROUNDED: Final = timedelta(seconds=2)
_STATES: Final = {
    "reserved": ReservationState.HELD,
    "confirmed": ReservationState.CONFIRMED,
    "released": ReservationState.RELEASED,
    "expired": ReservationState.EXPIRED,
}


class ItemAsked(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    quantity: int


class ReservationAsked(msgspec.Struct, frozen=True, kw_only=True):
    items: list[ItemAsked]
    reservation_duration_minutes: int
    order_id: str


class ConfirmationAsked(msgspec.Struct, frozen=True, kw_only=True):
    order_id: str
    reservation_id: str


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    quantity_available: int


class ItemReserved(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    quantity_reserved: int
    quantity_available: int = 0


class ReservationMade(msgspec.Struct, frozen=True, kw_only=True):
    reservation_id: str
    expires_at: datetime
    items: list[ItemReserved]


class ReservationSeen(msgspec.Struct, frozen=True, kw_only=True):
    reservation_id: str
    status: str
    items: list[ItemReserved]


class ReservationsSeen(msgspec.Struct, frozen=True, kw_only=True):
    reservations: list[ReservationSeen]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """`items` where there is too little of something."""

    code: str
    items: list[ItemReserved] = []


class FaultBody(msgspec.Struct, frozen=True, kw_only=True):
    error: Fault


def reservation_asked(request: HoldRequest) -> bytes:
    minutes = -(-request.duration // _MINUTE)
    items = [ItemAsked(sku=good.sku, quantity=good.quantity) for good in request.goods]
    return msgspec.json.encode(
        ReservationAsked(items=items, reservation_duration_minutes=minutes, order_id=request.order_id)
    )


def confirmation_asked(reference: str, order_id: OrderId) -> bytes:
    return msgspec.json.encode(ConfirmationAsked(order_id=order_id, reservation_id=reference))


def hold_made(made: ReservationMade, request: HoldRequest, sent_at: datetime, now: datetime) -> HoldSnapshot:
    """`sent_at` is the service's own clock with this answer, `now` is ours: how long the hold lasts is told
    right by a service whose clock goes wrong.
    """
    short = short_of(made.items, request)
    return HoldSnapshot(
        state=ReservationState.PARTIAL if short else ReservationState.HELD,
        reference=made.reservation_id,
        expires_at=now + (made.expires_at.astimezone(UTC) - sent_at),
        short_of=short,
    )


def short_of(items: list[ItemReserved], request: HoldRequest) -> tuple[Sku, ...]:
    """What less was reserved of than was asked for; an item that isn't told about was not reserved."""
    reserved = {item.sku: item.quantity_reserved for item in items}
    return tuple(good.sku for good in request.goods if reserved.get(good.sku, 0) < good.quantity)


def hold_known(seen: ReservationSeen) -> KnownHold:
    """An unknown status counts as held: the report then shows what it can't explain."""
    return KnownHold(
        reference=seen.reservation_id,
        state=_STATES.get(seen.status, ReservationState.HELD),
        goods=tuple(SkuQuantity(sku=Sku(i.sku), quantity=i.quantity_reserved) for i in seen.items),
    )


def told_at(date: str | None, now: datetime) -> datetime:
    """The time of the service's answer by its `Date` header (RFC 9110, 6.6.1); ours where it has none."""
    try:
        told = parsedate_to_datetime(date or "")
    except ValueError:
        return now
    return told + _DATE_IS_ROUNDED if told.tzinfo is not None else now
