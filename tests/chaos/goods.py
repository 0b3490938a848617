"""What the shop sells: plenty of some things, and of others so few that shoppers fight for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CURRENCY: Final = "EUR"
_NET_PIECE_MINOR, _NET_DELIVERY_MINOR, _GROSS_PERCENT = 1_200, 500, 119

AMPLE: Final = tuple(f"AMPLE-{number}" for number in range(8))
SCARCE: Final = tuple(f"SCARCE-{number}" for number in range(4))
RECEIVED: Final = {**dict.fromkeys(AMPLE, 100_000), **dict.fromkeys(SCARCE, 60)}


@dataclass(frozen=True, slots=True)
class Line:
    sku: str
    quantity: int


def total_minor(lines: Sequence[Line]) -> int:
    """12.00 net a piece, 5.00 net delivery, 19 % on both: whole cents for any number of pieces."""
    net = _NET_PIECE_MINOR * sum(line.quantity for line in lines) + _NET_DELIVERY_MINOR
    return net * _GROSS_PERCENT // 100


def product(sku: str) -> dict[str, object]:
    """The body of its PUT."""
    return {
        "title": sku.title(),
        "tax_code": "general",
        "prices": [{"minor": _NET_PIECE_MINOR, "currency": CURRENCY}],
    }
