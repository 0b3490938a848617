"""Stock as it travels."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ports.api_keys import Role
from ports.stock import StockLevel

_MOST_PIECES = 1_000_000_000


class ReceiptRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pieces that arrived; a negative number writes free pieces off."""

    quantity: Annotated[int, Meta(ge=-_MOST_PIECES, le=_MOST_PIECES)]


class StockShown(msgspec.Struct, frozen=True):
    """`free` pieces can be had. `received = held + sold + free`, told to the merchant only."""

    sku: str
    free: int
    received: int | UnsetType = UNSET
    held: int | UnsetType = UNSET
    sold: int | UnsetType = UNSET


class StockPage(msgspec.Struct, frozen=True):
    """By SKU. `next` goes into `after` for the next page; null on the last."""

    items: list[StockShown]
    next: str | None


def stock_shown(level: StockLevel, role: Role) -> StockShown:
    if role is Role.PUBLISHABLE:
        return StockShown(level.sku, level.free)
    return StockShown(level.sku, level.free, level.received, level.held, level.sold)
