"""`fastcart plans`: what can be subscribed to, from a file."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from entrypoints.cli.administration import administer
from entrypoints.cli.csv_rows import read_file
from entrypoints.cli.plan_csv import read_plans

plans = App(name="plans", help="Plans that customers subscribe to, and their prices.")


@plans.command(name="import")
def import_plans(
    file: Annotated[Path, Parameter(help="A CSV file in UTF-8, with commas.")],
) -> None:
    """Add or replace plans from a CSV file, all of them or none.

    Columns: id, title, interval (day, week, month or year), interval_count (1 where it is left out), a
    price_XXX for each currency, such as price_EUR, and the ids that a provider keeps the prices under, such
    as stripe_price_EUR. Who has subscribed keeps the terms of then. Only DATABASE_URL is needed.

    For example: `fastcart plans import plans.csv`, where the file begins with
    `id,title,interval,price_EUR,stripe_price_EUR` and goes on with `gold,Gold,month,19.00,price_1Abc`
    """
    found = read_file(file, read_plans)
    administer(lambda container: container.put_plans()(found))
    print(f"{len(found)} plans imported.")
