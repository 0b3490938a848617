"""What was agreed with an order and never changes, as far as no statement looks into it: a JSON document."""

from typing import Any, Final

import msgspec

from adapters.postgres.documents import (
    DeliveryDocument,
    TotalsDocument,
    address_from,
    delivery_document,
    delivery_from,
    present,
    totals_document,
    totals_from,
)
from domain.checkout import Origin
from domain.customer import Payer
from domain.money import Currency
from domain.order import Order
from domain.shop import StockKeeper
from domain.tax import TaxExemption


class Agreement(msgspec.Struct, frozen=True, omit_defaults=True):
    totals: TotalsDocument
    delivery: DeliveryDocument
    shipping_address: dict[str, Any]
    billing_address: dict[str, Any] | None = None
    email: str | None = None
    name: str | None = None
    discount_code: str | None = None
    tax_exemption: TaxExemption | None = None
    origin: dict[str, Any] | None = None
    stock_keeper: StockKeeper = StockKeeper.BUILT_IN
    payer: Payer | None = None


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Agreement).decode


def written(order: Order) -> str:
    """The document of this order's agreement."""
    agreement = Agreement(
        totals=totals_document(order.totals),
        delivery=delivery_document(order.delivery),
        shipping_address=present(order.shipping_address) or {},
        billing_address=present(order.billing_address),
        email=order.email,
        name=order.name,
        discount_code=order.discount_code,
        tax_exemption=order.tax_exemption,
        origin=present(order.origin) or None,
        stock_keeper=order.stock_keeper,
        payer=order.payer,
    )
    return _encode(agreement).decode()


def read(document: str, currency: Currency) -> dict[str, Any]:
    """The fields of an Order that the document holds, by name."""
    agreement = _decode(document)
    return {
        "totals": totals_from(agreement.totals, currency),
        "delivery": delivery_from(agreement.delivery, currency),
        "shipping_address": address_from(agreement.shipping_address),
        "billing_address": address_from(agreement.billing_address),
        "email": agreement.email,
        "name": agreement.name,
        "discount_code": agreement.discount_code,
        "stock_keeper": agreement.stock_keeper,
        "tax_exemption": agreement.tax_exemption,
        "payer": agreement.payer,
        "origin": Origin(**(agreement.origin or {})),
    }
