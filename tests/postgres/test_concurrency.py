"""What many connections do to the same rows at the same time."""

import asyncio
from collections import Counter
from datetime import timedelta
from random import Random

from domain.errors import OutOfStock
from domain.events import EventKind
from domain.identifiers import Sku
from domain.order import SkuQuantity
from domain.order_facts import OrderFacts
from ports.errors import CheckoutHasOrder, ConcurrentChange
from ports.payments import WebhookNotice
from tests.builders import NOW, new_id, placed_facts
from tests.postgres.conftest import UnitOfWork

LEASE = timedelta(seconds=25)


async def stock_up(unit_of_work: UnitOfWork, *skus: Sku, quantity: int) -> None:
    async with unit_of_work() as uow:
        await uow.stock.receive([SkuQuantity(sku=sku, quantity=quantity) for sku in skus])
        await uow.commit()


async def hold(unit_of_work: UnitOfWork, *goods: SkuQuantity) -> bool:
    try:
        async with unit_of_work() as uow:
            await uow.stock.hold(goods)
            await uow.commit()
    except OutOfStock:
        return False
    return True


async def test_two_hundred_holds_for_ten_pieces_hold_exactly_ten(unit_of_work: UnitOfWork) -> None:
    sku = Sku(new_id("sku"))
    await stock_up(unit_of_work, sku, quantity=10)
    one = SkuQuantity(sku=sku, quantity=1)
    held = await asyncio.gather(*(hold(unit_of_work, one) for _ in range(200)))
    assert sum(held) == 10
    async with unit_of_work() as uow:
        level = await uow.stock.level(sku)
    assert level is not None
    assert (level.received, level.held, level.sold) == (10, 10, 0)


async def test_holds_of_several_skus_are_all_or_nothing_and_never_deadlock(unit_of_work: UnitOfWork) -> None:
    skus = [Sku(new_id("sku")) for _ in range(6)]
    await stock_up(unit_of_work, *skus, quantity=40)
    random = Random(7)

    async def shop() -> Counter[Sku]:
        # In no particular order: the statement has to sort its locks by itself.
        goods = [SkuQuantity(sku=sku, quantity=random.randint(1, 2)) for sku in random.sample(skus, 4)]
        held = await hold(unit_of_work, *goods)
        return Counter({good.sku: good.quantity for good in goods}) if held else Counter()

    total: Counter[Sku] = sum(await asyncio.gather(*(shop() for _ in range(120))), Counter())
    async with unit_of_work() as uow:
        levels = {sku: await uow.stock.level(sku) for sku in skus}
    assert {sku: level.held for sku, level in levels.items() if level} == dict(total)
    assert all(level is not None and level.held <= 40 for level in levels.values())


async def test_confirming_and_holding_the_same_goods_never_deadlocks(unit_of_work: UnitOfWork) -> None:
    skus = sorted(Sku(new_id("sku")) for _ in range(4))
    await stock_up(unit_of_work, *skus, quantity=1_000)
    there = [SkuQuantity(sku=sku, quantity=1) for sku in skus]
    back = there[::-1]

    async def buy(goods: list[SkuQuantity]) -> None:
        async with unit_of_work() as uow:
            await uow.stock.hold(goods)
            await uow.commit()
        async with unit_of_work() as uow:
            await uow.stock.confirm(goods[::-1])
            await uow.commit()

    await asyncio.gather(*(buy(goods) for goods in (there, back) * 30))
    async with unit_of_work() as uow:
        assert await uow.stock.free(skus) == dict.fromkeys(skus, 940)


async def test_fifty_placements_of_one_checkout_make_one_order(unit_of_work: UnitOfWork) -> None:
    checkout_id = placed_facts().order.checkout_id

    async def place() -> bool:
        try:
            async with unit_of_work() as uow:
                await uow.orders.add(placed_facts(checkout_id=checkout_id), None)
                await uow.commit()
        except CheckoutHasOrder:
            return False
        return True

    assert sum(await asyncio.gather(*(place() for _ in range(50)))) == 1


async def test_of_twenty_runners_at_one_order_one_writes_each_version(unit_of_work: UnitOfWork) -> None:
    facts = placed_facts()
    async with unit_of_work() as uow:
        await uow.orders.add(facts, None)
        await uow.commit()

    async def run(before: OrderFacts) -> bool:
        try:
            async with unit_of_work() as uow:
                await uow.orders.save(before, before.told(EventKind.HOLD_EXTENDED, NOW, "x"), None)
                await uow.commit()
        except ConcurrentChange:
            return False
        return True

    for version in range(1, 4):
        async with unit_of_work() as uow:
            before = await uow.orders.get(facts.order.id)
        assert before is not None
        assert before.order.version == version
        assert sum(await asyncio.gather(*(run(before) for _ in range(20)))) == 1


async def test_sweepers_share_what_is_due_and_nobody_gets_the_same(unit_of_work: UnitOfWork) -> None:
    async with unit_of_work() as uow:
        await uow.orders.due(NOW, NOW + timedelta(days=1), 10_000)  # those of other tests
        for _ in range(60):
            await uow.orders.add(placed_facts(), NOW)
        await uow.commit()

    async def sweep() -> list[str]:
        async with unit_of_work() as uow:
            taken = await uow.orders.due(NOW, NOW + LEASE, 10)
            await uow.commit()
        return [order.id for order in taken]

    taken = [order_id for batch in await asyncio.gather(*(sweep() for _ in range(12))) for order_id in batch]
    while batch := await sweep():
        taken += batch
    assert len(taken) == len(set(taken)) == 60


async def test_of_twenty_workers_one_takes_a_webhook(unit_of_work: UnitOfWork) -> None:
    notice = WebhookNotice(
        provider="stripe", event_id=new_id("evt"), event_type="charge.updated", payment_reference=None
    )

    async def receive() -> str | None:
        """Its id, if this delivery of the event was the first."""
        webhook_id = new_id("whk")
        async with unit_of_work() as uow:
            is_new = await uow.inbox.add(webhook_id, notice, b"{}", NOW)
            await uow.commit()
        return webhook_id if is_new else None

    async def take(webhook_id: str) -> bool:
        async with unit_of_work() as uow:
            taken = await uow.inbox.take(webhook_id, NOW + LEASE, NOW)
            await uow.commit()
        return taken is not None

    received = await asyncio.gather(*(receive() for _ in range(20)))
    (stored,) = [webhook_id for webhook_id in received if webhook_id is not None]
    assert sum(await asyncio.gather(*(take(stored) for _ in range(20)))) == 1
