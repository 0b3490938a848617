"""The catalog: products by SKU and discount codes, written in bulk."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, insert

from adapters.postgres.documents import DiscountDocument, discount_from
from adapters.postgres.goods import goods_of, see
from adapters.postgres.session import Session
from adapters.postgres.statement import Row, Statement, parameter, recordset
from adapters.postgres.tables import CODE, discount_codes, products
from domain.catalog import DiscountCode, Parcel, Product
from domain.identifiers import Sku
from domain.money import Money

_PRODUCT_COLUMNS: Final = list(products.c)
_GIVEN: Final = recordset("products", _PRODUCT_COLUMNS)
_ADDED: Final = insert(products).from_select([c.name for c in _PRODUCT_COLUMNS], select(*_GIVEN.c))
_CHANGING: Final = [c.name for c in _PRODUCT_COLUMNS if c.name != "sku"]
# A product that stays as it is costs nothing.
_PUT = Statement(
    _ADDED.on_conflict_do_update(
        index_elements=[products.c.sku],
        set_={name: _ADDED.excluded[name] for name in _CHANGING},
        where=tuple_(*(products.c[name] for name in _CHANGING)).is_distinct_from(
            tuple_(*(_ADDED.excluded[name] for name in _CHANGING))
        ),
    )
)
_GOODS = Statement(select(goods_of(parameter("skus", ARRAY(CODE)))))
_HAS = Statement(select(products.c.sku).where(products.c.sku == parameter("sku", CODE)))
_CODE_ADDED: Final = insert(discount_codes)
_PUT_CODE = Statement(
    _CODE_ADDED.on_conflict_do_update(
        index_elements=[discount_codes.c.folded],
        set_={c.name: _CODE_ADDED.excluded[c.name] for c in discount_codes.c if c.name != "folded"},
    )
)
_CODE = Statement(select(discount_codes).where(discount_codes.c.folded == parameter("folded", CODE)))
# Large imports go in portions that neither side has to hold as one huge document.
_PORTION: Final = 5_000


class PostgresCatalog:
    """Implements `ports.unit_of_work.Catalog`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def products(self, skus: Sequence[Sku]) -> Sequence[Product]:
        """Whoever asks for products asks how many are free next, so that is read along (see
        `PostgresStock.free`); they may themselves have come along with the checkout.
        """
        seen = self._session.seen
        if not all(sku in seen.products for sku in skus):
            (row,) = await self._session.read(_GOODS, skus=list(skus))
            see(seen, row["goods"])
        return [seen.products[sku] for sku in skus if sku in seen.products]

    async def has(self, sku: Sku) -> bool:
        return await self._session.read_one(_HAS, sku=sku) is not None

    async def put(self, products: Sequence[Product]) -> None:
        last_by_sku = {product.sku: product for product in products}
        rows = [_row(last_by_sku[sku]) for sku in sorted(last_by_sku)]
        for start in range(0, len(rows), _PORTION):
            await self._session.write(
                _PUT, products=msgspec.json.encode(rows[start : start + _PORTION]).decode()
            )

    async def discount(self, code: str) -> DiscountCode | None:
        row = await self._session.read_one(_CODE, folded=code.casefold())
        return _discount(row) if row else None

    async def put_discount(self, discount: DiscountCode) -> None:
        await self._session.write_later(
            _PUT_CODE,
            folded=discount.code.casefold(),
            code=discount.code,
            title=discount.title,
            percent_basis_points=discount.percent_basis_points,
            amount_minor=discount.amount.minor if discount.amount is not None else None,
            currency=discount.amount.currency.code if discount.amount is not None else None,
            valid_from=discount.valid_from,
            valid_until=discount.valid_until,
        )


def _row(product: Product) -> dict[str, Any]:
    parcel = product.parcel
    return {
        "sku": product.sku,
        "title": product.title,
        "prices": [(price.currency.code, price.minor) for price in product.prices],
        "tax_code": product.tax_code,
        "weight_grams": parcel.weight_grams,
        "length_mm": parcel.length_mm,
        "width_mm": parcel.width_mm,
        "height_mm": parcel.height_mm,
        "active": product.active,
    }


def product_from(row: Row) -> Product:
    prices = msgspec.json.decode(row["prices"], type=list[tuple[str, int]])
    return Product(
        sku=Sku(row["sku"]),
        title=row["title"],
        prices=tuple(Money.of(minor, code) for code, minor in prices),
        tax_code=row["tax_code"],
        parcel=Parcel(
            weight_grams=row["weight_grams"],
            length_mm=row["length_mm"],
            width_mm=row["width_mm"],
            height_mm=row["height_mm"],
        ),
        active=row["active"],
    )


def _discount(row: Row) -> DiscountCode:
    return discount_from(
        DiscountDocument(
            code=row["code"],
            title=row["title"],
            percent_basis_points=row["percent_basis_points"],
            amount=row["amount_minor"],
            currency=row["currency"],
            valid_from=row["valid_from"],
            valid_until=row["valid_until"],
        )
    )
