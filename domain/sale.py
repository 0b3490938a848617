"""The sale: what was agreed, less what can't be shipped; and what is left of it to give back."""

from collections import Counter
from collections.abc import Iterable

from domain.identifiers import LineId
from domain.money import Money, total_of
from domain.order import Order, SkuQuantity
from domain.payment import Payment
from domain.refund import Refund, RefundedLine, refundable
from domain.remainder import Remainder, remainder_of
from domain.shortage import Shortage
from domain.values import value


@value
class Sale:
    order: Order
    shortages: tuple[Shortage, ...]
    refunds: tuple[Refund, ...]

    @property
    def amount_due(self) -> Money:
        """What the shopper owes in all."""
        total = self.order.total
        if not self.shortages:
            return total
        return total - total_of((shortage.amount for shortage in self.shortages), total.currency)

    def to_capture(self, payment: Payment) -> Money:
        """The provider releases the rest of what it authorized."""
        return min(payment.amount, self.amount_due)

    def excess(self, payment: Payment) -> Money:
        """What was captured beyond what was to be; negative where it was less."""
        return payment.captured - self.to_capture(payment)

    def goods(self) -> tuple[SkuQuantity, ...]:
        """What has to be held in stock: all that was ordered and can be shipped."""
        return self.order.goods_of(self._shipped()) if self.shortages else self.order.goods()

    def goods_out(self) -> tuple[SkuQuantity, ...]:
        """Of those, what did not come back to stock already."""
        return self.order.goods_of(self.pieces_out())

    def shippable(self) -> Remainder:
        """The agreement without what can't be shipped."""
        return remainder_of(self.order, [share for short in self.shortages for share in short.shares])

    def left(self) -> Remainder:
        """What can be given back: shippable, less what refunds have taken that did not fail."""
        refunds = (refund for refund in self.refunds if refund.takes_balance)
        return self.shippable().without(share for refund in refunds for share in refund.shares)

    def pieces_out(self) -> Counter[LineId]:
        """Pieces of each line that were shipped and did not come back to stock."""
        pieces = self._shipped()
        for refund in self.refunds:
            pieces.subtract(count_by_line(refund.restocked))
        return pieces

    def refunds_of(self, payment: Payment) -> tuple[Refund, ...]:
        return tuple(refund for refund in self.refunds if refund.payment_id == payment.id)

    def refundable(self, payment: Payment) -> Money:
        """What is left to give back of what was captured."""
        return refundable(payment.captured, self.refunds_of(payment))

    def _shipped(self) -> Counter[LineId]:
        pieces = Counter({line.id: line.quantity for line in self.order.lines})
        for shortage in self.shortages:
            pieces.subtract(count_by_line(shortage.pieces))
        return pieces


def count_by_line(lines: Iterable[RefundedLine]) -> Counter[LineId]:
    pieces: Counter[LineId] = Counter()
    for line in lines:
        pieces[line.line_id] += line.quantity
    return pieces
