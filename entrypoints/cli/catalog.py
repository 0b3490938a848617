"""`fastcart catalog`: products, from a file."""

import asyncio
import os
from pathlib import Path

from cyclopts import App

from entrypoints.cli.product_csv import ProductsRefused, read_products
from entrypoints.container import Container
from entrypoints.resources import open_resources
from entrypoints.settings import settings_from

catalog = App(name="catalog", help="The built-in catalog.")
DEMO_CATALOG = Path(__file__).with_name("demo_catalog.csv")


@catalog.command(name="import")
def import_products(file: Path = DEMO_CATALOG) -> None:
    """Add or replace products from a CSV file, all of them or none; without a file, the demo catalog.

    Columns: sku, title, tax_code, weight_grams, length_mm, width_mm, height_mm, stock (pieces that arrive),
    and a price_XXX for each currency, such as price_EUR.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            products = read_products(lines)
    except ProductsRefused as refused:
        raise SystemExit(f"Nothing was imported from {file.name}:\n{refused}") from None
    except UnicodeDecodeError:
        raise SystemExit(f"Nothing was imported: {file.name} is not UTF-8 text.") from None
    except OSError as error:
        raise SystemExit(f"{file}: {error.strerror}") from None

    async def put() -> None:
        settings = settings_from(os.environ)
        async with open_resources(settings) as resources:
            await Container(settings=settings, resources=resources).put_products()(
                products.products, products.pieces
            )

    asyncio.run(put())
    print(f"{len(products.products)} products imported.")
