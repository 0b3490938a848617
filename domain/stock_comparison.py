"""What our orders and an inventory service say of the same goods, compared to the piece.

A difference is for a person: nothing here moves any goods.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum

from domain.identifiers import OrderId, Sku
from domain.order import SkuQuantity
from domain.order_facts import OrderFacts
from domain.reservation import Reservation, ReservationState
from domain.values import value


class StockDifference(Enum):
    """TO_BOOK_BACK: sold at the service, but not with the shopper: cancelled, refunded or missing pieces."""

    HELD_THERE_ONLY = "held_there_only"
    HELD_HERE_ONLY = "held_here_only"
    SOLD_THERE_ONLY = "sold_there_only"
    SOLD_HERE_ONLY = "sold_here_only"
    TO_BOOK_BACK = "to_book_back"


@value
class KnownHold:
    """A hold as the service has it now."""

    reference: str
    state: ReservationState
    goods: tuple[SkuQuantity, ...]


@value
class StockFinding:
    order_id: OrderId
    difference: StockDifference
    sku: Sku
    pieces: int


def is_under_way(facts: OrderFacts) -> bool:
    """Something is being asked of the service: what it says just now proves nothing."""
    hold = facts.reservation
    asking = hold is not None and any(attempt.subject_id == hold.id for attempt in facts.attempts)
    return asking or (hold is not None and hold.state is ReservationState.REQUESTED)


def compared(facts: OrderFacts, known: Sequence[KnownHold], now: datetime) -> tuple[StockFinding, ...]:
    """Where the two differ, and what is to be booked back."""
    hold = facts.reservation
    held_here = hold if hold is not None and _holds_at(hold, now) else None
    sold_here = hold if hold is not None and hold.state is ReservationState.CONFIRMED else None
    held = _differences(
        facts,
        _pieces_of(held_here),
        _pieces(h.goods for h in known if h.state is ReservationState.HELD),
        StockDifference.HELD_HERE_ONLY,
        StockDifference.HELD_THERE_ONLY,
    )
    sold = _differences(
        facts,
        _pieces_of(sold_here),
        _pieces(h.goods for h in known if h.state is ReservationState.CONFIRMED),
        StockDifference.SOLD_HERE_ONLY,
        StockDifference.SOLD_THERE_ONLY,
    )
    return (*held, *sold, *to_book_back(facts))


def to_book_back(facts: OrderFacts) -> tuple[StockFinding, ...]:
    """By our own records alone: pieces that were sold at the service, and that no shopper has."""
    hold = facts.reservation
    if hold is None or not hold.is_sold_for_good or hold.service is None:
        return ()
    out = () if facts.order.is_closed_unpaid else facts.order.goods_of(facts.sale.pieces_out())
    left = _pieces((hold.service.goods,)) - _pieces((out,))
    return tuple(
        StockFinding(
            order_id=facts.order.id, difference=StockDifference.TO_BOOK_BACK, sku=sku, pieces=left[sku]
        )
        for sku in sorted(left)
    )


def _holds_at(hold: Reservation, now: datetime) -> bool:
    return hold.holds_goods and hold.state is not ReservationState.CONFIRMED and not hold.is_gone_at(now)


def _pieces_of(hold: Reservation | None) -> Counter[Sku]:
    return _pieces((hold.service.goods,)) if hold is not None and hold.service is not None else Counter()


def _pieces(goods: Iterable[tuple[SkuQuantity, ...]]) -> Counter[Sku]:
    pieces: Counter[Sku] = Counter()
    for some in goods:
        for good in some:
            pieces[good.sku] += good.quantity
    return pieces


def _differences(
    facts: OrderFacts,
    here: Counter[Sku],
    there: Counter[Sku],
    here_only: StockDifference,
    there_only: StockDifference,
) -> tuple[StockFinding, ...]:
    more_here, more_there = here - there, there - here
    return tuple(
        StockFinding(order_id=facts.order.id, difference=difference, sku=sku, pieces=more[sku])
        for difference, more in ((here_only, more_here), (there_only, more_there))
        for sku in sorted(more)
    )
