"""How pieces move, in SQL: conditional updates of rows locked in SKU order, so nothing is sold twice and
nobody deadlocks.

A move is a statement by itself, or part of the statement that writes the order which it is for (see
`order_statements`): then one round trip does both or neither, and a row that many shoppers want is locked for
no longer than that.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import CTE, BigInteger, ColumnElement, Update, and_, any_, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.postgres.statement import Statement, parameter
from adapters.postgres.tables import CODE, stock
from domain.order import SkuQuantity

FREE: Final = stock.c.received - stock.c.held - stock.c.sold
SKUS: Final = parameter("skus", ARRAY(CODE))
WANTED: Final = (
    func.unnest(SKUS, parameter("quantities", ARRAY(BigInteger)))
    .table_valued("sku", "quantity", name="wanted")
    .render_derived()
)


class Move:
    """One way to move pieces. `held`, `sold` and `received` say how a piece counts in each column: 1 or -1.

    The form for several SKUs locks all rows in their order first, and moves nothing if one of them has too
    little available.
    """

    def __init__(self, name: str, available: ColumnElement[Any], **signs: int) -> None:
        self.name: Final = name
        self._available = available
        self._signs = signs
        self._alone = {single: Statement(self._update(single=single)) for single in (True, False)}

    def statement(self, goods: Sequence[SkuQuantity]) -> Statement:
        """A row for each SKU that was moved."""
        return self._alone[len(goods) == 1]

    def part(self, *, single: bool, on: ColumnElement[bool] | None = None) -> CTE:
        """The move as a part of another statement, made only `on` a condition; no row: nothing was moved."""
        move = self._update(single=single)
        return (move if on is None else move.where(on)).cte("moved")

    def _update(self, *, single: bool) -> Update:
        return self._single() if single else self._several()

    def _single(self) -> Update:
        quantity = parameter("quantity", BigInteger)
        suffices = and_(stock.c.sku == parameter("sku", CODE), self._available >= quantity)
        return update(stock).where(suffices).values(self._values(quantity)).returning(stock.c.sku)

    def _several(self) -> Update:
        locked = (
            select(stock.c.sku, WANTED.c.quantity, (self._available >= WANTED.c.quantity).label("suffices"))
            .join_from(WANTED, stock, stock.c.sku == WANTED.c.sku)
            .order_by(stock.c.sku)
            .with_for_update(of=stock)
            .cte("locked")
        )
        enough = select(func.count() == func.cardinality(SKUS)).where(locked.c.suffices).scalar_subquery()
        moved = update(stock).where(stock.c.sku == locked.c.sku, enough)
        return moved.values(self._values(locked.c.quantity)).returning(stock.c.sku)

    def _values(self, quantity: ColumnElement[int]) -> dict[str, ColumnElement[int]]:
        return {
            name: stock.c[name] + quantity if sign > 0 else stock.c[name] - quantity
            for name, sign in self._signs.items()
        }


def wanted(goods: Sequence[SkuQuantity]) -> dict[str, Any]:
    """The parameters of a move's statement or part."""
    if len(goods) == 1:
        return {"sku": goods[0].sku, "quantity": goods[0].quantity}
    return {"skus": [good.sku for good in goods], "quantities": [good.quantity for good in goods]}


HOLD: Final = Move("hold", FREE, held=1)
CONFIRM: Final = Move("confirm", stock.c.held, held=-1, sold=1)
RELEASE_HELD: Final = Move("release_held", stock.c.held, held=-1)
RELEASE_SOLD: Final = Move("release_sold", stock.c.sold, sold=-1)
WRITE_OFF: Final = Move("write_off", FREE, received=-1)
FREE_OF: Final = Statement(select(stock.c.sku, FREE.label("free")).where(stock.c.sku == any_(SKUS)))
