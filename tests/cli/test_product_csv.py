"""Products from a CSV file: amounts in each currency's own decimals, and every mistake by its line."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import Sku
from domain.money import Currency, Money, currency_codes
from domain.order import SkuQuantity
from entrypoints.cli.catalog import DEMO_CATALOG
from entrypoints.cli.csv_rows import FileRefused, LineProblem
from entrypoints.cli.product_csv import ProductFile, read_products

NO_AMOUNTS = ("12.505", "1e3", "-1", "+1", "12.", ".5", "1 000", "free", "٣", "0x1")


def read(text: str) -> ProductFile:
    return read_products(io.StringIO(text, newline=""))


def problems_of(text: str) -> list[tuple[int, str]]:
    with pytest.raises(FileRefused) as refused:
        read(text)
    assert all(isinstance(problem, LineProblem) for problem in refused.value.problems)
    return [(problem.line, problem.problem) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("currency", "written", "minor"),
    [
        ("EUR", "12.50", 1250),
        ("EUR", "12.5", 1250),
        ("EUR", "12", 1200),
        ("EUR", "0.01", 1),
        ("EUR", "0", 0),
        ("EUR", "007", 700),
        ("EUR", " 12.50 ", 1250),
        ("JPY", "1980", 1980),
        ("KWD", "1.230", 1230),
        ("KWD", "1.2", 1200),
        ("KWD", "1", 1000),
        ("EUR", "10000000", 1_000_000_000),
    ],
)
def test_an_amount_is_read_in_the_decimals_of_its_currency(currency: str, written: str, minor: int) -> None:
    (product,) = read(f"sku,title,price_{currency}\nMUG,A mug,{written}\n").products
    assert product.prices == (Money.of(minor, currency),)


@given(code=st.sampled_from(currency_codes()), minor=st.integers(0, 10**9))
def test_what_a_price_is_written_as_is_what_is_read(code: str, minor: int) -> None:
    currency = Currency.of(code)
    price = Money(minor=minor - minor % currency.step, currency=currency)
    written = str(price).partition(" ")[0]
    (product,) = read(f"sku,title,price_{code}\nMUG,A mug,{written}\n").products
    assert product.prices == (price,)


def test_a_price_that_no_card_can_be_charged_with_is_refused() -> None:
    """Three decimals, of which the last is zero."""
    assert problems_of("sku,title,price_KWD\nMUG,A mug,1.234\nTEA,Tea,1.230\n") == [
        (2, "price_KWD must be a multiple of 0.010 KWD")
    ]


@pytest.mark.parametrize(
    ("currency", "written", "decimals"),
    [
        *(
            ("EUR", wrong, 2)
            for wrong in ("12.505", "1e3", "-1", "+1", "12.", ".5", "1 000", "free", "٣", "0x1")
        ),
        ("JPY", "1980.0", 0),
        ("JPY", "1.5", 0),
        ("KWD", "1.2345", 3),
        ("EUR", "1" * 13, 2),
    ],
)
def test_an_amount_that_is_none_is_refused_with_its_line_and_column(
    currency: str, written: str, decimals: int
) -> None:
    text = f"sku,title,price_{currency}\nMUG,A mug,1\nCUP,A cup,{written}\n"
    expected = f"price_{currency} must be an amount with at most {decimals} decimals"
    assert problems_of(text) == [(3, expected)]


def test_an_amount_with_a_comma_has_one_value_too_many() -> None:
    text = "sku,title,price_EUR\nMUG,A mug,12,50\n"
    assert problems_of(text) == [(2, "there are more values than columns")]
    assert problems_of(text.replace("12,50", '"12,50"')) == [
        (2, "price_EUR must be an amount with at most 2 decimals")
    ]


def test_a_price_that_no_order_could_hold_is_refused() -> None:
    assert problems_of("sku,title,price_KWD\nMUG,A mug,1000000.001\n") == [
        (2, "price_KWD must be at most 1000000.000 KWD")
    ]


def test_an_empty_price_means_not_sold_in_that_currency() -> None:
    (product,) = read("sku,title,price_EUR,price_JPY\nMUG,A mug,,1980\n").products
    assert [price.currency.code for price in product.prices] == ["JPY"]


def test_every_fact_of_a_product_is_read() -> None:
    columns = "sku,title,tax_code,weight_grams,length_mm,width_mm,height_mm,stock,price_EUR"
    products = read(f'{columns}\nMUG,"A mug, blue",reduced,350,120,80,100,20,12.50\nCUP,A cup,,,,,,,\n')
    mug, cup = products.products
    assert (mug.sku, mug.title, mug.tax_code) == ("MUG", "A mug, blue", "reduced")
    parcel = mug.parcel
    assert (parcel.weight_grams, parcel.length_mm, parcel.width_mm, parcel.height_mm) == (350, 120, 80, 100)
    assert (cup.tax_code, cup.parcel.weight_grams, cup.prices) == ("general", 0, ())
    assert products.pieces == (SkuQuantity(sku=Sku("MUG"), quantity=20),)


def test_stock_is_sorted_so_that_everybody_locks_in_the_same_order() -> None:
    pieces = read("sku,title,stock\nZEBRA,Z,1\nAPPLE,A,2\n").pieces
    assert [piece.sku for piece in pieces] == ["APPLE", "ZEBRA"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ["column sku is missing", "column title is missing"]),
        ("sku", ["column title is missing"]),
        ("title,price_EUR", ["column sku is missing"]),
        ("sku,title,colour", ["column colour is not known"]),
        ("SKU,title", ["column SKU is not known", "column sku is missing"]),
        ("sku,title,price_XXX", ["column price_XXX names no currency of FastCart"]),
        ("sku,title,price_", ["column price_ names no currency of FastCart"]),
        ("sku,title,price_EUR,price_EUR", ["column price_EUR stands in the file 2 times"]),
        ("sku,title,price_EUR,price_eur", ["column price_eur is a second price in EUR"]),
        ("sku,sku,title", ["column sku stands in the file 2 times"]),
        ("sku;title", ["column sku;title is not known", "column sku is missing", "column title is missing"]),
    ],
)
def test_columns_that_are_missing_unknown_or_doubled_are_named(header: str, expected: list[str]) -> None:
    found = problems_of(f"{header}\nMUG,A mug,1,1\n" if header else "")
    assert [problem for line, problem in found if line == 1] == expected


@pytest.mark.parametrize("text", ["sku,title\n", "sku,title", "sku,title\n\n\n"])
def test_a_file_without_a_product_is_a_mistake(text: str) -> None:
    assert [problem for _line, problem in problems_of(text)] == ["there is no product in the file"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",A mug,1", "sku must be 1 to 64 printable characters"),
        ("   ,A mug,1", "sku must be 1 to 64 printable characters"),
        ("M" * 65 + ",A mug,1", "sku must be 1 to 64 printable characters"),
        ("M\x00G,A mug,1", "sku must be 1 to 64 printable characters"),
        ("MUG,,1", "title must be 1 to 500 printable characters"),
        ("MUG", "title must be 1 to 500 printable characters"),
        ("MUG,A\tmug,1", "title must be 1 to 500 printable characters"),
        ("MUG," + "x" * 501 + ",1", "title must be 1 to 500 printable characters"),
        ("MUG,A mug,-1", "stock must be a whole number from 0 to 1000000000"),
        ("MUG,A mug,1.5", "stock must be a whole number from 0 to 1000000000"),
        ("MUG,A mug,many", "stock must be a whole number from 0 to 1000000000"),
        ("MUG,A mug,1000000001", "stock must be a whole number from 0 to 1000000000"),
        ("MUG,A mug,٣", "stock must be a whole number from 0 to 1000000000"),
        ("MUG,A mug,1,1", "there are more values than columns"),
        ("CUP,Another cup,1", "sku CUP stands in the file twice"),
        (" CUP ,Another cup,1", "sku CUP stands in the file twice"),
    ],
)
def test_a_line_that_can_not_be_a_product_is_named(row: str, problem: str) -> None:
    assert problems_of(f"sku,title,stock\nCUP,A cup,1\n{row}\n") == [(3, problem)]


def test_a_tax_code_that_storage_could_not_keep_is_named() -> None:
    assert problems_of("sku,title,tax_code\nMUG,A mug,a\x00b\n") == [
        (2, "tax_code must be 1 to 64 printable characters")
    ]


def test_every_mistake_is_told_not_only_the_first() -> None:
    text = "sku,title,stock,price_EUR\nMUG,A mug,x,1\nCUP,A cup,1,1\n,No sku,1,1\nPOT,A pot,1,y\n"
    assert [line for line, _problem in problems_of(text)] == [2, 4, 5]


def test_a_quote_that_is_never_closed_is_told() -> None:
    ((line, problem),) = problems_of('sku,title\nMUG,"A mug\nCUP,A cup\n')
    assert line == 2
    assert problem.startswith("this is no CSV from here on")


def test_a_value_without_an_end_is_told() -> None:
    ((line, problem),) = problems_of(f"sku,title\nMUG,{'x' * 200_000}\n")
    assert line == 2
    assert problem.startswith("this is no CSV from here on")


def test_windows_line_ends_are_line_ends() -> None:
    assert len(read("sku,title\r\nMUG,A mug\r\nCUP,A cup\r\n").products) == 2


def test_a_huge_file_is_read_and_its_one_mistake_found() -> None:
    lines = [f"SKU-{number},Thing {number},{number},{number % 1000}.99" for number in range(50_000)]
    header = "sku,title,stock,price_EUR"
    assert len(read("\n".join([header, *lines])).products) == 50_000
    lines[31_415] = "SKU-1,Thing again,1,1.00"
    assert problems_of("\n".join([header, *lines])) == [(31_417, "sku SKU-1 stands in the file twice")]


def test_the_demo_catalog_can_be_imported() -> None:
    with DEMO_CATALOG.open(encoding="utf-8", newline="") as lines:
        demo = read_products(lines)
    assert len(demo.products) >= 5
    assert {piece.sku for piece in demo.pieces} <= {product.sku for product in demo.products}
