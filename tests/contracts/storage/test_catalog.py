"""The catalog: products replaced by SKU, codes found in either case."""

from dataclasses import replace
from datetime import timedelta

from domain.catalog import DiscountCode
from domain.identifiers import Sku
from tests.builders import NOW, a_product, eur
from tests.contracts.storage.conftest import Storage


async def test_products_come_back_as_they_were_put(storage: Storage) -> None:
    mug, tea = a_product("MUG"), a_product("TEA", prices=(), title='Tëa \'n "more" \\ ☕')
    async with storage.unit_of_work() as uow:
        await uow.catalog.put([tea, mug])
        await uow.commit()
    async with storage.unit_of_work() as uow:
        found = await uow.catalog.products([Sku("MUG"), Sku("TEA"), Sku("NONE")])
        assert {product.sku: product for product in found} == {"MUG": mug, "TEA": tea}


async def test_a_product_is_replaced_by_its_sku_the_last_one_counts(storage: Storage) -> None:
    dearer = a_product(prices=(eur(1500),))
    async with storage.unit_of_work() as uow:
        await uow.catalog.put([a_product()])
        await uow.catalog.put([a_product(prices=(eur(1400),)), dearer])
        assert list(await uow.catalog.products([Sku("MUG")])) == [dearer]


async def test_an_inactive_product_is_not_for_sale(storage: Storage) -> None:
    async with storage.unit_of_work() as uow:
        await uow.catalog.put([a_product(active=False)])
        assert list(await uow.catalog.products([Sku("MUG")])) == []
        assert await uow.catalog.has(Sku("MUG"))


async def test_what_was_never_put_is_not_there(storage: Storage) -> None:
    async with storage.unit_of_work() as uow:
        await uow.catalog.put([a_product()])
        assert await uow.catalog.has(Sku("MUG"))
        assert not await uow.catalog.has(Sku("TEA"))


async def test_putting_nothing_is_fine(storage: Storage) -> None:
    async with storage.unit_of_work() as uow:
        await uow.catalog.put([])
        assert list(await uow.catalog.products([])) == []


async def test_a_code_is_found_in_either_case(storage: Storage) -> None:
    amount = DiscountCode(
        code="Welcome5", title="5 off", amount=eur(500), valid_from=NOW, valid_until=NOW + timedelta(days=1)
    )
    percent = DiscountCode(code="TEN", title="10 %", percent_basis_points=1000)
    async with storage.unit_of_work() as uow:
        await uow.catalog.put_discount(amount)
        await uow.catalog.put_discount(percent)
        await uow.commit()
    async with storage.unit_of_work() as uow:
        assert await uow.catalog.discount("WELCOME5") == amount
        assert await uow.catalog.discount("ten") == percent
        assert await uow.catalog.discount("eleven") is None


async def test_a_code_is_replaced_in_either_case(storage: Storage) -> None:
    percent = DiscountCode(code="TEN", title="10 %", percent_basis_points=1000)
    changed = replace(percent, code="Ten", percent_basis_points=None, amount=eur(10))
    async with storage.unit_of_work() as uow:
        await uow.catalog.put_discount(percent)
        await uow.catalog.put_discount(changed)
        assert await uow.catalog.discount("TEN") == changed
