"""Products from a CSV file: every line is checked before anything is kept, and each mistake is told by its
line.

Columns: `sku`, `title`, and optionally `tax_code`, `weight_grams`, `length_mm`, `width_mm`, `height_mm`,
`stock`, and one
`price_XXX` for each currency, in its usual notation: `12.00` euros, `1500` yen. An empty price: not sold in
it.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.catalog import Parcel, Product
from domain.errors import UnknownCurrency
from domain.identifiers import Sku
from domain.money import Currency, Money
from domain.order import SkuQuantity

_PARCEL: Final = ("weight_grams", "length_mm", "width_mm", "height_mm")
_KNOWN: Final = {"sku", "title", "tax_code", "stock", *_PARCEL}
_AMOUNT: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))?")
_MOST: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProblem:
    line: int
    problem: str


class ProductsRefused(Exception):
    """The file has mistakes; nothing was kept."""

    def __init__(self, problems: tuple[LineProblem, ...]) -> None:
        super().__init__("\n".join(f"line {p.line}: {p.problem}" for p in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFile:
    products: tuple[Product, ...]
    pieces: tuple[SkuQuantity, ...]


def read_products(lines: Iterable[str]) -> ProductFile:
    """The products and their stock. Raises ProductsRefused with every mistake in the file."""
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
                    raise _Mistake(f"sku {product.sku} stands in the file twice")
            except _Mistake as mistake:
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
        raise ProductsRefused(tuple(problems))
    pieces.sort(key=lambda piece: piece.sku)
    return ProductFile(products=tuple(products.values()), pieces=tuple(pieces))


class _Mistake(Exception):
    pass


def _currencies(columns: Iterable[str]) -> tuple[dict[str, Currency], list[LineProblem]]:
    currencies: dict[str, Currency] = {}
    problems = []
    names = list(columns)
    for name, count in Counter(names).items():
        if count > 1:
            problems.append(LineProblem(line=1, problem=f"column {name} stands in the file {count} times"))
        try:
            if name.startswith("price_"):
                currencies[name] = _currency(name, currencies)
            elif name not in _KNOWN:
                problems.append(LineProblem(line=1, problem=f"column {name} is not known"))
        except _Mistake as mistake:
            problems.append(LineProblem(line=1, problem=str(mistake)))
    problems += [
        LineProblem(line=1, problem=f"column {name} is missing")
        for name in ("sku", "title")
        if name not in names
    ]
    return currencies, problems


def _currency(name: str, others: Mapping[str, Currency]) -> Currency:
    try:
        currency = Currency.of(name.removeprefix("price_"))
    except UnknownCurrency:
        raise _Mistake(f"column {name} names no currency of FastCart") from None
    if currency in others.values():
        raise _Mistake(f"column {name} is a second price in {currency.code}")
    return currency


def _product(row: Mapping[str | None, str | None], currencies: Mapping[str, Currency]) -> tuple[Product, int]:
    if None in row:
        raise _Mistake("there are more values than columns")
    sku, title = _text(row, "sku", most=64), _text(row, "title", most=500)
    prices = tuple(
        _money(name, text, currency)
        for name, currency in currencies.items()
        if (text := (row.get(name) or "").strip())
    )
    weight, length, width, height = (_number(row, name) for name in _PARCEL)
    parcel = Parcel(weight_grams=weight, length_mm=length, width_mm=width, height_mm=height)
    tax_code = _text(row, "tax_code", most=64) if (row.get("tax_code") or "").strip() else "general"
    product = Product(sku=Sku(sku), title=title, prices=prices, tax_code=tax_code, parcel=parcel)
    return product, _number(row, "stock")


def _text(row: Mapping[str | None, str | None], name: str, *, most: int) -> str:
    text = (row.get(name) or "").strip()
    if not text or len(text) > most or not text.isprintable():
        raise _Mistake(f"{name} must be 1 to {most} printable characters")
    return text


def _number(row: Mapping[str | None, str | None], name: str) -> int:
    text = (row.get(name) or "0").strip() or "0"
    if not (text.isascii() and text.isdigit()) or int(text) > _MOST:
        raise _Mistake(f"{name} must be a whole number from 0 to {_MOST}")
    return int(text)


def _money(name: str, text: str, currency: Currency) -> Money:
    match = _AMOUNT.fullmatch(text)
    decimals = match[2] or "" if match else ""
    if match is None or len(decimals) > currency.exponent:
        raise _Mistake(f"{name} must be an amount with at most {currency.exponent} decimals")
    minor = int(match[1] + decimals.ljust(currency.exponent, "0"))
    if minor > _MOST:
        raise _Mistake(f"{name} must be at most {Money(minor=_MOST, currency=currency)}")
    if minor % currency.step:
        raise _Mistake(f"{name} must be a multiple of {Money(minor=currency.step, currency=currency)}")
    return Money(minor=minor, currency=currency)
