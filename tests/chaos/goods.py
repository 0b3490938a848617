"""What the shop sells and what it costs: plenty of some things, and of others so few that shoppers fight for
them. Each keeper of stock, our own database and the inventory service, has as many.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CURRENCY: Final = "USD"
DELIVERY_MINOR: Final = 1_650
"""The shop's own flat rate."""
_PIECE_MINOR, _TAX_PERCENT = 1_200, 8

AMPLE: Final = tuple(f"AMPLE-{number}" for number in range(8))
SCARCE: Final = tuple(f"SCARCE-{number}" for number in range(4))
RECEIVED: Final = {**dict.fromkeys(AMPLE, 100_000), **dict.fromkeys(SCARCE, 60)}


@dataclass(frozen=True, slots=True)
class Line:
    sku: str
    quantity: int


def total_minor(lines: Sequence[Line]) -> int:
    return _net_minor(lines) + tax_minor(lines)


def tax_minor(lines: Sequence[Line]) -> int:
    """4 % for the state and 4 % for the county, on the delivery too: whole cents for any number of pieces."""
    return _net_minor(lines) * _TAX_PERCENT // 100


def _net_minor(lines: Sequence[Line]) -> int:
    return _PIECE_MINOR * sum(line.quantity for line in lines) + DELIVERY_MINOR


def product(sku: str) -> dict[str, object]:
    """The body of its PUT."""
    return {
        "title": sku.title(),
        "tax_code": "general",
        "prices": [{"minor": _PIECE_MINOR, "currency": CURRENCY}],
        "parcel": {"weight_grams": 500, "length_mm": 200, "width_mm": 150, "height_mm": 50},
    }
