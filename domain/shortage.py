"""Shortage: pieces that can't be shipped after all, said before the money is taken. The capture is less."""

from datetime import datetime

from domain.identifiers import ShortageId
from domain.money import Money, total_of
from domain.refund import RefundedLine, Share
from domain.values import value


@value
class Shortage:
    """`shares` are the parts of the agreement that fall away.

    `written_off` if the pieces don't exist: they left the stock count; otherwise they are free to be sold.
    """

    id: ShortageId
    shares: tuple[Share, ...]
    written_off: bool
    reported_at: datetime
    note: str | None = None

    @property
    def amount(self) -> Money:
        return total_of((share.amount for share in self.shares), self.shares[0].net.currency)

    @property
    def pieces(self) -> tuple[RefundedLine, ...]:
        return tuple(
            RefundedLine(line_id=share.line_id, quantity=share.pieces)
            for share in self.shares
            if share.line_id is not None
        )
