"""Products and discount codes as they travel."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from domain.catalog import DiscountCode, Parcel, Product
from domain.errors import FieldRefused
from domain.identifiers import Sku
from domain.money import Money, require_chargeable
from entrypoints.http.structs.values import MoneyStruct, Name, PriceStruct, Title, currency_at, money_shown

Millimetres = Annotated[int, Meta(ge=0, le=100_000)]
_FIRST_YEAR, _LAST_YEAR = 2000, 2200


class ParcelStruct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a carrier asks about one piece; zero where nobody measured."""

    weight_grams: Annotated[int, Meta(ge=0, le=10_000_000)] = 0
    length_mm: Millimetres = 0
    width_mm: Millimetres = 0
    height_mm: Millimetres = 0


class ProductRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prices are net of tax, one for each currency. What is not `active` can't be bought."""

    title: Title
    prices: Annotated[list[PriceStruct], Meta(max_length=50)] = []
    tax_code: Name = "general"
    parcel: ParcelStruct = ParcelStruct()
    active: bool = True


class ProductShown(msgspec.Struct, frozen=True):
    sku: str
    title: str
    prices: list[MoneyStruct]
    tax_code: str
    parcel: ParcelStruct
    active: bool


class ProductsPage(msgspec.Struct, frozen=True):
    """By SKU. `next` goes into `after` for the next page; null on the last."""

    items: list[ProductShown]
    next: str | None


class DiscountRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Either a percentage (1500 basis points are 15 %) or an amount. Times carry their offset."""

    title: Name
    percent_basis_points: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    amount: PriceStruct | None = None
    valid_from: Annotated[datetime, Meta(tz=True)] | None = None
    valid_until: Annotated[datetime, Meta(tz=True)] | None = None


class DiscountShown(msgspec.Struct, frozen=True):
    code: str
    title: str
    percent_basis_points: int | None
    amount: MoneyStruct | None
    valid_from: datetime | None
    valid_until: datetime | None


def product_of_request(sku: Sku, request: ProductRequest) -> Product:
    """Raises FieldRefused for two prices in one currency, or a strange currency."""
    prices: dict[str, Money] = {}
    for index, price in enumerate(request.prices):
        if price.currency in prices:
            raise FieldRefused(path=f"/prices/{index}/currency", rule="each currency once")
        currency = currency_at(price.currency, f"/prices/{index}/currency")
        prices[price.currency] = Money(minor=price.minor, currency=currency)
        require_chargeable(prices[price.currency], f"/prices/{index}/minor")
    parcel = request.parcel
    return Product(
        sku=sku,
        title=request.title,
        prices=tuple(prices.values()),
        tax_code=request.tax_code,
        parcel=Parcel(
            weight_grams=parcel.weight_grams,
            length_mm=parcel.length_mm,
            width_mm=parcel.width_mm,
            height_mm=parcel.height_mm,
        ),
        active=request.active,
    )


def product_shown(product: Product) -> ProductShown:
    parcel = product.parcel
    return ProductShown(
        product.sku,
        product.title,
        [money_shown(price) for price in product.prices],
        product.tax_code,
        ParcelStruct(parcel.weight_grams, parcel.length_mm, parcel.width_mm, parcel.height_mm),
        product.active,
    )


def discount_of_request(code: str, request: DiscountRequest) -> DiscountCode:
    """Raises FieldRefused unless exactly one of percentage and amount is given, and makes sense."""
    if (request.percent_basis_points is None) == (request.amount is None):
        raise FieldRefused(path="/amount", rule="either percent_basis_points or amount")
    if request.amount is not None and request.amount.minor == 0:
        raise FieldRefused(path="/amount/minor", rule="more than zero")
    for path, moment in (("/valid_from", request.valid_from), ("/valid_until", request.valid_until)):
        if moment is not None and not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise FieldRefused(path=path, rule=f"a time in the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return DiscountCode(
        code=code,
        title=request.title,
        percent_basis_points=request.percent_basis_points,
        amount=_amount(request.amount) if request.amount else None,
        valid_from=request.valid_from,
        valid_until=request.valid_until,
    )


def _amount(amount: MoneyStruct) -> Money:
    taken_off = Money(minor=amount.minor, currency=currency_at(amount.currency, "/amount/currency"))
    require_chargeable(taken_off, "/amount/minor")
    return taken_off


def discount_shown(discount: DiscountCode) -> DiscountShown:
    return DiscountShown(
        discount.code,
        discount.title,
        discount.percent_basis_points,
        money_shown(discount.amount) if discount.amount else None,
        discount.valid_from,
        discount.valid_until,
    )
