"""Goods: active products with how many are free of each, read as one JSON value, by themselves or along with
the checkout that names them.
"""

from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, any_, func, select

from adapters.postgres.session import Seen
from adapters.postgres.stock_moves import FREE
from adapters.postgres.tables import products, stock
from domain.catalog import Parcel, Product
from domain.identifiers import Sku
from domain.money import Money


class _Good(msgspec.Struct, frozen=True, array_like=True):
    """The columns of `products`, in their order, and `free`: None where no stock is kept."""

    sku: str
    title: str
    prices: tuple[tuple[str, int], ...]
    tax_code: str
    weight_grams: int
    length_mm: int
    width_mm: int
    height_mm: int
    active: bool
    free: int | None

    def product(self) -> Product:
        return Product(
            sku=Sku(self.sku),
            title=self.title,
            prices=tuple(Money.of(minor, code) for code, minor in self.prices),
            tax_code=self.tax_code,
            parcel=Parcel(
                weight_grams=self.weight_grams,
                length_mm=self.length_mm,
                width_mm=self.width_mm,
                height_mm=self.height_mm,
            ),
            active=self.active,
        )


_COLUMNS: Final = [products.c[name] for name in _Good.__struct_fields__[:-1]]
_decode: Final = msgspec.json.Decoder(tuple[_Good, ...]).decode


def goods_of(skus: ColumnElement[Any]) -> ColumnElement[Any]:
    """The goods among an array of SKUs, as the column `goods`; NULL for none."""
    rows = (
        select(func.json_agg(func.json_build_array(*_COLUMNS, FREE)))
        .select_from(products)
        .join(stock, stock.c.sku == products.c.sku, isouter=True)
        .where(products.c.sku == any_(skus), products.c.active)
    )
    return rows.scalar_subquery().label("goods")


def see(seen: Seen, goods: str | None) -> None:
    """Remembers what `goods_of` told."""
    for good in _decode(goods) if goods is not None else ():
        seen.products[good.sku] = good.product()
        seen.free[good.sku] = good.free
