"""POST /v2/taxes: the question as TaxJar takes it, and its answer as it comes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from adapters.taxjar.amounts import decimal_of
from domain.address import Address
from domain.tax import TaxableLine, TaxQuestion

_NOTHING: Final = Decimal(0)
# Our own tax codes in TaxJar's words (https://developers.taxjar.com/api/reference/#get-list-tax-categories);
# any other is taken for one of TaxJar's.
_CODES: Final[Mapping[str, str | None]] = {
    "general": None,
    "food": "40030",
    "books": "81100",
    "clothing": "20010",
    "digital": "31000",
}


class LineAsked(msgspec.Struct, frozen=True, omit_defaults=True):
    """`quantity * unit_price - discount` is taxed: some rates depend on what one piece costs."""

    id: str
    quantity: int
    unit_price: Decimal
    discount: Decimal
    product_tax_code: str | None = None


class TaxAsked(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`amount` takes the place of lines where there are none."""

    to_country: str
    shipping: Decimal
    to_zip: str | None = None
    to_state: str | None = None
    to_city: str | None = None
    to_street: str | None = None
    from_country: str | None = None
    from_zip: str | None = None
    from_state: str | None = None
    from_city: str | None = None
    from_street: str | None = None
    amount: Decimal | None = None
    line_items: tuple[LineAsked, ...] | None = None
    exemption_type: str | None = None


class Taxed(msgspec.Struct, frozen=True, kw_only=True):
    """What is collected on one line, or on the delivery. Which rates are there depends on the country: US
    `combined`, Canada GST, PST and QST, elsewhere `country`.
    """

    tax_collectable: Decimal
    taxable_amount: Decimal
    id: str = ""
    combined_tax_rate: Decimal = _NOTHING
    country_tax_rate: Decimal = _NOTHING
    gst: Decimal = _NOTHING
    gst_tax_rate: Decimal = _NOTHING
    pst: Decimal = _NOTHING
    pst_tax_rate: Decimal = _NOTHING
    qst: Decimal = _NOTHING
    qst_tax_rate: Decimal = _NOTHING


class Breakdown(msgspec.Struct, frozen=True):
    line_items: tuple[Taxed, ...] = ()
    shipping: Taxed | None = None


class Tax(msgspec.Struct, frozen=True):
    """No breakdown: nothing is taxed there, or no lines were asked about."""

    amount_to_collect: Decimal
    taxable_amount: Decimal = _NOTHING
    rate: Decimal = _NOTHING
    breakdown: Breakdown | None = None


class TaxTold(msgspec.Struct, frozen=True):
    tax: Tax


# Numbers with all their digits, as the vendor's own types have them.
encode: Final = msgspec.json.Encoder(decimal_format="number").encode
_decode: Final = msgspec.json.Decoder(TaxTold).decode


def asked(question: TaxQuestion) -> bytes:
    lines = tuple(_line(position, line) for position, line in enumerate(question.lines))
    return encode(
        TaxAsked(
            shipping=decimal_of(question.delivery),
            amount=None if lines else _NOTHING,
            line_items=lines or None,
            exemption_type=question.exemption.value if question.exemption else None,
            **addressed("to", question.destination),
            **addressed("from", question.origin),
        )
    )


def told(body: bytes) -> Tax:
    """Raises msgspec.MsgspecError, and UnicodeDecodeError or RecursionError for worse."""
    return _decode(body).tax


def addressed(side: str, address: Address | None) -> dict[str, str]:
    """The fields of an address on one `side` of the way: `to` or `from`; those that are known."""
    if address is None:
        return {}
    parts = {
        "country": address.country,
        "zip": address.postcode,
        "state": address.region,
        "city": address.city,
        "street": address.line1,
    }
    return {f"{side}_{name}": text for name, text in parts.items() if text}


def tax_code(ours: str) -> str | None:
    return _CODES.get(ours, ours)


def _line(position: int, line: TaxableLine) -> LineAsked:
    """Priced by the piece; as a whole where that doesn't divide evenly."""
    discount = line.discount or line.amount * 0
    gross = line.amount + discount
    pieces = line.quantity if gross.minor % line.quantity == 0 else 1
    return LineAsked(
        id=str(position),
        quantity=pieces,
        unit_price=decimal_of(gross) / pieces,
        discount=decimal_of(discount),
        product_tax_code=tax_code(line.tax_code),
    )
