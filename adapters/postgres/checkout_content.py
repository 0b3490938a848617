"""A checkout's content as one JSON document: a draft is read and written as a whole."""

from typing import Any, Final

import msgspec

from adapters.postgres.documents import (
    AddressCheckDocument,
    DeliveryDocument,
    DiscountDocument,
    TotalsDocument,
    address_check_document,
    address_check_from,
    address_from,
    delivery_document,
    delivery_from,
    discount_document,
    discount_from,
    present,
    totals_document,
    totals_from,
)
from domain.catalog import Parcel
from domain.checkout import Checkout, Origin
from domain.identifiers import LineId, Sku
from domain.money import Currency, Money
from domain.pricing import CartLine, PricedLine, Pricing
from domain.tax import TaxExemption


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stays of a cart's line. `size_mm` is length, width and height; left out where nobody measured."""

    id: str
    sku: str
    title: str
    quantity: int
    unit_price: int
    tax_code: str
    weight_grams: int
    priced_by_merchant: bool = False
    size_mm: tuple[int, int, int] | None = None


class Priced(msgspec.Struct, frozen=True, array_like=True):
    """A priced line: those facts of its product that a cart's line has too are not said again."""

    line: int
    subtotal: int
    discount: int
    tax: int
    total: int


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """`free` and `priced` go by the position of `lines`."""

    free: tuple[int | None, ...]
    totals: TotalsDocument
    priced: tuple[Priced, ...] = ()
    delivery: DeliveryDocument | None = None
    discount: DiscountDocument | None = None
    tax_exemption: TaxExemption | None = None
    email: str | None = None
    name: str | None = None
    shipping_address: dict[str, Any] | None = None
    address_check: AddressCheckDocument | None = None
    billing_address: dict[str, Any] | None = None
    origin: dict[str, Any] | None = None
    lines: tuple[Line, ...] = ()


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Content).decode


def written(checkout: Checkout) -> str:
    """The document of this checkout's content."""
    position = {line.id: number for number, line in enumerate(checkout.lines)}
    content = Content(
        totals=totals_document(checkout.pricing.totals),
        priced=tuple(_priced(line, position[line.id]) for line in checkout.pricing.lines),
        free=tuple(line.free for line in checkout.lines),
        delivery=delivery_document(checkout.delivery) if checkout.delivery else None,
        discount=discount_document(checkout.discount) if checkout.discount else None,
        tax_exemption=checkout.tax_exemption,
        email=checkout.email,
        name=checkout.name,
        shipping_address=present(checkout.shipping_address),
        address_check=address_check_document(checkout.address_check) if checkout.address_check else None,
        billing_address=present(checkout.billing_address),
        origin=present(checkout.origin) or None,
        lines=tuple(_line(line) for line in checkout.lines),
    )
    return _encode(content).decode()


def read(document: str) -> Content:
    return _decode(document)


def lines_of(content: Content, currency: Currency) -> tuple[CartLine, ...]:
    return tuple(_cart_line(*pair, currency) for pair in zip(content.lines, content.free, strict=True))


def pricing_of(content: Content, currency: Currency) -> Pricing:
    lines = tuple(_priced_line(priced, content.lines[priced.line], currency) for priced in content.priced)
    return Pricing(lines=lines, totals=totals_from(content.totals, currency))


def rest_of(content: Content, currency: Currency) -> dict[str, Any]:
    """The remaining fields of a Checkout, by name."""
    return {
        "email": content.email,
        "name": content.name,
        "shipping_address": address_from(content.shipping_address),
        "address_check": address_check_from(content.address_check) if content.address_check else None,
        "billing_address": address_from(content.billing_address),
        "delivery": delivery_from(content.delivery, currency) if content.delivery else None,
        "discount": discount_from(content.discount) if content.discount else None,
        "tax_exemption": content.tax_exemption,
        "origin": Origin(**(content.origin or {})),
    }


def _line(line: CartLine) -> Line:
    parcel = line.parcel
    size = (parcel.length_mm, parcel.width_mm, parcel.height_mm)
    return Line(
        id=line.id,
        sku=line.sku,
        title=line.title,
        quantity=line.quantity,
        unit_price=line.unit_price.minor,
        tax_code=line.tax_code,
        weight_grams=parcel.weight_grams,
        priced_by_merchant=line.priced_by_merchant,
        size_mm=size if any(size) else None,
    )


def _priced(line: PricedLine, position: int) -> Priced:
    return Priced(position, line.subtotal.minor, line.discount.minor, line.tax.minor, line.total.minor)


def _cart_line(line: Line, free: int | None, currency: Currency) -> CartLine:
    length, width, height = line.size_mm or (0, 0, 0)
    return CartLine(
        id=LineId(line.id),
        sku=Sku(line.sku),
        title=line.title,
        quantity=line.quantity,
        unit_price=Money(minor=line.unit_price, currency=currency),
        tax_code=line.tax_code,
        parcel=Parcel(weight_grams=line.weight_grams, length_mm=length, width_mm=width, height_mm=height),
        priced_by_merchant=line.priced_by_merchant,
        free=free,
    )


def _priced_line(priced: Priced, line: Line, currency: Currency) -> PricedLine:
    return PricedLine(
        id=LineId(line.id),
        sku=Sku(line.sku),
        title=line.title,
        quantity=line.quantity,
        unit_price=Money(minor=line.unit_price, currency=currency),
        subtotal=Money(minor=priced.subtotal, currency=currency),
        discount=Money(minor=priced.discount, currency=currency),
        tax=Money(minor=priced.tax, currency=currency),
        total=Money(minor=priced.total, currency=currency),
        tax_code=line.tax_code,
        weight_grams=line.weight_grams,
    )
