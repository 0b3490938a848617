"""What a tax service is told of an order: its sale, and each refund, as they stand.

Each has an id and a time of its own that never change, so that telling it again is telling the same.
"""

from datetime import datetime

from domain.address import Address
from domain.events import MessageKind, OutgoingMessage
from domain.identifiers import LineId, OrderId, Sku, derived
from domain.money import Money, total_of
from domain.order import Order, OrderState
from domain.pricing import PricedLine
from domain.refund import Refund, RefundState, Share
from domain.remainder import Left
from domain.sale import Sale
from domain.tax import TaxExemption
from domain.values import value


@value
class ReportedLine:
    """Net: `quantity * unit_price - discount`. One piece stands for a part that doesn't divide evenly."""

    sku: Sku
    title: str
    tax_code: str
    quantity: int
    unit_price: Money
    discount: Money
    tax: Money

    @property
    def net(self) -> Money:
        return self.unit_price * self.quantity - self.discount


@value
class TaxReport:
    """A sale, or (with `refund_of`) what of it was given back. Amounts are magnitudes; `tax` is all of it,
    the delivery's too.
    """

    id: str
    at: datetime
    refund_of: OrderId | None
    origin: Address | None
    destination: Address
    lines: tuple[ReportedLine, ...]
    delivery: Money
    tax: Money
    exemption: TaxExemption | None

    @property
    def net(self) -> Money:
        """What was paid, less tax: the goods and the delivery."""
        return total_of((line.net for line in self.lines), self.delivery.currency) + self.delivery


def is_reported_to(order: Order, service: str | None) -> bool:
    """Only what was really sold is reported, and only to the service that its taxes came from."""
    return order.state is OrderState.COMPLETED and order.totals.tax_service == service is not None


def tax_report_due(order: Order, subject_id: str, fact: str) -> tuple[OutgoingMessage, ...]:
    """The message that reports a completed order, one for each fact about it or a refund that it is due to;
    none where nobody wants to know.
    """
    if not is_reported_to(order, order.totals.tax_service):
        return ()
    message_id = derived("msg", subject_id, f"{MessageKind.TAX_REPORT.value} {fact}")
    return (OutgoingMessage(id=message_id, kind=MessageKind.TAX_REPORT, order_id=order.id),)


def sale_report(sale: Sale, origin: Address | None) -> TaxReport:
    """What was sold: all that was ordered and could be shipped."""
    order, priced = sale.order, _by_id(sale.order)
    parts = sale.shippable().parts
    return TaxReport(
        id=order.id,
        at=order.placed_at,
        refund_of=None,
        origin=origin,
        destination=order.shipping_address,
        lines=tuple(_sold(part, priced[part.line_id]) for part in parts if part.line_id and part.pieces),
        delivery=next(part.net for part in parts if part.line_id is None),
        tax=total_of((part.tax for part in parts), order.total.currency),
        exemption=order.tax_exemption,
    )


def refund_reports(sale: Sale, origin: Address | None) -> tuple[TaxReport, ...]:
    """What of the sale was given back, a report each refund that succeeded."""
    return tuple(
        _refund_report(sale.order, refund, origin)
        for refund in sale.refunds
        if refund.state is RefundState.SUCCEEDED and refund.shares
    )


def _refund_report(order: Order, refund: Refund, origin: Address | None) -> TaxReport:
    priced, currency = _by_id(order), order.total.currency
    return TaxReport(
        id=refund.id,
        at=refund.created_at,
        refund_of=order.id,
        origin=origin,
        destination=order.shipping_address,
        lines=tuple(_given_back(share, priced[share.line_id]) for share in refund.shares if share.line_id),
        delivery=total_of((share.net for share in refund.shares if share.line_id is None), currency),
        tax=total_of((share.tax for share in refund.shares), currency),
        exemption=order.tax_exemption,
    )


def _by_id(order: Order) -> dict[LineId, PricedLine]:
    return {line.id: line for line in order.lines}


def _sold(part: Left, line: PricedLine) -> ReportedLine:
    discount = line.unit_price * part.pieces - part.net
    if discount.minor < 0:
        # Cents that a shortage left with the remaining pieces.
        return _line(line, 1, part.net, Money.zero(part.net.currency), part.tax)
    return _line(line, part.pieces, line.unit_price, discount, part.tax)


def _given_back(share: Share, line: PricedLine) -> ReportedLine:
    nothing = Money.zero(share.net.currency)
    if share.pieces and share.net.minor % share.pieces == 0:
        each = Money(minor=share.net.minor // share.pieces, currency=share.net.currency)
        return _line(line, share.pieces, each, nothing, share.tax)
    return _line(line, 1, share.net, nothing, share.tax)


def _line(line: PricedLine, quantity: int, unit_price: Money, discount: Money, tax: Money) -> ReportedLine:
    return ReportedLine(
        sku=line.sku,
        title=line.title,
        tax_code=line.tax_code,
        quantity=quantity,
        unit_price=unit_price,
        discount=discount,
        tax=tax,
    )
