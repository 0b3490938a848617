"""What was added to an order since it was loaded: written, and moved, with the commit of the facts."""

from dataclasses import dataclass

from domain.events import Event, OutgoingMessage
from domain.journal import JournalEntry
from domain.order import SkuQuantity


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReturn:
    """Pieces that leave the order: from what is held for it or, `sold`, from what is its own already.

    They are free to be sold again unless they are `written_off`.
    """

    goods: tuple[SkuQuantity, ...]
    sold: bool
    written_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What has happened since the facts were loaded; `returns` move the stock in the same commit."""

    events: tuple[Event, ...] = ()
    entries: tuple[JournalEntry, ...] = ()
    messages: tuple[OutgoingMessage, ...] = ()
    returns: tuple[StockReturn, ...] = ()
