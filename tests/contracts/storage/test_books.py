"""What a comparison reads: orders of a period, their books as of one moment, and stock over all orders."""

from dataclasses import replace
from datetime import timedelta

from domain import journal
from domain.identifiers import OrderId, Sku
from domain.journal import Account
from domain.news import News
from domain.order_facts import OrderFacts
from domain.period import Period
from domain.refund import RefundedLine, RefundState
from domain.reservation import ReservationState
from ports.books import StockGap
from ports.stock import StockLevel
from tests.builders import (
    NOW,
    a_cart_line,
    a_dispute,
    a_payment,
    a_refund,
    a_reservation,
    a_service_hold,
    a_share,
    a_shortage,
    an_order,
    eur,
    pieces,
    placed_facts,
    priced,
)
from tests.contracts.storage.conftest import Storage

HOUR = timedelta(hours=1)
NEXT_DAY = Period(since=NOW + 24 * HOUR, until=NOW + 48 * HOUR)


async def test_an_order_moves_when_it_is_placed_and_when_money_is_asked_for_given_back_or_disputed(
    storage: Storage,
) -> None:
    quiet = await storage.keep(placed_facts())
    late_payment = placed_facts()
    payment = a_payment(late_payment.order, created_at=NEXT_DAY.since)
    await storage.keep(replace(late_payment, payments=(*late_payment.payments, payment)))
    late_refund = placed_facts()
    refund = a_refund(late_refund.payments[0], created_at=NEXT_DAY.until - timedelta(microseconds=1))
    await storage.keep(replace(late_refund, refunds=(refund,)))
    late_dispute = placed_facts()
    dispute = a_dispute(late_dispute.payments[0], opened_at=NEXT_DAY.since)
    await storage.keep(replace(late_dispute, disputes=(dispute,)))
    placed_later = await storage.keep(placed_facts(placed_at=NEXT_DAY.since + HOUR))
    placed_too_late = await storage.keep(placed_facts(placed_at=NEXT_DAY.until))
    moved = list(await storage.books.orders_moved(NEXT_DAY))
    assert moved == [
        late_payment.order.id,
        late_refund.order.id,
        late_dispute.order.id,
        placed_later.order.id,
    ]
    assert quiet.order.id in await storage.books.orders_moved(Period(since=NOW, until=NOW + HOUR))
    assert placed_too_late.order.id not in moved


async def test_the_orders_of_payments_are_found_by_the_providers_references(storage: Storage) -> None:
    known = {}
    for provider, reference in (("stripe", "pi_1"), ("stripe", "pi_2"), ("adyen", "pi_1")):
        facts = placed_facts()
        paid = replace(facts.payments[0], provider=provider, reference=reference)
        await storage.keep(replace(facts, payments=(paid,)))
        known[provider, reference] = facts.order.id
    found = await storage.books.orders_of_payments("stripe", ["pi_2", "pi_1", "pi_none"])
    assert found == {"pi_1": known["stripe", "pi_1"], "pi_2": known["stripe", "pi_2"]}
    assert await storage.books.orders_of_payments("stripe", []) == {}


async def test_the_books_of_orders_come_with_their_balances_and_their_time(storage: Storage) -> None:
    facts = placed_facts()
    entries = (
        journal.captured(facts.payments[0].id, facts.order.total, NOW),
        journal.sold(facts.order.id, facts.order.totals, NOW),
    )
    booked = await storage.keep(replace(facts, news=News(entries=entries)), due_at=NOW + HOUR)
    empty = await storage.keep(placed_facts())
    found = await storage.books.of_orders([empty.order.id, OrderId("ord_none"), booked.order.id])
    assert set(found) == {booked.order.id, empty.order.id}
    books = found[booked.order.id]
    assert (books.facts, books.due_at) == (booked, NOW + HOUR)
    assert dict(books.balances) == {
        Account.PROVIDER: 2023,
        Account.SHOPPER: 0,
        Account.SALES: -1200,
        Account.DELIVERY: -500,
        Account.TAX: -323,
    }
    assert (dict(found[empty.order.id].balances), found[empty.order.id].due_at) == ({}, None)


