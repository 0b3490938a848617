"""/v2/transactions: a report as TaxJar takes it, and whether what it shows is the same.

TaxJar shows amounts as strings, lines renumbered, towns in capitals, and refunds negative whatever sign was
sent; so amounts are compared as magnitudes, and what it rewrites not at all.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import msgspec

from adapters.taxjar.amounts import decimal_of, minor_of
from adapters.taxjar.wire import addressed, encode, tax_code
from domain.money import Currency
from domain.tax_report import ReportedLine, TaxReport

_NOTHING: Final = Decimal(0)


class LineWritten(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    quantity: int
    product_identifier: str
    description: str
    unit_price: Decimal
    discount: Decimal
    sales_tax: Decimal
    product_tax_code: str | None = None


class TransactionWritten(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`amount` has the shipping in it, and no tax."""

    transaction_id: str
    transaction_date: str
    transaction_reference_id: str | None = None
    to_country: str
    to_zip: str
    to_state: str
    to_city: str | None = None
    to_street: str | None = None
    from_country: str | None = None
    from_zip: str | None = None
    from_state: str | None = None
    from_city: str | None = None
    from_street: str | None = None
    amount: Decimal
    shipping: Decimal
    sales_tax: Decimal
    exemption_type: str | None = None
    line_items: tuple[LineWritten, ...]


class LineShown(msgspec.Struct, frozen=True, kw_only=True):
    quantity: int = 1
    product_identifier: str | None = None
    product_tax_code: str | None = None
    unit_price: Decimal = _NOTHING
    discount: Decimal = _NOTHING
    sales_tax: Decimal = _NOTHING


class TransactionShown(msgspec.Struct, frozen=True, kw_only=True):
    transaction_id: str
    transaction_date: datetime
    transaction_reference_id: str | None = None
    to_country: str | None = None
    to_zip: str | None = None
    to_state: str | None = None
    amount: Decimal = _NOTHING
    shipping: Decimal = _NOTHING
    sales_tax: Decimal = _NOTHING
    exemption_type: str | None = None
    line_items: tuple[LineShown, ...] | None = ()


class OneShown(msgspec.Struct, frozen=True):
    """An answer has one of the two."""

    order: TransactionShown | None = None
    refund: TransactionShown | None = None


class IdsShown(msgspec.Struct, frozen=True):
    """An answer has one of the two."""

    orders: tuple[str, ...] = ()
    refunds: tuple[str, ...] = ()


_decode_one: Final = msgspec.json.Decoder(OneShown).decode
_decode_ids: Final = msgspec.json.Decoder(IdsShown).decode


def written(report: TaxReport) -> bytes:
    sign = 1 if report.refund_of is None else -1
    destination = {"to_zip": "", "to_state": "", **addressed("to", report.destination)}
    return encode(
        TransactionWritten(
            transaction_id=report.id,
            transaction_date=_second(report.at).strftime("%Y-%m-%dT%H:%M:%SZ"),
            transaction_reference_id=report.refund_of,
            amount=decimal_of(report.net * sign),
            shipping=decimal_of(report.delivery * sign),
            sales_tax=decimal_of(report.tax * sign),
            exemption_type=report.exemption.value if report.exemption else None,
            line_items=tuple(_line(position, line, sign) for position, line in enumerate(report.lines)),
            **destination,
            **addressed("from", report.origin),
        )
    )


def shown(body: bytes) -> TransactionShown | None:
    """Raises msgspec.MsgspecError, and UnicodeDecodeError or RecursionError for worse."""
    one = _decode_one(body)
    return one.order or one.refund


def ids_shown(body: bytes) -> frozenset[str]:
    """Raises as `shown`."""
    ids = _decode_ids(body)
    return frozenset((*ids.orders, *ids.refunds))


def is_same(report: TaxReport, there: TransactionShown) -> bool:
    """Raises NotAnAmount."""
    currency = report.tax.currency

    def magnitude(amount: Decimal) -> int:
        return abs(minor_of(amount, currency))

    return (
        (there.transaction_id, there.transaction_reference_id or None) == (report.id, report.refund_of)
        and _second(there.transaction_date) == _second(report.at)
        and (there.to_country, there.to_zip or None, there.to_state or None)
        == (report.destination.country, report.destination.postcode, report.destination.region)
        and (there.exemption_type or "non_exempt")
        == (report.exemption.value if report.exemption else "non_exempt")
        and (magnitude(there.amount), magnitude(there.shipping), magnitude(there.sales_tax))
        == (report.net.minor, report.delivery.minor, report.tax.minor)
        and [_facts_shown(line, currency) for line in there.line_items or ()]
        == [_facts(line) for line in report.lines]
    )


def _line(position: int, line: ReportedLine, sign: int) -> LineWritten:
    return LineWritten(
        id=str(position),
        quantity=line.quantity,
        product_identifier=line.sku,
        description=line.title,
        unit_price=decimal_of(line.unit_price * sign),
        discount=decimal_of(line.discount * sign),
        sales_tax=decimal_of(line.tax * sign),
        product_tax_code=tax_code(line.tax_code),
    )


def _facts(line: ReportedLine) -> tuple[object, ...]:
    amounts = (line.unit_price.minor, line.discount.minor, line.tax.minor)
    return (line.sku, tax_code(line.tax_code), line.quantity, *amounts)


def _facts_shown(line: LineShown, currency: Currency) -> tuple[object, ...]:
    amounts = (abs(minor_of(each, currency)) for each in (line.unit_price, line.discount, line.sales_tax))
    return (line.product_identifier, line.product_tax_code or None, line.quantity, *amounts)


def _second(moment: datetime) -> datetime:
    """TaxJar keeps whole seconds."""
    return moment.astimezone(UTC).replace(microsecond=0)
