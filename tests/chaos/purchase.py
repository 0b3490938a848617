"""One purchase as the shopper remembers it: what was wanted, and what the API promised."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.chaos.goods import Line


class Ending(Enum):
    """How a shopper left the shop. PAID, CANCELED and EXPIRED are the API's own words; whoever is NOT_PAID
    was refused by the bank and left it at that.
    """

    PAID = "paid"
    CANCELED = "canceled"
    EXPIRED = "expired"
    WALKED_AWAY = "walked away"
    SOLD_OUT = "sold out"
    NOT_PAID = "not paid"
    LEFT_WAITING = "left waiting"


@dataclass(slots=True, kw_only=True)
class Purchase:
    """`email` is this purchase's alone, so that an order and a letter can be told from all others.

    `promised` holds every status that a successful answer showed; times are seconds of the monotonic clock.
    """

    story: str
    email: str
    lines: Sequence[Line]
    started_at: float
    ended_at: float = 0.0
    ending: Ending = Ending.LEFT_WAITING
    order_id: str | None = None
    promised: set[str] = field(default_factory=set)

    def heard(self, order: dict[str, Any]) -> dict[str, Any]:
        """Remembers what a successful answer says about the order."""
        self.order_id = order["id"]
        self.promised.add(order["status"])
        return order
