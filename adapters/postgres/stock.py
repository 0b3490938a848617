"""The stock ledger: conditional updates of rows locked in SKU order, so nothing is sold twice and nobody
deadlocks.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, and_, any_, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from adapters.postgres.session import Session
from adapters.postgres.statement import Row, Statement, parameter
from adapters.postgres.tables import CODE, stock
from domain.errors import OutOfStock, TransitionRefused
from domain.identifiers import Sku
from domain.order import SkuQuantity
from ports.stock import StockLevel

FREE: Final = stock.c.received - stock.c.held - stock.c.sold
_SKUS: Final = parameter("skus", ARRAY(CODE))
_WANTED: Final = (
    func.unnest(_SKUS, parameter("quantities", ARRAY(BigInteger)))
    .table_valued("sku", "quantity", name="wanted")
    .render_derived()
)


class _Move:
    """One way to move pieces, as a statement for a single SKU and one for several.

    The one for several locks all rows in SKU order first, and moves nothing if one of them has too little
    available. `held`, `sold` and `received` say how a piece counts in each column: 1, -1 or not at all.
    """

    def __init__(self, available: ColumnElement[Any], **signs: int) -> None:
        self._single = _single_move(available, signs)
        self._several = _ordered_move(available, signs)

    async def make(self, session: Session, goods: Sequence[SkuQuantity]) -> bool:
        """Whether everything was moved; nothing was otherwise."""
        if len(goods) == 1:
            good = goods[0]
            return bool(await session.write(self._single, sku=good.sku, quantity=good.quantity))
        skus, quantities = [good.sku for good in goods], [good.quantity for good in goods]
        return len(await session.write(self._several, skus=skus, quantities=quantities)) == len(goods)


def _single_move(available: ColumnElement[Any], signs: Mapping[str, int]) -> Statement:
    quantity = parameter("quantity", BigInteger)
    values = {
        name: stock.c[name] + quantity if sign > 0 else stock.c[name] - quantity
        for name, sign in signs.items()
    }
    suffices = and_(stock.c.sku == parameter("sku", CODE), available >= quantity)
    return Statement(update(stock).where(suffices).values(values).returning(stock.c.sku))


def _ordered_move(available: ColumnElement[Any], signs: Mapping[str, int]) -> Statement:
    locked = (
        select(stock.c.sku, _WANTED.c.quantity, (available >= _WANTED.c.quantity).label("suffices"))
        .join_from(_WANTED, stock, stock.c.sku == _WANTED.c.sku)
        .order_by(stock.c.sku)
        .with_for_update(of=stock)
        .cte("locked")
    )
    quantity = locked.c.quantity
    values = {
        name: stock.c[name] + quantity if sign > 0 else stock.c[name] - quantity
        for name, sign in signs.items()
    }
    enough = select(func.count() == func.cardinality(_SKUS)).where(locked.c.suffices).scalar_subquery()
    return Statement(
        update(stock).where(stock.c.sku == locked.c.sku, enough).values(values).returning(stock.c.sku)
    )


_HOLD = _Move(FREE, held=1)
_CONFIRM = _Move(stock.c.held, held=-1, sold=1)
_RELEASE_HELD = _Move(stock.c.held, held=-1)
_RELEASE_SOLD = _Move(stock.c.sold, sold=-1)
_WRITE_OFF = _Move(FREE, received=-1)
_ADDED = insert(stock).from_select(
    ["sku", "received", "held", "sold"],
    select(_WANTED.c.sku, _WANTED.c.quantity, literal_column("0"), literal_column("0")),
)
_RECEIVE = Statement(
    _ADDED.on_conflict_do_update(
        index_elements=[stock.c.sku], set_={"received": stock.c.received + _ADDED.excluded.received}
    )
)
_FREE_OF = Statement(select(stock.c.sku, FREE.label("free")).where(stock.c.sku == any_(_SKUS)))
_LEVEL = Statement(select(stock).where(stock.c.sku == parameter("sku", CODE)))


class PostgresStock:
    """Implements `ports.stock.StockLedger`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def free(self, skus: Sequence[Sku]) -> Mapping[Sku, int]:
        seen = self._session.free_seen
        if not all(sku in seen for sku in skus):
            rows = await self._session.read(_FREE_OF, skus=list(skus))
            return {Sku(row["sku"]): row["free"] for row in rows}
        return {sku: free for sku in skus if (free := seen[sku]) is not None}

    async def hold(self, goods: Sequence[SkuQuantity]) -> None:
        await self._take(_HOLD, goods)

    async def confirm(self, goods: Sequence[SkuQuantity]) -> None:
        """Raises TransitionRefused, and changes nothing, if so much is not held."""
        if not await _CONFIRM.make(self._session, goods):
            raise TransitionRefused(subject="stock", state="not_held", fact="confirmed")

    async def release(self, goods: Sequence[SkuQuantity], *, sold: bool) -> None:
        """Raises TransitionRefused, and changes nothing, if so much is not held (or sold)."""
        move = _RELEASE_SOLD if sold else _RELEASE_HELD
        if not await move.make(self._session, goods):
            raise TransitionRefused(
                subject="stock", state="not_sold" if sold else "not_held", fact="released"
            )

    async def receive(self, goods: Sequence[SkuQuantity]) -> None:
        pieces: Counter[Sku] = Counter()
        for good in goods:
            pieces[good.sku] += good.quantity
        lost = [SkuQuantity(sku=sku, quantity=-count) for sku, count in sorted(pieces.items()) if count < 0]
        if lost:
            await self._take(_WRITE_OFF, lost)
        if arrived := {sku: count for sku, count in sorted(pieces.items()) if count >= 0}:
            await self._session.write(_RECEIVE, skus=list(arrived), quantities=list(arrived.values()))

    async def level(self, sku: Sku) -> StockLevel | None:
        row = await self._session.read_one(_LEVEL, sku=sku)
        return level_from(row) if row else None

    async def _take(self, move: _Move, goods: Sequence[SkuQuantity]) -> None:
        """Raises OutOfStock, naming what was short."""
        if await move.make(self._session, goods):
            return
        free = await self.free([good.sku for good in goods])
        short = tuple(good.sku for good in goods if free.get(good.sku, 0) < good.quantity)
        # What was short may have come back in the meantime: then it could have been any of them.
        raise OutOfStock(skus=short or tuple(good.sku for good in goods))


def level_from(row: Row) -> StockLevel:
    return StockLevel(sku=Sku(row["sku"]), received=row["received"], held=row["held"], sold=row["sold"])
