"""A write that is refused says so at the latest with the commit, and nothing of its unit of work remains."""

import pytest

from domain.identifiers import Sku
from ports.errors import CheckoutHasOrder, ConcurrentChange
from tests.builders import NOW, a_checkout, pieces, placed_facts
from tests.contracts.storage.conftest import Storage


async def test_what_came_before_a_refused_write_is_undone(storage: Storage) -> None:
    async def overwrite() -> None:
        async with storage.unit_of_work() as uow:
            await uow.stock.receive(pieces(MUG=1))
            await uow.checkouts.save(a_checkout(version=7))
            await uow.commit()

    with pytest.raises(ConcurrentChange):
        await overwrite()
    async with storage.unit_of_work() as uow:
        assert await uow.stock.level(Sku("MUG")) is None


async def test_what_comes_after_a_refused_write_is_not_done(storage: Storage) -> None:
    first, second = placed_facts(), a_checkout()
    await storage.keep(first)

    async def place_again() -> None:
        async with storage.unit_of_work() as uow:
            await uow.orders.add(placed_facts(checkout_id=first.order.checkout_id), NOW)
            await uow.checkouts.add(second)
            await uow.commit()

    with pytest.raises(CheckoutHasOrder):
        await place_again()
    async with storage.unit_of_work() as uow:
        assert await uow.checkouts.get(second.id) is None
        assert await uow.orders.due(NOW, NOW, 10) == []


async def test_a_refused_write_that_is_never_committed_is_nobodys_concern(storage: Storage) -> None:
    async with storage.unit_of_work() as uow:
        await uow.checkouts.save(a_checkout(version=7))
