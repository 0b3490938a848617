"""The read side: lists page by page, an order's story in its order, and books that balance."""

from dataclasses import replace
from datetime import timedelta

from domain import journal
from domain.events import EventKind
from domain.identifiers import OrderId, Sku
from domain.journal import Account
from domain.news import News
from domain.order import ClosingReason, OrderState
from ports.queries import AccountBalance, OrderSummary
from ports.stock import StockLevel
from tests.builders import NOW, a_product, pieces, placed_facts
from tests.contracts.storage.conftest import Storage


async def test_orders_are_listed_newest_first_page_by_page(storage: Storage) -> None:
    first, second, third = [await storage.keep(placed_facts()) for _ in range(3)]
    async with storage.unit_of_work() as uow:
        await uow.orders.save(second, second.closed(ClosingReason.SHOPPER, NOW), None)
        await uow.commit()
    page = await storage.queries.orders(None, 2, None)
    assert [order.id for order in page] == [third.order.id, second.order.id]
    assert [order.id for order in await storage.queries.orders(page[-1].id, 2, None)] == [first.order.id]
    assert list(await storage.queries.orders(None, 10, OrderState.CANCELLED)) == [
        OrderSummary(
            id=second.order.id,
            state=OrderState.CANCELLED,
            total_minor=2023,
            currency="EUR",
            placed_at=NOW,
        )
    ]


async def test_a_timeline_is_told_in_the_order_in_which_it_was_written(storage: Storage) -> None:
    facts = placed_facts()
    before = await storage.keep(facts)
    after = before.told(EventKind.WEBHOOK_RECEIVED, NOW, "pay_1", "payment_intent.succeeded")
    after = after.told(EventKind.HOLD_EXTENDED, NOW + timedelta(microseconds=7), "res_1")
    after = after.told(EventKind.STOCK_RELEASED, NOW - timedelta(hours=1), "res_1", "")
    async with storage.unit_of_work() as uow:
        await uow.orders.save(before, after, None)
        await uow.commit()
    told = await storage.queries.timeline(before.order.id)
    expected = [*facts.news.events, *after.news.events]
    assert list(told) == expected
    assert list(await storage.queries.timeline(OrderId("ord_none"))) == []


async def test_balances_are_the_sums_of_the_journal(storage: Storage) -> None:
    facts = placed_facts()
    order, payment = facts.order, facts.payments[0]
    before = await storage.keep(
        replace(facts, news=News(entries=(journal.authorized(payment.id, order.total, NOW),)))
    )
    entries = (
        journal.authorization_ended(payment.id, order.total, NOW),
        journal.captured(payment.id, order.total, NOW),
        journal.sold(order.id, order.totals, NOW),
    )
    async with storage.unit_of_work() as uow:
        await uow.orders.save(before, replace(before, news=News(entries=entries)), None)
        await uow.commit()
    assert list(await storage.queries.balances(order.id)) == [
        AccountBalance(account=Account.AUTHORIZATIONS, minor=0),
        AccountBalance(account=Account.AUTHORIZED, minor=0),
        AccountBalance(account=Account.DELIVERY, minor=-500),
        AccountBalance(account=Account.PROVIDER, minor=2023),
        AccountBalance(account=Account.SALES, minor=-1200),
        AccountBalance(account=Account.SHOPPER, minor=0),
        AccountBalance(account=Account.TAX, minor=-323),
    ]
    assert list(await storage.queries.balances(OrderId("ord_none"))) == []


async def test_products_and_stock_are_listed_by_sku_page_by_page(storage: Storage) -> None:
    async with storage.unit_of_work() as uow:
        await uow.catalog.put([a_product("c"), a_product("B", active=False), a_product("a")])
        await uow.stock.receive(pieces(c=1, B=2, a=3))
        await uow.commit()
    assert [product.sku for product in await storage.queries.products(None, 2)] == ["B", "a"]
    assert list(await storage.queries.products("a", 2)) == [a_product("c")]
    assert [level.sku for level in await storage.queries.stock(None, 2)] == ["B", "a"]
    assert list(await storage.queries.stock("a", 2)) == [StockLevel(sku=Sku("c"), received=1, held=0, sold=0)]
