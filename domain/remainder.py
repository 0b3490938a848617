"""What is left of a sale to give back, part by part: each line, and the delivery.

Whatever is given up takes shares of it: a refund, and before the capture a shortage. A line's pieces divide
what is left of the line, so that the last piece takes the last cent, whatever was given back before it. An
amount is spread over all that is left, net price and tax alike: it makes everything a little cheaper, and so
the parts always sum to the balance.
"""

from collections.abc import Iterable, Sequence

from domain.errors import TooManyPieces, UnknownLine
from domain.identifiers import LineId
from domain.money import Currency, Money, allocate, total_of
from domain.order import Order
from domain.refund import RefundedLine, Share
from domain.values import value


@value
class Left:
    """One line, or (without a line) the delivery: what is left of its pieces, its net price and its tax."""

    line_id: LineId | None
    pieces: int
    net: Money
    tax: Money

    @property
    def amount(self) -> Money:
        return self.net + self.tax

    def without(self, share: Share) -> "Left":
        return Left(
            line_id=self.line_id,
            pieces=self.pieces - share.pieces,
            net=self.net - share.net,
            tax=self.tax - share.tax,
        )

    def whole(self) -> Share:
        return Share(line_id=self.line_id, pieces=self.pieces, net=self.net, tax=self.tax)

    def of_pieces(self, count: int) -> Share:
        """What the next so many pieces are worth. Earlier pieces take the odd cents, of total and tax
        alike, so that no piece has more tax than price.
        """
        amount, tax = _first(self.amount, count, self.pieces), _first(self.tax, count, self.pieces)
        return Share(line_id=self.line_id, pieces=count, net=amount - tax, tax=tax)

    def of_amount(self, amount: Money, pieces: int = 0) -> Share:
        """So much of it, at most what is left."""
        net, tax = allocate(amount, [self.net.minor, self.tax.minor])
        return Share(line_id=self.line_id, pieces=pieces, net=net, tax=tax)


@value
class Remainder:
    """The lines in their order, then the delivery."""

    parts: tuple[Left, ...]
    currency: Currency

    @property
    def amount(self) -> Money:
        return total_of((part.amount for part in self.parts), self.currency)

    @property
    def pieces(self) -> int:
        return sum(part.pieces for part in self.parts)

    def without(self, shares: Iterable[Share]) -> "Remainder":
        parts = {part.line_id: part for part in self.parts}
        for share in shares:
            parts[share.line_id] = parts[share.line_id].without(share)
        return Remainder(parts=tuple(parts.values()), currency=self.currency)

    def everything(self) -> tuple[Share, ...]:
        return tuple(part.whole() for part in self.parts if part.pieces or part.amount)

    def delivery(self) -> tuple[Share, ...]:
        return tuple(part.whole() for part in self.parts if part.line_id is None and part.amount)

    def of_lines(self, lines: Sequence[RefundedLine], path: str) -> tuple[Share, ...]:
        """The worth of these pieces. Raises UnknownLine or TooManyPieces, naming the place below `path`."""
        shares: list[Share] = []
        for index, wanted in enumerate(lines):
            part = self.without(shares).line(wanted.line_id, f"{path}/{index}/line_id")
            if not 0 < wanted.quantity <= part.pieces:
                where = f"{path}/{index}/quantity"
                raise TooManyPieces(path=where, line_id=wanted.line_id, left=part.pieces)
            shares.append(part.of_pieces(wanted.quantity))
        return tuple(shares)

    def spread(self, amount: Money, *, with_pieces: bool = False) -> tuple[Share, ...]:
        """An amount, at most all that is left, over everything; `with_pieces` gives up the pieces too."""
        amounts = allocate(amount, [part.amount.minor for part in self.parts])
        shares = [
            part.of_amount(its, part.pieces if with_pieces else 0)
            for part, its in zip(self.parts, amounts, strict=True)
        ]
        return tuple(share for share in shares if share.pieces or share.amount)

    def line(self, line_id: LineId, path: str) -> Left:
        """Raises UnknownLine, naming `path`."""
        for part in self.parts:
            if part.line_id == line_id:
                return part
        raise UnknownLine(path=path, line_id=line_id)


def remainder_of(order: Order, taken: Iterable[Share]) -> Remainder:
    """What is left of the order as it was agreed, once these shares were taken."""
    lines = [
        Left(line_id=line.id, pieces=line.quantity, net=line.total - line.tax, tax=line.tax)
        for line in order.lines
    ]
    totals = order.totals
    delivery = Left(line_id=None, pieces=0, net=totals.delivery, tax=totals.delivery_tax)
    return Remainder(parts=(*lines, delivery), currency=totals.total.currency).without(taken)


def _first(amount: Money, count: int, pieces: int) -> Money:
    """The share of the first `count` of so many equal pieces, by largest remainder."""
    step = amount.currency.step if amount.minor % amount.currency.step == 0 else 1
    each, odd = divmod(amount.minor // step, pieces)
    return Money(minor=(each * count + min(count, odd)) * step, currency=amount.currency)
