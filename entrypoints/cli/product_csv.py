"""Products from a CSV file: every line is checked before anything is kept, and each mistake is told by its
line.

Columns: `sku`, `title`, and optionally `tax_code`, `weight_grams`, `length_mm`, `width_mm`, `height_mm`,
`stock`, and one
`price_XXX` for each currency, in its usual notation: `12.00` euros, `1500` yen. An empty price: not sold in
it.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.catalog import Parcel, Product
from domain.identifiers import Sku
from domain.money import Currency
from domain.order import SkuQuantity
from entrypoints.cli.csv_rows import (
    FileRefused,
    LineProblem,
    Mistake,
    Row,
    currency_of,
    missing_columns,
    money_in,
    number_in,
    repeated_columns,
    text_in,
)

_PARCEL: Final = ("weight_grams", "length_mm", "width_mm", "height_mm")
_KNOWN: Final = {"sku", "title", "tax_code", "stock", *_PARCEL}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFile:
    products: tuple[Product, ...]
    pieces: tuple[SkuQuantity, ...]


def read_products(lines: Iterable[str]) -> ProductFile:
    """The products and their stock. Raises FileRefused with every mistake in the file."""
    rows = csv.DictReader(lines, strict=True)
    products: dict[Sku, Product] = {}
    pieces = []
    problems: list[LineProblem] = []
    try:
        currencies, problems = _currencies(rows.fieldnames or ())
        for row in rows:
            try:
                product, stock = _product(row, currencies)
                if product.sku in products:
                    raise Mistake(f"sku {product.sku} stands in the file twice")
            except Mistake as mistake:
                problems.append(LineProblem(line=rows.line_num, problem=str(mistake)))
                continue
            products[product.sku] = product
            if stock:
                pieces.append(SkuQuantity(sku=product.sku, quantity=stock))
    except csv.Error as error:
        # A quote that is never closed, or a value of more than 128 KiB: what follows can't be told apart.
        problems.append(LineProblem(line=rows.line_num + 1, problem=f"this is no CSV from here on ({error})"))
    if not problems and not products:
        problems.append(LineProblem(line=max(rows.line_num, 1), problem="there is no product in the file"))
    if problems:
        raise FileRefused(tuple(problems))
    pieces.sort(key=lambda piece: piece.sku)
    return ProductFile(products=tuple(products.values()), pieces=tuple(pieces))


def _currencies(columns: Iterable[str]) -> tuple[dict[str, Currency], list[LineProblem]]:
    names = list(columns)
    currencies: dict[str, Currency] = {}
    problems = repeated_columns(names)
    for name in dict.fromkeys(names):
        try:
            if name.startswith("price_"):
                currencies[name] = _currency(name, currencies)
            elif name not in _KNOWN:
                problems.append(LineProblem(line=1, problem=f"column {name} is not known"))
        except Mistake as mistake:
            problems.append(LineProblem(line=1, problem=str(mistake)))
    return currencies, [*problems, *missing_columns(names, "sku", "title")]


def _currency(name: str, others: Mapping[str, Currency]) -> Currency:
    currency = currency_of(name, name.removeprefix("price_"))
    if currency in others.values():
        raise Mistake(f"column {name} is a second price in {currency.code}")
    return currency


def _product(row: Row, currencies: Mapping[str, Currency]) -> tuple[Product, int]:
    if None in row:
        raise Mistake("there are more values than columns")
    sku, title = text_in(row, "sku", most=64), text_in(row, "title", most=500)
    prices = (money_in(row, name, currency) for name, currency in currencies.items())
    weight, length, width, height = (number_in(row, name) for name in _PARCEL)
    parcel = Parcel(weight_grams=weight, length_mm=length, width_mm=width, height_mm=height)
    tax_code = text_in(row, "tax_code", most=64) if (row.get("tax_code") or "").strip() else "general"
    product = Product(
        sku=Sku(sku),
        title=title,
        prices=tuple(price for price in prices if price is not None),
        tax_code=tax_code,
        parcel=parcel,
    )
    return product, number_in(row, "stock")
