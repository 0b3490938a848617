"""`fastcart catalog import`: all products of a file, or none of them."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from tests.cli.conftest import Run

GOOD = "sku,title,stock,price_EUR,price_JPY\nMUG,A mug,20,12.50,1980\nCUP,A cup,3,4.00,\n"


def shelves(database_url: str) -> dict[str, tuple[str, int | None]]:
    """Title and stock of every product."""

    async def read() -> dict[str, tuple[str, int | None]]:
        connection = await asyncpg.connect(database_url)
        try:
            rows = await connection.fetch(
                "SELECT sku, title, received FROM products LEFT JOIN stock USING (sku)"
            )
        finally:
            await connection.close()
        return {row["sku"]: (row["title"], row["received"]) for row in rows}

    return asyncio.run(read())


@pytest.fixture
def products(tmp_path: Path) -> Path:
    file = tmp_path / "products.csv"
    file.write_text(GOOD, encoding="utf-8")
    return file


def test_a_file_is_imported_with_its_stock(
    products: Path, new_database_url: Callable[[], str], run: Run
) -> None:
    url = new_database_url()
    said = run("catalog", "import", str(products), DATABASE_URL=url)
    assert (said.code, said.out.strip(), said.err) == (0, "2 products imported.", "")
    assert shelves(url) == {"MUG": ("A mug", 20), "CUP": ("A cup", 3)}


def test_without_a_file_it_is_the_demo_catalog(new_database_url: Callable[[], str], run: Run) -> None:
    url = new_database_url()
    assert run("catalog", "import", DATABASE_URL=url).code == 0
    assert "TEA-GREEN-100" in shelves(url)


def test_a_file_from_a_spreadsheet_begins_with_a_mark_that_is_no_part_of_it(
    products: Path, new_database_url: Callable[[], str], run: Run
) -> None:
    url = new_database_url()
    products.write_text(GOOD, encoding="utf-8-sig")
    assert products.read_bytes().startswith(b"\xef\xbb\xbf")
    assert run("catalog", "import", str(products), DATABASE_URL=url).code == 0
    assert set(shelves(url)) == {"MUG", "CUP"}


def test_importing_again_replaces_products_and_adds_what_arrived(
    products: Path, new_database_url: Callable[[], str], run: Run
) -> None:
    url = new_database_url()
    run("catalog", "import", str(products), DATABASE_URL=url)
    products.write_text("sku,title,stock\nMUG,A better mug,5\n", encoding="utf-8")
    assert run("catalog", "import", str(products), DATABASE_URL=url).code == 0
    assert shelves(url) == {"MUG": ("A better mug", 25), "CUP": ("A cup", 3)}


def test_one_mistake_and_nothing_is_imported(
    products: Path, new_database_url: Callable[[], str], run: Run
) -> None:
    url = new_database_url()
    run("catalog", "import", str(products), DATABASE_URL=url)
    before = shelves(url)
    products.write_text(GOOD.replace("20", "40") + "POT,A pot,1,12.345,\nMUG,Twice,1,1,\n", encoding="utf-8")
    said = run("catalog", "import", str(products), DATABASE_URL=url)
    assert said.code == 2
    assert "Nothing was imported from products.csv" in said.told
    assert "line 4: price_EUR must be an amount with at most 2 decimals" in said.told
    assert "line 5: sku MUG stands in the file twice" in said.told
    assert shelves(url) == before


def test_a_mistake_is_told_before_a_database_is_looked_for(products: Path, run: Run) -> None:
    products.write_text("", encoding="utf-8")
    said = run("catalog", "import", str(products))
    assert said.code == 2
    assert "line 1: column sku is missing" in said.told
    assert "DATABASE_URL" not in said.told


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_in_another_encoding_is_refused_with_the_remedy(
    encoding: str, products: Path, run: Run
) -> None:
    products.write_text(GOOD.replace("A mug", "Ein Becher für Tee"), encoding=encoding)
    said = run("catalog", "import", str(products))
    assert said.code == 2
    assert "products.csv is not UTF-8 text. Save it as CSV UTF-8." in said.told


def test_a_file_that_is_not_there_is_named(tmp_path: Path, run: Run) -> None:
    said = run("catalog", "import", str(tmp_path / "missing.csv"))
    assert said.code == 2
    assert "missing.csv: No such file" in said.told


def test_a_folder_is_no_file(tmp_path: Path, run: Run) -> None:
    said = run("catalog", "import", str(tmp_path))
    assert said.code == 2
    assert "Is a directory" in said.told


def test_thousands_of_mistakes_are_counted_not_listed(products: Path, run: Run) -> None:
    products.write_text("sku,title\n" + "MUG,\n" * 5_000, encoding="utf-8")
    said = run("catalog", "import", str(products))
    assert "line 2: title must be" in said.told
    assert "… and 4950 more" in said.told
    assert len(said.err.splitlines()) < 60


def test_a_huge_file_is_imported_in_one_piece(
    products: Path, new_database_url: Callable[[], str], run: Run
) -> None:
    url = new_database_url()
    rows = "".join(f"SKU-{number},Thing {number},1,9.99\n" for number in range(12_345))
    products.write_text("sku,title,stock,price_EUR\n" + rows, encoding="utf-8")
    assert run("catalog", "import", str(products), DATABASE_URL=url).out.strip() == "12345 products imported."
    assert len(shelves(url)) == 12_345
