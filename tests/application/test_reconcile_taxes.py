"""The tax service's books, compared with what was sold and given back: what is missing or differs is told
again, and a service that is away keeps nobody from comparing the money.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.events import EventKind
from domain.identifiers import OrderId, RefundId
from domain.money import Money
from domain.order_facts import OrderFacts
from domain.period import Period, day_before
from domain.reconciliation import Done, FindingKind, Reconciliation
from domain.tax_report import TaxReport, refund_reports, sale_report
from domain.values import replace
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from tests.application.shop import Shop
from tests.application.test_taxes import TaxedShop, events_of

EUR_1 = Money.of(1, "EUR")


@pytest.fixture
async def shop() -> TaxedShop:
    return await TaxedShop().stocked()


async def sold_and_refunded(shop: TaxedShop) -> OrderFacts:
    """An order of this day, one refund of it, and books that know of both."""
    facts = await shop.refund(await shop.bought(), 1000)
    assert not (await shop.sweep()).failures
    shop.clock.advance(timedelta(hours=2))
    return facts


async def reconciled(shop: Shop, *, dry_run: bool = False) -> list[tuple[FindingKind, str, Done]]:
    """What is found about the day on which the shop was opened."""
    report = await report_of(shop, dry_run=dry_run)
    return [(finding.kind, finding.subject_id, finding.done) for finding in report.findings]


async def report_of(shop: Shop, *, dry_run: bool = False) -> Reconciliation:
    return await shop.reconcile(day_before(shop.clock.now() + timedelta(days=1)), dry_run=dry_run)


def is_up_to_date(shop: TaxedShop, facts: OrderFacts) -> bool:
    expected = (sale_report(facts.sale, None), *refund_reports(facts.sale, None))
    return dict(shop.tax_books.books) == {report.id: report for report in expected}


async def test_books_that_agree_are_left_alone(shop: TaxedShop) -> None:
    facts = await sold_and_refunded(shop)
    assert await reconciled(shop) == []
    assert is_up_to_date(shop, facts)
    assert not (await shop.sweep()).found


def _lost_sale(shop: TaxedShop, facts: OrderFacts) -> str:
    shop.tax_books.lose(facts.order.id)
    return facts.order.id


def _lost_refund(shop: TaxedShop, facts: OrderFacts) -> str:
    shop.tax_books.lose(facts.refunds[0].id)
    return facts.refunds[0].id


def _changed_sale(shop: TaxedShop, facts: OrderFacts) -> str:
    shop.tax_books.write(replace(shop.tax_books.books[facts.order.id], tax=EUR_1))
    return facts.order.id


def _changed_refund(shop: TaxedShop, facts: OrderFacts) -> str:
    shop.tax_books.write(replace(shop.tax_books.books[facts.refunds[0].id], tax=EUR_1))
    return facts.refunds[0].id


Spoil = Callable[[TaxedShop, OrderFacts], str]
AMISS = [
    (_lost_sale, FindingKind.TAX_REPORT_MISSING),
    (_lost_refund, FindingKind.TAX_REPORT_MISSING),
    (_changed_sale, FindingKind.TAX_REPORT_DIFFERS),
    (_changed_refund, FindingKind.TAX_REPORT_DIFFERS),
]


@pytest.mark.parametrize(("spoil", "kind"), AMISS)
async def test_what_is_amiss_is_told_again_and_then_found_no_more(
    shop: TaxedShop, spoil: Spoil, kind: FindingKind
) -> None:
    facts = await sold_and_refunded(shop)
    subject = spoil(shop, facts)
    assert await reconciled(shop) == [(kind, subject, Done.REPAIRED)]
    assert not (await shop.sweep()).failures
    assert is_up_to_date(shop, facts)
    assert (EventKind.TAX_REPORT_AMISS, kind.value) in await events_of(shop, facts.order.id)
    assert await reconciled(shop) == []


@pytest.mark.parametrize(("spoil", "kind"), AMISS)
async def test_a_dry_run_tells_nobody_anything(shop: TaxedShop, spoil: Spoil, kind: FindingKind) -> None:
    facts = await sold_and_refunded(shop)
    subject = spoil(shop, facts)
    assert await reconciled(shop, dry_run=True) == [(kind, subject, Done.LEFT)]
    assert not (await shop.sweep()).found
    assert not is_up_to_date(shop, facts)


async def test_an_order_with_several_things_amiss_is_told_once(shop: TaxedShop) -> None:
    facts = await sold_and_refunded(shop)
    _lost_sale(shop, facts)
    _changed_refund(shop, facts)
    assert len(await reconciled(shop)) == 2
    assert (await shop.sweep()).found == 1
    assert is_up_to_date(shop, facts)


async def test_a_refund_that_came_back_does_not_stay_in_the_books(shop: TaxedShop) -> None:
    facts = await sold_and_refunded(shop)
    (refund,) = facts.refunds
    told = shop.tax_books.books[refund.id]
    back = await shop.advance.record(
        facts.order.id, lambda now: now.refund_failed(refund.id, shop.clock.now())
    )
    await shop.sweep()
    shop.tax_books.write(told)
    found = await reconciled(shop)
    assert (FindingKind.TAX_REPORT_DIFFERS, refund.id, Done.REPAIRED) in found
    await shop.sweep()
    assert is_up_to_date(shop, back)


async def test_a_parked_report_is_taken_up_again(shop: TaxedShop) -> None:
    shop.plan("report", Rejected("no"))
    facts = await shop.bought()
    await shop.sweep()
    assert shop.parked() == ["no"]
    shop.clock.advance(timedelta(hours=2))
    missing = (FindingKind.TAX_REPORT_MISSING, facts.order.id, Done.REPAIRED)
    assert await reconciled(shop) == [missing]
    await shop.sweep()
    assert is_up_to_date(shop, facts)


async def test_what_was_sold_just_now_may_still_be_on_its_way(shop: TaxedShop) -> None:
    await shop.bought()
    shop.clock.advance(timedelta(minutes=59))
    assert await reconciled(shop) == []


async def test_reports_of_orders_that_are_not_ours_are_shown_to_a_person(shop: TaxedShop) -> None:
    facts = await sold_and_refunded(shop)
    sale = shop.tax_books.books[facts.order.id]
    order_id, refund_id = OrderId(shop.clock.new_id("ord")), RefundId(shop.clock.new_id("ref"))
    shop.tax_books.write(replace(sale, id=order_id))
    shop.tax_books.write(replace(sale, id=refund_id, refund_of=order_id))
    shop.tax_books.write(replace(sale, id="of-another-channel"))
    assert await reconciled(shop) == [
        (FindingKind.TAX_REPORT_WITHOUT_ORDER, order_id, Done.UNRESOLVED),
        (FindingKind.TAX_REPORT_WITHOUT_ORDER, refund_id, Done.UNRESOLVED),
    ]


async def test_an_hour_of_a_day_blames_nothing_on_the_rest_of_it(shop: TaxedShop) -> None:
    await sold_and_refunded(shop)
    now = shop.clock.now()
    report = await shop.reconcile(Period(since=now - timedelta(minutes=5), until=now))
    assert report.findings == ()


async def test_orders_that_our_own_table_taxed_are_expected_nowhere(shop: TaxedShop) -> None:
    ours = await Shop().stocked()
    await ours.bought()
    ours.clock.advance(timedelta(hours=2))
    assert await reconciled(ours) == []
    unpaid = await shop.placed()
    await shop.after(unpaid.order.id, timedelta(hours=2))
    assert await reconciled(shop) == []
    assert unpaid.order.id not in shop.tax_books.books


@pytest.mark.parametrize("operation", ["reported", "agrees_with"])
@pytest.mark.parametrize("error", [Unavailable("away"), OutcomeUnknown("lost"), Rejected("taxjar_400")])
async def test_a_service_that_is_away_keeps_nobody_from_comparing_the_money(
    shop: TaxedShop, operation: str, error: PortError
) -> None:
    facts = await sold_and_refunded(shop)
    shop.plan(operation, error)
    report = await report_of(shop)
    (finding,) = report.findings
    assert (finding.kind, finding.subject_id) == (FindingKind.TAX_BOOKS_AWAY, "books")
    assert finding.done is Done.LEFT
    assert finding.theirs in {"away", "lost", "taxjar_400"}
    assert report.summary.counts.payments == 1
    assert report.summary.outcomes.needs_person
    assert is_up_to_date(shop, facts)


async def test_each_report_is_compared_with_its_own_amounts(shop: TaxedShop) -> None:
    facts = await sold_and_refunded(shop)
    _lost_sale(shop, facts)
    (finding,) = (await report_of(shop)).findings
    assert finding.ours == "17.00 EUR net, 3.23 EUR tax"
    assert isinstance(sale_report(facts.sale, None), TaxReport)
