"""Parts of checkouts and orders that are read and written as a whole:

JSON documents, and the domain's words for them.

Amounts are minor units of the document's one currency; absent means None. In a checkout what changes from
step to step comes first and the lines last, so that an update differs in its first bytes only.
"""

from dataclasses import fields
from datetime import datetime
from typing import Any, Final

import msgspec

from domain.address import Address
from domain.address_check import AddressCheck, AddressFinding, AddressVerdict
from domain.catalog import DiscountCode
from domain.checkout import Origin
from domain.delivery import DeliveryOption
from domain.money import Currency, Money
from domain.pricing import Totals
from domain.tax import TaxPart


class TotalsDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """`taxes` are (name, rate, amount)."""

    subtotal: int
    discount: int
    delivery: int
    tax: int
    delivery_tax: int
    total: int
    taxes: tuple[tuple[str, int, int], ...] = ()
    discount_label: str | None = None
    delivery_label: str | None = None
    tax_estimated: bool = False
    tax_service: str | None = None


class DeliveryDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    title: str
    amount: int
    min_days: int
    max_days: int
    quoted_until: datetime | None = None
    estimated: bool = False
    silent: tuple[str, ...] = ()


class DiscountDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    code: str
    title: str
    percent_basis_points: int | None = None
    amount: int | None = None
    currency: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


class AddressCheckDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    verdict: AddressVerdict
    checked_at: datetime
    suggestion: dict[str, Any] | None = None


_FIELDS: Final = {flat: tuple(each.name for each in fields(flat)) for flat in (Address, Origin)}


def present(record: Address | Origin | None) -> dict[str, Any] | None:
    """The fields of a flat record that say something; None for None."""
    if record is None:
        return None
    said = {name: getattr(record, name) for name in _FIELDS[type(record)]}
    return {name: value for name, value in said.items() if value is not None}


def address_from(document: dict[str, Any] | None) -> Address | None:
    return None if document is None else Address(**document)


def address_check_document(check: AddressCheck) -> AddressCheckDocument:
    finding = check.finding
    return AddressCheckDocument(finding.verdict, check.checked_at, present(finding.suggestion))


def address_check_from(document: AddressCheckDocument) -> AddressCheck:
    finding = AddressFinding(verdict=document.verdict, suggestion=address_from(document.suggestion))
    return AddressCheck(finding=finding, checked_at=document.checked_at)


def totals_document(totals: Totals) -> TotalsDocument:
    return TotalsDocument(
        subtotal=totals.subtotal.minor,
        discount=totals.discount.minor,
        delivery=totals.delivery.minor,
        tax=totals.tax.minor,
        delivery_tax=totals.delivery_tax.minor,
        total=totals.total.minor,
        taxes=tuple((part.name, part.rate_ppm, part.amount.minor) for part in totals.taxes),
        discount_label=totals.discount_label,
        delivery_label=totals.delivery_label,
        tax_estimated=totals.tax_estimated,
        tax_service=totals.tax_service,
    )


def totals_from(document: TotalsDocument, currency: Currency) -> Totals:
    def money(minor: int) -> Money:
        return Money(minor=minor, currency=currency)

    parts = ((name, rate, money(amount)) for name, rate, amount in document.taxes)
    return Totals(
        subtotal=money(document.subtotal),
        discount=money(document.discount),
        delivery=money(document.delivery),
        tax=money(document.tax),
        delivery_tax=money(document.delivery_tax),
        total=money(document.total),
        taxes=tuple(TaxPart(name=name, rate_ppm=rate, amount=amount) for name, rate, amount in parts),
        discount_label=document.discount_label,
        delivery_label=document.delivery_label,
        tax_estimated=document.tax_estimated,
        tax_service=document.tax_service,
    )


def delivery_document(option: DeliveryOption) -> DeliveryDocument:
    return DeliveryDocument(
        id=option.id,
        title=option.title,
        amount=option.amount.minor,
        min_days=option.min_days,
        max_days=option.max_days,
        quoted_until=option.quoted_until,
        estimated=option.estimated,
        silent=option.silent,
    )


def delivery_from(document: DeliveryDocument, currency: Currency) -> DeliveryOption:
    return DeliveryOption(
        id=document.id,
        title=document.title,
        amount=Money(minor=document.amount, currency=currency),
        min_days=document.min_days,
        max_days=document.max_days,
        quoted_until=document.quoted_until,
        estimated=document.estimated,
        silent=document.silent,
    )


def discount_document(discount: DiscountCode) -> DiscountDocument:
    return DiscountDocument(
        code=discount.code,
        title=discount.title,
        percent_basis_points=discount.percent_basis_points,
        amount=discount.amount.minor if discount.amount is not None else None,
        currency=discount.amount.currency.code if discount.amount is not None else None,
        valid_from=discount.valid_from,
        valid_until=discount.valid_until,
    )


def discount_from(document: DiscountDocument) -> DiscountCode:
    has_amount = document.amount is not None and document.currency is not None
    return DiscountCode(
        code=document.code,
        title=document.title,
        percent_basis_points=document.percent_basis_points,
        amount=Money.of(document.amount or 0, document.currency or "") if has_amount else None,
        valid_from=document.valid_from,
        valid_until=document.valid_until,
    )
