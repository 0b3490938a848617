"""`fastcart catalog`: products, from a file."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from entrypoints.cli.administration import administer
from entrypoints.cli.csv_rows import read_file
from entrypoints.cli.product_csv import read_products

catalog = App(name="catalog", help="The built-in catalog: products, their prices and their stock.")
DEMO_CATALOG = Path(__file__).with_name("demo_catalog.csv")


@catalog.command(name="import")
def import_products(
    file: Annotated[Path, Parameter(help="A CSV file in UTF-8, with commas.")] = DEMO_CATALOG,
) -> None:
    """Add or replace products from a CSV file, all of them or none; without a file, the demo catalog.

    Columns: sku, title, tax_code, weight_grams, length_mm, width_mm, height_mm, stock (pieces that arrive),
    and a price_XXX for each currency, such as price_EUR. Importing a file again replaces its products, and
    its stock arrives again. Only DATABASE_URL is needed.

    For example: `fastcart catalog import products.csv`, where the file begins with
    `sku,title,stock,price_EUR,price_JPY` and goes on with `MUG,A mug,20,12.50,1980`
    """
    products = read_file(file, read_products)
    administer(lambda container: container.put_products()(products.products, products.pieces))
    print(f"{len(products.products)} products imported.")
