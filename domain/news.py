"""What was added to an order since it was loaded: written, and moved, with the commit of the facts."""

from domain.events import Event, OutgoingMessage
from domain.journal import JournalEntry
from domain.order import SkuQuantity
from domain.values import replace, value


@value
class StockReturn:
    """Pieces that leave the order: from what is held for it or, `sold`, from what is its own already.

    They are free to be sold again unless they are `written_off`.
    """

    goods: tuple[SkuQuantity, ...]
    sold: bool
    written_off: bool = False


@value
class News:
    """What has happened since the facts were loaded; `returns` move the stock in the same commit."""

    events: tuple[Event, ...] = ()
    entries: tuple[JournalEntry, ...] = ()
    messages: tuple[OutgoingMessage, ...] = ()
    returns: tuple[StockReturn, ...] = ()

    def booking(self, entries: tuple[JournalEntry, ...]) -> "News":
        return replace(self, entries=(*self.entries, *entries))

    def sending(self, messages: tuple[OutgoingMessage, ...]) -> "News":
        return replace(self, messages=(*self.messages, *messages))
