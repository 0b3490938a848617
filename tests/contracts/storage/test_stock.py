"""Stock: held, sold and given back by exactly as much as there is, all goods of a call or none."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from domain.checkout import Checkout
from domain.errors import OutOfStock
from domain.identifiers import ReceiptId, Sku
from domain.order_facts import OrderFacts
from ports.errors import ConcurrentChange
from ports.stock import StockLedger, StockLevel, StockReceipt
from tests.builders import NOW, a_checkout, pieces, placed_facts
from tests.contracts.storage.conftest import Storage


async def stock_up(storage: Storage, **quantities: int) -> None:
    async with storage.unit_of_work() as uow:
        await uow.stock.receive(pieces(**quantities))
        await uow.commit()


async def moved(
    storage: Storage,
    move: Callable[[StockLedger], Awaitable[None]],
    *,
    adding: OrderFacts | None = None,
    saving: OrderFacts | None = None,
    checkout: Checkout | None = None,
) -> None:
    """Moves pieces, and writes an order with them."""
    async with storage.unit_of_work() as uow:
        await move(uow.stock)
        if adding is not None:
            await uow.orders.add(adding, None)
        if checkout is not None:
            await uow.checkouts.save(checkout)
        if saving is not None:
            await uow.orders.save(saving, saving.stock_confirmed(NOW), None)
        await uow.commit()


async def level(storage: Storage, sku: str) -> tuple[int, int, int]:
    """Received, held and sold."""
    async with storage.unit_of_work() as uow:
        found = await uow.stock.level(Sku(sku))
    assert found is not None
    return found.received, found.held, found.sold


async def test_what_arrived_is_free(storage: Storage) -> None:
    await stock_up(storage, MUG=3, TEA=5)
    await stock_up(storage, MUG=4)
    async with storage.unit_of_work() as uow:
        assert await uow.stock.free([Sku("MUG"), Sku("TEA"), Sku("NONE")]) == {"MUG": 7, "TEA": 5}
        assert await uow.stock.level(Sku("MUG")) == StockLevel(sku=Sku("MUG"), received=7, held=0, sold=0)
        assert await uow.stock.level(Sku("NONE")) is None


async def test_held_pieces_become_sold_and_then_free_again(storage: Storage) -> None:
    await stock_up(storage, MUG=3, TEA=3)
    goods = pieces(MUG=2, TEA=1)
    async with storage.unit_of_work() as uow:
        await uow.stock.hold(goods)
        await uow.commit()
    assert (await level(storage, "MUG"), await level(storage, "TEA")) == ((3, 2, 0), (3, 1, 0))
    async with storage.unit_of_work() as uow:
        await uow.stock.confirm(goods)
        await uow.commit()
    assert (await level(storage, "MUG"), await level(storage, "TEA")) == ((3, 0, 2), (3, 0, 1))
    async with storage.unit_of_work() as uow:
        await uow.stock.release(goods, sold=True)
        await uow.commit()
    assert (await level(storage, "MUG"), await level(storage, "TEA")) == ((3, 0, 0), (3, 0, 0))


async def test_held_pieces_can_be_released(storage: Storage) -> None:
    await stock_up(storage, MUG=3)
    async with storage.unit_of_work() as uow:
        await uow.stock.hold(pieces(MUG=2))
        await uow.stock.release(pieces(MUG=1), sold=False)
        await uow.commit()
    assert await level(storage, "MUG") == (3, 1, 0)


async def test_a_hold_that_is_short_of_one_thing_holds_nothing_and_names_it(storage: Storage) -> None:
    await stock_up(storage, MUG=3, TEA=1)
    async with storage.unit_of_work() as uow:
        with pytest.raises(OutOfStock) as refusal:
            await uow.stock.hold(pieces(MUG=2, NONE=1, TEA=2))
        assert refusal.value.skus == ("NONE", "TEA")
        await uow.commit()
    assert (await level(storage, "MUG"), await level(storage, "TEA")) == ((3, 0, 0), (1, 0, 0))


async def test_what_one_holds_another_cannot_have(storage: Storage) -> None:
    await stock_up(storage, MUG=1)

    async def hold() -> bool:
        try:
            async with storage.unit_of_work() as uow:
                await uow.stock.hold(pieces(MUG=1))
                await uow.commit()
        except OutOfStock:
            return False
        return True

    assert sorted(await asyncio.gather(*(hold() for _ in range(5)))) == [False, False, False, False, True]
    assert await level(storage, "MUG") == (1, 1, 0)


async def test_a_hold_waits_for_one_that_may_still_be_undone(storage: Storage) -> None:
    await stock_up(storage, MUG=1)

    async def hold() -> None:
        async with storage.unit_of_work() as uow:
            await uow.stock.hold(pieces(MUG=1))
            await uow.commit()

    async with storage.unit_of_work() as uow:
        await uow.stock.hold(pieces(MUG=1))
        waiting = asyncio.create_task(hold())
        await asyncio.wait([waiting], timeout=0.05)
        assert not waiting.done()
    await waiting
    assert await level(storage, "MUG") == (1, 1, 0)


async def test_a_forgotten_commit_holds_nothing(storage: Storage) -> None:
    await stock_up(storage, MUG=1)
    async with storage.unit_of_work() as uow:
        await uow.stock.hold(pieces(MUG=1))
    assert await level(storage, "MUG") == (1, 0, 0)


async def test_only_what_is_held_can_be_confirmed_or_released(storage: Storage) -> None:
    await stock_up(storage, MUG=5, TEA=5)
    async with storage.unit_of_work() as uow:
        await uow.stock.hold(pieces(MUG=2, TEA=1))
        await uow.commit()
    moves: list[Callable[[StockLedger], Awaitable[None]]] = [
        lambda stock: stock.confirm(pieces(MUG=2, TEA=2)),
        lambda stock: stock.release(pieces(MUG=3), sold=False),
        lambda stock: stock.release(pieces(MUG=1), sold=True),
    ]
    for move in moves:
        with pytest.raises(ConcurrentChange):
            await moved(storage, move)
    assert (await level(storage, "MUG"), await level(storage, "TEA")) == ((5, 2, 0), (5, 1, 0))


@pytest.mark.parametrize("short", [{"MUG": 3}, {"MUG": 1, "TEA": 2}], ids=["one", "several"])
async def test_an_order_whose_goods_are_short_is_not_written(storage: Storage, short: dict[str, int]) -> None:
    await stock_up(storage, MUG=2, TEA=1)
    facts = placed_facts()
    with pytest.raises(OutOfStock) as refusal:
        await moved(storage, lambda stock: stock.hold(pieces(**short), at_once=False), adding=facts)
    assert len(refusal.value.skus) == 1
    async with storage.unit_of_work() as uow:
        assert await uow.orders.get(facts.order.id) is None
    assert (await level(storage, "MUG"), await level(storage, "TEA")) == ((2, 0, 0), (1, 0, 0))


async def test_an_order_of_an_outdated_checkout_is_not_written(storage: Storage) -> None:
    await stock_up(storage, MUG=2)
    checkout, facts = a_checkout(), placed_facts()
    async with storage.unit_of_work() as uow:
        await uow.checkouts.add(checkout)
        await uow.commit()
    outdated = replace(checkout, version=checkout.version + 2)
    with pytest.raises(ConcurrentChange):
        await moved(
            storage, lambda stock: stock.hold(pieces(MUG=1), at_once=False), adding=facts, checkout=outdated
        )
    async with storage.unit_of_work() as uow:
        assert await uow.orders.get(facts.order.id) is None
        assert await uow.checkouts.get(checkout.id) == checkout
    assert await level(storage, "MUG") == (2, 0, 0)
    placed = checkout.placed_as(facts.order.id)
    await moved(
        storage, lambda stock: stock.hold(pieces(MUG=1), at_once=False), adding=facts, checkout=placed
    )
    async with storage.unit_of_work() as uow:
        assert await uow.checkouts.get(checkout.id) == placed
    assert await level(storage, "MUG") == (2, 1, 0)


@pytest.mark.parametrize("goods", [{"MUG": 2}, {"MUG": 1, "TEA": 1}], ids=["one", "several"])
async def test_goods_move_with_their_order_or_not_at_all(storage: Storage, goods: dict[str, int]) -> None:
    await stock_up(storage, MUG=2, TEA=1)
    facts = placed_facts()
    await moved(storage, lambda stock: stock.hold(pieces(**goods), at_once=False), adding=facts)
    stored, outdated = facts.as_stored(1), facts.as_stored(2)
    with pytest.raises(ConcurrentChange):
        await moved(storage, lambda stock: stock.confirm(pieces(**goods)), saving=outdated)
    assert await level(storage, "MUG") == (2, goods["MUG"], 0)
    await moved(storage, lambda stock: stock.confirm(pieces(**goods)), saving=stored)
    with pytest.raises(ConcurrentChange):
        await moved(storage, lambda stock: stock.confirm(pieces(**goods)), saving=stored)
    assert await level(storage, "MUG") == (2, 0, goods["MUG"])


async def test_only_free_pieces_can_be_written_off(storage: Storage) -> None:
    await stock_up(storage, MUG=5, TEA=5)
    async with storage.unit_of_work() as uow:
        await uow.stock.hold(pieces(MUG=2))
        with pytest.raises(OutOfStock) as refusal:
            await uow.stock.receive(pieces(MUG=-4, TEA=-1))
        assert refusal.value.skus == ("MUG",)
        await uow.stock.receive(pieces(MUG=-3, TEA=2))
        await uow.commit()
    assert (await level(storage, "MUG"), await level(storage, "TEA")) == ((2, 2, 0), (7, 0, 0))


async def test_nothing_can_be_written_off_of_what_never_arrived(storage: Storage) -> None:
    async with storage.unit_of_work() as uow:
        with pytest.raises(OutOfStock):
            await uow.stock.receive(pieces(MUG=-1))


async def test_one_sku_may_arrive_in_several_parcels(storage: Storage) -> None:
    async with storage.unit_of_work() as uow:
        await uow.stock.receive([*pieces(MUG=2), *pieces(MUG=3)])
        await uow.commit()
    assert await level(storage, "MUG") == (5, 0, 0)


def receipt(quantity: int, number: int = 1) -> StockReceipt:
    return StockReceipt(id=ReceiptId(f"rcp_{number}"), sku=Sku("TEA"), quantity=quantity, at=NOW)


async def booked(storage: Storage, *receipts: StockReceipt) -> list[bool]:
    async with storage.unit_of_work() as uow:
        done = [await uow.stock.book(each) for each in receipts]
        await uow.commit()
    return done


async def test_a_receipt_counts_once_however_often_it_is_booked(storage: Storage) -> None:
    assert await booked(storage, receipt(5), receipt(5), receipt(-2, 2)) == [True, False, True]
    assert await booked(storage, receipt(5)) == [False]
    assert await level(storage, "TEA") == (3, 0, 0)


async def test_a_receipt_booked_twice_at_once_counts_once(storage: Storage) -> None:
    both = await asyncio.gather(booked(storage, receipt(5)), booked(storage, receipt(5)))
    assert sorted(both) == [[False], [True]]
    assert await level(storage, "TEA") == (5, 0, 0)


async def test_a_write_off_of_more_than_is_free_books_nothing(storage: Storage) -> None:
    with pytest.raises(OutOfStock):
        await booked(storage, receipt(-1))
    assert await booked(storage, receipt(1), receipt(-1, 2)) == [True, True]
