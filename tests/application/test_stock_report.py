"""The stock report: what our orders and the inventory service say of the same goods."""

from datetime import timedelta

import pytest

from application.cancel_order import Cancellation
from application.report_shortage import ShortageReport
from application.request_refund import RefundRequest
from application.stock_report import ReportStock, ServiceAway, StockReport
from domain.identifiers import AttemptId, RefundId, ShortageId
from domain.order import ClosingReason
from domain.order_facts import OrderFacts
from domain.period import Period
from domain.refund import RefundedLine
from domain.shop import StockKeeper
from domain.stock_comparison import StockDifference
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from ports.inventory import HoldRequest
from tests.application.shop import TEA, WORKS, Shop

SILENT = OutcomeUnknown("timeout")


@pytest.fixture
async def shop() -> Shop:
    return await Shop(stock_keeper=StockKeeper.SERVICE).stocked()


async def give_back(shop: Shop, bought: OrderFacts, quantity: int) -> None:
    back = (RefundedLine(line_id=bought.order.lines[0].id, quantity=quantity),)
    await shop.request_refund(
        RefundRequest(order_id=bought.order.id, refund_id=RefundId("ref_1"), lines=back, restock=back)
    )


async def report(shop: Shop) -> StockReport:
    now = shop.clock.now()
    period = Period(since=now - timedelta(days=1), until=now + timedelta(seconds=1))
    return await ReportStock(shop.unit_of_work, shop.queries, shop.inventory, shop.clock)(period)


async def test_orders_that_agree_with_the_service_leave_nothing_to_say(shop: Shop) -> None:
    await shop.bought()
    await shop.placed()
    called_off = await shop.placed()
    await shop.cancel(Cancellation(order_id=called_off.order.id, reason=ClosingReason.SHOPPER))
    shop.stock_keeper = StockKeeper.BUILT_IN
    reported = await report(shop)
    assert (reported.orders, reported.under_way, reported.was_compared) == (3, 0, True)
    assert reported.findings == ()


async def test_pieces_that_came_back_are_to_be_booked_back(shop: Shop) -> None:
    bought = await shop.tries(await shop.placed(quantity=3), WORKS)
    await give_back(shop, bought, 2)
    (finding,) = (await report(shop)).findings
    assert (finding.difference, finding.sku, finding.pieces) == (StockDifference.TO_BOOK_BACK, TEA, 2)


async def test_pieces_that_were_sold_for_an_order_that_ended_unpaid_are_to_be_booked_back(
    shop: Shop,
) -> None:
    shop.faults.planned.append(("confirm_hold", "after", SILENT))
    bought = await shop.bought()
    await shop.cancel(Cancellation(order_id=bought.order.id, reason=ClosingReason.MERCHANT))
    for _ in range(6):
        await shop.after(bought.order.id, timedelta(seconds=30))
    (finding,) = (await report(shop)).findings
    assert (finding.difference, finding.pieces) == (StockDifference.TO_BOOK_BACK, 1)


async def test_a_piece_that_cannot_be_shipped_is_to_be_booked_back(shop: Shop) -> None:
    placed = await shop.placed(quantity=3)
    await shop.report_shortage(
        ShortageReport(
            order_id=placed.order.id,
            shortage_id=ShortageId("sho_1"),
            lines=(RefundedLine(line_id=placed.order.lines[0].id, quantity=1),),
            write_off=False,
        )
    )
    await shop.tries(placed, WORKS)
    (finding,) = (await report(shop)).findings
    assert (finding.difference, finding.pieces) == (StockDifference.TO_BOOK_BACK, 1)


async def test_a_hold_that_only_one_side_knows_is_told(shop: Shop) -> None:
    placed = await shop.placed()
    shop.inventory.forget(placed.order.id)
    (finding,) = (await report(shop)).findings
    assert finding.difference is StockDifference.HELD_HERE_ONLY
    request = HoldRequest(order_id=placed.order.id, goods=placed.order.goods(), duration=timedelta(minutes=9))
    for key in ("att_a", "att_b"):
        await shop.inventory.reserve(request, AttemptId(key))
    (finding,) = (await report(shop)).findings
    assert finding.difference is StockDifference.HELD_THERE_ONLY


async def test_a_sale_that_only_one_side_knows_is_told(shop: Shop) -> None:
    placed = await shop.placed()
    assert placed.reservation is not None
    assert placed.reservation.service is not None
    reference = placed.reservation.service.reference
    assert reference is not None
    await shop.inventory.confirm(reference, placed.order.id, AttemptId("att_a"))
    found = {finding.difference for finding in (await report(shop)).findings}
    assert found == {StockDifference.HELD_HERE_ONLY, StockDifference.SOLD_THERE_ONLY}
    bought = await shop.bought()
    shop.inventory.forget(bought.order.id)
    found = {finding.difference for finding in (await report(shop)).findings}
    assert StockDifference.SOLD_HERE_ONLY in found


async def test_an_order_whose_hold_is_in_doubt_is_not_compared(shop: Shop) -> None:
    shop.faults.planned.append(("reserve", "after", SILENT))
    await shop.placed()
    reported = await report(shop)
    assert (reported.orders, reported.under_way, reported.findings) == (1, 1, ())


async def test_a_service_that_cannot_be_asked_leaves_what_our_own_records_say(shop: Shop) -> None:
    shop.faults.planned += [("find_holds", "before", Rejected("not_asked"))] * 9
    bought = await shop.bought()
    await give_back(shop, bought, 1)
    reported = await report(shop)
    assert not reported.was_compared
    assert [finding.difference for finding in reported.findings] == [StockDifference.TO_BOOK_BACK]


async def test_there_is_no_report_without_the_service_s_word(shop: Shop) -> None:
    shop.faults.planned.append(("find_holds", "before", Unavailable("not_connected")))
    await shop.bought()
    with pytest.raises(ServiceAway, match="not_connected"):
        await report(shop)
