"""What the simulated shop sells, and how much of it there is: plenty of some, too little of others."""

from typing import Final

from adapters.in_memory.unit_of_work import InMemoryUnitOfWork
from domain.catalog import Parcel, Product
from domain.identifiers import Sku
from domain.money import Currency, Money
from domain.order import SkuQuantity
from tests.simulation.world import World

EUR: Final = Currency.of("EUR")
TEA, MUG, LAST = Sku("TEA"), Sku("MUG"), Sku("LAST")


def shelves(last_pieces: int) -> dict[Sku, int]:
    """How many pieces of each are there at first."""
    return {TEA: 100, MUG: 100, LAST: last_pieces}


async def stock_up(world: World, pieces: dict[Sku, int]) -> None:
    """Before the shop opens; nothing fails yet."""
    world.first_pieces = pieces
    products = [
        _product(TEA, 1_200, 100),
        _product(MUG, 999, 6_000),
        _product(LAST, 10_001, 500),
    ]
    async with InMemoryUnitOfWork(world.storage) as uow:
        await uow.catalog.put(products)
        await uow.stock.receive([SkuQuantity(sku=sku, quantity=count) for sku, count in pieces.items()])
        await uow.commit()
    for sku, count in pieces.items():
        world.inventory.receive(sku, count)


def _product(sku: Sku, minor: int, grams: int) -> Product:
    price = Money(minor=minor, currency=EUR)
    return Product(sku=sku, title=sku.title(), prices=(price,), parcel=Parcel(weight_grams=grams))
