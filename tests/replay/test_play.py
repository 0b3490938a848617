"""The replay can tell: right baskets come out right, and a cent that is planted is found."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import pytest

from domain import journal, tax
from domain.catalog import Product
from domain.identifiers import Sku
from domain.journal import Account, JournalEntry
from domain.money import Money
from domain.order import SkuQuantity
from domain.pricing import Totals
from domain.values import replace
from ports.api_keys import Role
from tests.application.shop import Shop
from tests.http.api import Api, api_over
from tests.replay.basket import Basket, BasketLine
from tests.replay.play import Tally, play

BASKETS = (
    Basket(id="1", lines=(BasketLine("MILK", 2, 129), BasketLine("BREAD", 1, 333))),
    Basket(id="2", lines=(BasketLine("MILK", 0, 0), BasketLine("BREAD", 3, 67))),
    Basket(id="3", lines=(BasketLine("MILK", 0, 0),)),
)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    shop = Shop()
    products = [Product(sku=Sku(sku), title=sku.title(), prices=()) for sku in ("BREAD", "MILK")]
    async with shop.unit_of_work() as uow:
        await uow.catalog.put(products)
        await uow.stock.receive([SkuQuantity(sku=product.sku, quantity=100) for product in products])
        await uow.commit()
    made = await api_over(shop)
    async with made.http:
        yield made


async def played(api: Api, baskets: Sequence[Basket] = BASKETS) -> Tally:
    api.http.headers["Authorization"] = f"Bearer {api.keys[Role.SECRET].secret}"
    return await play(api.http, baskets)


async def test_baskets_are_bought_to_the_cent_without_the_lines_that_cannot_be_sold(api: Api) -> None:
    tally = await played(api)
    assert tally.wrong == []
    # 5.91 and 2.01 net, 5.50 delivery each, 19 % on each line and on the delivery.
    assert (tally.bought, tally.lines, tally.cents) == (2, 3, 1358 + 894)
    assert (tally.without_lines, sum(tally.refusals.values())) == (1, 2)


async def test_a_total_that_is_a_cent_off_is_reported(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(amount: Money, parts: int, whole: int) -> Money:
        return Money(minor=amount.minor * parts // whole, currency=amount.currency)

    monkeypatch.setattr(tax, "portion", cut_off)
    tally = await played(api)
    assert tally.bought == 0
    assert [problem[:13] for problem in sorted(tally.wrong)] == ["basket 1: 409", "basket 2: 409"]


async def test_a_cent_booked_to_the_wrong_account_is_reported(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = journal.sold

    def a_cent_of_tax_as_sales(order_id: str, totals: Totals, at: datetime) -> JournalEntry:
        entry = honest(order_id, totals, at)
        moved = {Account.TAX: 1, Account.SALES: -1}
        postings = (
            replace(
                p, amount=Money(minor=p.amount.minor + moved.get(p.account, 0), currency=p.amount.currency)
            )
            for p in entry.postings
        )
        return replace(entry, postings=tuple(postings))

    monkeypatch.setattr(journal, "sold", a_cent_of_tax_as_sales)
    tally = await played(api, BASKETS[:1])
    assert tally.bought == 1
    assert sorted(problem.partition(": ")[2] for problem in tally.wrong) == [
        "sales is -592, expected -591",
        "tax is -216, expected -217",
    ]