def an_order_of(sku: str, quantity: int, state: ReservationState) -> OrderFacts:
    order = an_order(lines=(priced(a_cart_line(sku=Sku(sku), quantity=quantity)),))
    return OrderFacts(
        order=order, payments=(a_payment(order),), reservation=a_reservation(order, state=state)
    )


async def stock_up(storage: Storage, sku: str, *, held: int, sold: int) -> None:
    """Ten pieces, so many of which somebody holds or has bought."""
    async with storage.unit_of_work() as uow:
        await uow.stock.receive(pieces(**{sku: 10}))
        await uow.stock.hold(pieces(**{sku: held + sold}))
        await uow.stock.confirm(pieces(**{sku: sold}))
        await uow.commit()


async def test_stock_that_orders_explain_has_no_gap(storage: Storage) -> None:
    await stock_up(storage, "MUG", held=3, sold=2)
    for quantity, state in (
        (3, ReservationState.HELD),
        (2, ReservationState.CONFIRMED),
        (5, ReservationState.RELEASED),
        (4, ReservationState.REFUSED),
    ):
        await storage.keep(an_order_of("MUG", quantity, state))
    assert list(await storage.books.stock_gaps()) == []


async def test_pieces_that_are_short_or_came_back_are_not_the_orders_any_more(storage: Storage) -> None:
    await stock_up(storage, "MUG", held=0, sold=4)
    facts = an_order_of("MUG", 6, ReservationState.CONFIRMED)
    line = facts.order.lines[0]
    refund = a_refund(
        facts.payments[0],
        amount=eur(1),
        state=RefundState.FAILED,
        shares=(a_share(line.id, pieces=3, net=1, tax=0),),
        restocked=(RefundedLine(line_id=line.id, quantity=1),),
    )
    shortage = a_shortage(facts.order, shares=(a_share(line.id, pieces=1), a_share(None, pieces=0)))
    await storage.keep(replace(facts, refunds=(refund,), shortages=(shortage,)))
    assert list(await storage.books.stock_gaps()) == []


async def test_the_latest_hold_is_the_one_that_counts(storage: Storage) -> None:
    await stock_up(storage, "MUG", held=0, sold=1)
    before = await storage.keep(an_order_of("MUG", 1, ReservationState.RELEASED))
    again = a_reservation(before.order, state=ReservationState.CONFIRMED)
    async with storage.unit_of_work() as uow:
        await uow.orders.save(before, replace(before, reservation=again), None)
        await uow.commit()
    assert list(await storage.books.stock_gaps()) == []


async def test_stock_that_no_order_explains_is_a_gap(storage: Storage) -> None:
    await stock_up(storage, "CUP", held=1, sold=0)
    await stock_up(storage, "MUG", held=2, sold=1)
    await storage.keep(an_order_of("MUG", 1, ReservationState.HELD))
    await storage.keep(an_order_of("MUG", 2, ReservationState.CONFIRMED))
    assert list(await storage.books.stock_gaps()) == [
        StockGap(
            level=StockLevel(sku=Sku("CUP"), received=10, held=1, sold=0), held_by_orders=0, sold_by_orders=0
        ),
        StockGap(
            level=StockLevel(sku=Sku("MUG"), received=10, held=2, sold=1), held_by_orders=1, sold_by_orders=2
        ),
    ]


async def test_goods_at_an_inventory_service_are_none_of_our_stock(storage: Storage) -> None:
    await stock_up(storage, "MUG", held=1, sold=1)
    for state in (ReservationState.HELD, ReservationState.CONFIRMED):
        ours = await storage.keep(an_order_of("MUG", 1, state))
        theirs = an_order_of("MUG", 5, state)
        await storage.keep(replace(theirs, reservation=a_service_hold(ours.order, state=state)))
    assert list(await storage.books.stock_gaps()) == []
