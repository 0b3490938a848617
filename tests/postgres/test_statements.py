"""How many statements a unit of work sends, which is what it costs; and that all of them find their rows by
key.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from adapters.built_in.flat_delivery_rates import FlatDeliveryRates
from adapters.built_in.tax_table import TaxTable
from adapters.flagged.places import FlaggedPlaces
from adapters.in_memory.delivery_rates import InMemoryDeliveryRates
from adapters.in_memory.flags import InMemoryFlags
from adapters.postgres import books, operator_lists, order_statements
from adapters.postgres.claims import CLAIM, along
from adapters.postgres.connections import Connections
from adapters.postgres.idempotency import PostgresIdempotencyStore
from adapters.postgres.order_statements import Moving
from adapters.postgres.pool import open_pool
from adapters.postgres.statement import Statement
from adapters.postgres.stock_moves import CONFIRM, HOLD
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.system_clock import SystemClock
from application.cart_draft import CartDraft, CartPatch, DraftLine
from application.change_checkout import ChangeCheckout, CheckoutChange
from application.check_address import CheckAddress
from application.open_checkout import OpenCheckout
from application.quote_cart import QuoteCart
from application.quote_delivery import QuoteDelivery
from domain.case import CaseState
from domain.identifiers import Sku
from domain.money import Currency
from domain.shop import ShopRules
from ports.flags import Flag
from ports.payments import WebhookNotice
from tests.application.carriers import HELD_FOR, asking
from tests.builders import NOW, a_checkout, a_product, an_address, new_id, pieces, placed_facts

UnitOfWorks = Callable[[], AbstractAsyncContextManager[PostgresUnitOfWork]]


@pytest.fixture
def sent() -> list[str]:
    """The first word of each statement that was sent."""
    return []


@pytest.fixture
async def counted(database_url: str, sent: list[str]) -> AsyncIterator[UnitOfWorks]:
    async with open_pool(database_url, 2, on_statement=lambda sql: sent.append(sql.split()[0])) as pool:

        @asynccontextmanager
        async def opened() -> AsyncIterator[PostgresUnitOfWork]:
            async with PostgresUnitOfWork(pool) as uow:
                yield uow
            await asyncio.sleep(0)  # asyncpg tells its loggers in the loop's next turn

        yield opened


async def test_reading_needs_no_transaction(counted: UnitOfWorks, sent: list[str]) -> None:
    async with counted() as uow:
        await uow.orders.get(placed_facts().order.id)
        await uow.commit()
    assert sent == ["SELECT"]


async def test_a_claim_to_a_key_costs_no_statement_of_its_own(
    counted: UnitOfWorks, pool: Connections, sent: list[str]
) -> None:
    order_id = placed_facts().order.id
    with PostgresIdempotencyStore(pool).claiming("scope", new_id("key"), b"same", NOW) as claim:
        async with counted() as uow:
            await uow.orders.get(order_id)
            await uow.orders.get(order_id)
        await claim.settle()
    assert sent == ["WITH", "SELECT"]


async def test_a_unit_of_work_that_does_nothing_takes_no_connection(
    counted: UnitOfWorks, sent: list[str]
) -> None:
    async with counted() as uow:
        await uow.commit()
    assert sent == []


async def test_a_single_write_is_a_transaction_by_itself(counted: UnitOfWorks, sent: list[str]) -> None:
    async with counted() as uow:
        await uow.checkouts.add(a_checkout())
        await uow.commit()
    assert sent == ["INSERT"]


async def test_a_write_that_is_not_committed_is_not_even_sent(counted: UnitOfWorks, sent: list[str]) -> None:
    async with counted() as uow:
        await uow.checkouts.add(a_checkout())
    assert sent == []


async def test_a_webhook_is_stored_in_one_statement(counted: UnitOfWorks, sent: list[str]) -> None:
    notice = WebhookNotice(
        provider="stripe", event_id=new_id("evt"), event_type="charge.captured", payment_reference="pi_1"
    )
    async with counted() as uow:
        assert await uow.inbox.add(new_id("whk"), notice, b"{}", NOW)
        await uow.commit()
    async with counted() as uow:
        assert not await uow.inbox.add(new_id("whk"), notice, b"{}", NOW)
        await uow.commit()
    assert sent == ["INSERT", "INSERT"]


async def test_placing_an_order_takes_one_statement(counted: UnitOfWorks, sent: list[str]) -> None:
    sku = new_id("sku")
    async with counted() as uow:
        await uow.stock.receive(pieces(**{sku: 1}))
        await uow.commit()
    sent.clear()
    async with counted() as uow:
        await uow.stock.hold(pieces(**{sku: 1}), at_once=False)
        await uow.orders.add(placed_facts(), NOW)
        await uow.checkouts.add(a_checkout())
        await uow.commit()
    assert sent == ["WITH"]


async def test_an_order_is_written_in_one_statement_however_much_is_new(
    counted: UnitOfWorks, sent: list[str]
) -> None:
    facts = placed_facts()
    async with counted() as uow:
        await uow.orders.add(facts, NOW)
        await uow.commit()
    before = facts.as_stored(1)
    after = before.attempt_ended(before.attempts[0].succeeded(), NOW).stock_confirmed(NOW)
    async with counted() as uow:
        await uow.orders.save(before, after.completed(new_id("msg"), NOW), None)
        await uow.commit()
    assert sent == ["WITH", "WITH"]


async def test_products_and_what_is_free_of_them_are_read_together(
    counted: UnitOfWorks, sent: list[str]
) -> None:
    sold, unknown = new_id("sku"), Sku(new_id("sku"))
    async with counted() as uow:
        await uow.catalog.put([a_product(sold)])
        await uow.stock.receive(pieces(**{sold: 3}))
        await uow.commit()
    sent.clear()
    async with counted() as uow:
        await uow.catalog.products([Sku(sold)])
        assert await uow.stock.free([Sku(sold)]) == {sold: 3}
    assert sent == ["SELECT"]
    async with counted() as uow:
        await uow.catalog.products([Sku(sold)])
        await uow.stock.hold(pieces(**{sold: 1}))
        assert await uow.stock.free([Sku(sold)]) == {sold: 2}
    async with counted() as uow:
        await uow.catalog.products([unknown])
        assert await uow.stock.free([unknown]) == {}


async def test_a_large_catalog_is_imported_at_once(counted: UnitOfWorks, sent: list[str]) -> None:
    prefix = new_id("sku")
    products = [a_product(f"{prefix}-{number}") for number in range(20_000)]
    async with counted() as uow:
        await uow.catalog.put(products)
        await uow.commit()
    assert len(sent) <= 8
    async with counted() as uow:
        assert len(await uow.catalog.products([product.sku for product in products])) == 20_000


@pytest.mark.parametrize(
    "statement",
    [
        order_statements.GET,
        CLAIM,
        along(order_statements.GET),
        order_statements.ID_OF_CHECKOUT,
        order_statements.ID_OF_PAYMENT,
        order_statements.DUE,
        books.OF_ORDERS,
        books.ORDERS_OF_PAYMENTS,
        order_statements.saving(
            frozenset({"payments_changed", "attempts_changed", "reservations_changed", "log"}), None
        ),
        order_statements.saving(frozenset({"payments_changed_alone", "attempts_changed_alone"}), None),
        order_statements.saving(frozenset({"attempts_alone", "log"}), Moving(CONFIRM, single=True)),
        order_statements.saving(frozenset({"log", order_statements.ANSWERED}), None),
        order_statements.saving(frozenset({"log"}), Moving(CONFIRM, single=False)),
        order_statements.adding(frozenset({"log", "cart_added"}), Moving(HOLD, single=False)),
        order_statements.adding(frozenset({"log", "cart_saved"}), Moving(HOLD, single=True)),
        operator_lists.cases_in(frozenset({CaseState.OPEN, CaseState.ASSIGNED})),
        operator_lists.CASE,
        operator_lists.PARKED,
        operator_lists.ONE_PARKED,
    ],
    ids=[
        *(
            "get",
            "claim",
            "get with claim",
            "id of checkout",
            "id of payment",
            "due",
            "books",
            "orders of payments",
            "save",
            "save one of each",
            "move",
            "save with answer",
            "move several",
            "buy",
            "place",
        ),
        *("unresolved cases", "case", "parked work", "one parked"),
    ],
)
async def test_orders_are_found_by_key(pool: Connections, statement: Statement) -> None:
    """A plan that scans a table, or an index for want of its first column, is a checkout that gets slower
    with every order. Plans that are made while tables are empty stay for as long as nobody analyzes them.
    """
    async with pool.lent() as connection:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE examined AS {statement.sql}")
        count = statement.sql.count("::")  # at least as many as there are parameters
        parameters = await connection.fetchval(
            "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'examined'"
        )
        assert parameters <= count
        nulls = ", ".join(["NULL"] * parameters)
        rows = await connection.fetch(f"EXPLAIN EXECUTE examined({nulls})")
        await connection.execute("DEALLOCATE examined")
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan" not in plan, plan
    assert "Join Filter" not in plan, plan


class QuotingShop:
    """Checkouts on a counted PostgreSQL, delivered at flat rates; or by carriers, whose quotes are held."""

    def __init__(self, counted: UnitOfWorks, *, carriers: bool = False) -> None:
        clock, ups = SystemClock(), InMemoryDeliveryRates(carrier="ups")
        rules = ShopRules(delivery_quotes_hold=HELD_FOR) if carriers else ShopRules()
        rates = asking({Flag.UPS: ups}, clock=clock) if carriers else FlatDeliveryRates()
        quote = QuoteCart(rates, TaxTable(), clock, rules)
        as_typed = CheckAddress(FlaggedPlaces(InMemoryFlags(), None), clock)
        self.open = OpenCheckout(counted, quote, as_typed, clock, rules)
        self.change = ChangeCheckout(counted, quote, as_typed, clock)
        self.options = QuoteDelivery(counted, rates, clock, rules)
        self.chosen = "ups_standard" if carriers else "standard"


@pytest.mark.parametrize(
    ("carriers", "statements"),
    [
        (False, ["SELECT", "SELECT", "UPDATE"]),
        (True, ["SELECT", "SELECT", "INSERT", "SELECT", "SELECT", "UPDATE"]),
    ],
    ids=["flat rates", "carriers"],
)
async def test_only_a_shop_with_carriers_keeps_quotes(
    counted: UnitOfWorks, sent: list[str], carriers: bool, statements: list[str]
) -> None:
    """Looking at the offers and choosing one: the same statements as ever where nobody has to be held to a
    price.
    """
    sku = Sku(new_id("sku"))
    async with counted() as uow:
        await uow.catalog.put([a_product(sku)])
        await uow.stock.receive(pieces(**{sku: 3}))
        await uow.commit()
    shop = QuotingShop(counted, carriers=carriers)
    draft = CartDraft(lines=(DraftLine(sku=sku, quantity=1),), shipping_address=an_address())
    checkout = (await shop.open(Currency.of("EUR"), draft)).checkout
    sent.clear()
    await shop.options(checkout.id, None)
    patch = CartPatch(delivery_option_id=shop.chosen)
    await shop.change(CheckoutChange(checkout_id=checkout.id, content=patch))
    assert sent == statements
