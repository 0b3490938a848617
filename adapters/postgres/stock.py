"""The stock ledger, in the database of the orders."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import literal_column, select
from sqlalchemy.dialects.postgresql import insert

from adapters.postgres.session import Session, outdated
from adapters.postgres.statement import Row, Statement, parameter
from adapters.postgres.stock_moves import (
    CONFIRM,
    FREE_OF,
    HOLD,
    RELEASE_HELD,
    RELEASE_SOLD,
    WANTED,
    WRITE_OFF,
    Move,
    wanted,
)
from adapters.postgres.tables import CODE, stock, stock_receipts
from domain.errors import OutOfStock
from domain.identifiers import Sku
from domain.order import SkuQuantity
from ports.errors import ConcurrentChange
from ports.stock import StockLevel, StockReceipt

_ADDED = insert(stock).from_select(
    ["sku", "received", "held", "sold"],
    select(WANTED.c.sku, WANTED.c.quantity, literal_column("0"), literal_column("0")),
)
_RECEIVE = Statement(
    _ADDED.on_conflict_do_update(
        index_elements=[stock.c.sku], set_={"received": stock.c.received + _ADDED.excluded.received}
    )
)
_BOOK = Statement(
    insert(stock_receipts).on_conflict_do_nothing(index_elements=["id"]).returning(stock_receipts.c.id)
)
_LEVEL = Statement(select(stock).where(stock.c.sku == parameter("sku", CODE)))


class PostgresStock:
    """Implements `ports.stock.StockLedger`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def free(self, skus: Sequence[Sku]) -> Mapping[Sku, int]:
        seen = self._session.seen.free
        if not all(sku in seen for sku in skus):
            rows = await self._session.read(FREE_OF, skus=list(skus))
            return {Sku(row["sku"]): row["free"] for row in rows}
        return {sku: free for sku in skus if (free := seen[sku]) is not None}

    async def hold(self, goods: Sequence[SkuQuantity], *, at_once: bool = True) -> None:
        if at_once:
            await self._take(HOLD, goods)
        else:
            await self._session.move_later(HOLD, goods, lambda: self._short_or_outdated(goods))

    async def confirm(self, goods: Sequence[SkuQuantity]) -> None:
        await self._session.move_later(CONFIRM, goods, outdated)

    async def release(self, goods: Sequence[SkuQuantity], *, sold: bool) -> None:
        await self._session.move_later(RELEASE_SOLD if sold else RELEASE_HELD, goods, outdated)

    async def receive(self, goods: Sequence[SkuQuantity]) -> None:
        pieces: Counter[Sku] = Counter()
        for good in goods:
            pieces[good.sku] += good.quantity
        lost = [SkuQuantity(sku=sku, quantity=-count) for sku, count in sorted(pieces.items()) if count < 0]
        if lost:
            await self._take(WRITE_OFF, lost)
        if arrived := {sku: count for sku, count in sorted(pieces.items()) if count >= 0}:
            await self._session.write(_RECEIVE, skus=list(arrived), quantities=list(arrived.values()))

    async def book(self, receipt: StockReceipt) -> bool:
        booked = await self._session.write(
            _BOOK, id=receipt.id, sku=receipt.sku, quantity=receipt.quantity, received_at=receipt.at
        )
        if booked:
            await self.receive([SkuQuantity(sku=receipt.sku, quantity=receipt.quantity)])
        return bool(booked)

    async def level(self, sku: Sku) -> StockLevel | None:
        row = await self._session.read_one(_LEVEL, sku=sku)
        return level_from(row) if row else None

    async def _take(self, move: Move, goods: Sequence[SkuQuantity]) -> None:
        """Raises OutOfStock, naming what was short."""
        moved = await self._session.write(move.statement(goods), **wanted(goods))
        if len(moved) != len(goods):
            raise await self._short(goods)

    async def _short_or_outdated(self, goods: Sequence[SkuQuantity]) -> Exception:
        """Why neither the goods moved nor what was to be written with them."""
        free = await self.free([good.sku for good in goods])
        short = tuple(good.sku for good in goods if free.get(good.sku, 0) < good.quantity)
        return OutOfStock(skus=short) if short else ConcurrentChange()

    async def _short(self, goods: Sequence[SkuQuantity]) -> OutOfStock:
        free = await self.free([good.sku for good in goods])
        short = tuple(good.sku for good in goods if free.get(good.sku, 0) < good.quantity)
        # What was short may have come back in the meantime: then it could have been any of them.
        return OutOfStock(skus=short or tuple(good.sku for good in goods))


def level_from(row: Row) -> StockLevel:
    return StockLevel(sku=Sku(row["sku"]), received=row["received"], held=row["held"], sold=row["sold"])
