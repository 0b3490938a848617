"""Taxes from a service: a sale and its refunds are reported to it, once they are true, until it knows; an
estimate is told on the timeline.
"""

from datetime import timedelta
from typing import Any

import pytest

from adapters.in_memory.cache import InMemoryCache
from adapters.in_memory.tax_rates import InMemoryKnownTaxRates
from adapters.in_memory.taxes import InMemoryTaxCalculator
from adapters.taxes.remembered import RememberedTaxes
from application.place_order import Placement
from application.request_refund import RefundRequest
from domain.events import EventKind, MessageKind
from domain.identifiers import OrderId, RefundId
from domain.money import Money
from domain.order_facts import OrderFacts
from domain.refund import RefundState
from domain.tax_report import sale_report
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from ports.taxes import TaxCalculator
from tests.application.shop import EUR, WORKS, Shop, draft


class TaxedShop(Shop):
    """A shop whose taxes come from a service that wants to be told: 19 % in Germany, as in our table."""

    def taxes(self) -> TaxCalculator:
        service = InMemoryTaxCalculator(fault=self.faults, service="books")
        cache = InMemoryCache(self.clock)
        known = InMemoryKnownTaxRates()
        return RememberedTaxes(service, "books", cache=cache, known=known, clock=self.clock)

    def plan(self, operation: str, *errors: Any) -> None:
        self.faults.planned += [(operation, "before", error) for error in errors]

    async def refund(self, facts: OrderFacts, minor: int) -> OrderFacts:
        refund_id = RefundId(self.clock.new_id("ref"))
        amount = Money.of(minor, "EUR")
        return await self.request_refund(
            RefundRequest(order_id=facts.order.id, refund_id=refund_id, amount=amount)
        )

    def parked(self) -> list[str | None]:
        return [
            record.parked_because
            for record in self.storage.outbox.values()
            if record.content.kind is MessageKind.TAX_REPORT and record.parked_because
        ]


@pytest.fixture
async def shop() -> TaxedShop:
    return await TaxedShop().stocked()


async def test_a_sale_is_reported_once_it_is_paid(shop: TaxedShop) -> None:
    placed = await shop.placed()
    await shop.sweep()
    assert not shop.tax_books.books
    bought = await shop.tries(placed, WORKS)
    await shop.sweep()
    (report,) = shop.tax_books.books.values()
    assert report == sale_report(bought.sale, None)
    assert (report.net, report.tax) == (Money.of(1700, "EUR"), Money.of(323, "EUR"))


async def test_nothing_is_reported_of_a_shop_with_a_table_of_its_own() -> None:
    shop = await Shop().stocked()
    facts = await shop.bought()
    await shop.sweep()
    await shop.request_refund(RefundRequest(order_id=facts.order.id, refund_id=RefundId("ref_1")))
    await shop.sweep()
    assert not shop.tax_books.books
    assert {record.content.kind for record in shop.storage.outbox.values()} == {
        MessageKind.ORDER_CONFIRMATION
    }


async def test_every_refund_is_reported_with_its_share_of_the_tax(shop: TaxedShop) -> None:
    facts = await shop.bought()
    await shop.refund(facts, 1000)
    await shop.refund(facts, 1023)
    await shop.sweep()
    sale, *refunds = shop.tax_books.books.values()
    assert [refund.refund_of for refund in refunds] == [facts.order.id] * 2
    assert sum(refund.tax.minor for refund in refunds) == sale.tax.minor
    assert sum(refund.net.minor for refund in refunds) == sale.net.minor


async def test_a_refund_that_a_bank_sent_back_is_withdrawn(shop: TaxedShop) -> None:
    facts = await shop.refund(await shop.bought(), 1000)
    await shop.sweep()
    (refund,) = facts.refunds
    assert set(shop.tax_books.books) == {facts.order.id, refund.id}
    await shop.advance.record(facts.order.id, lambda now: now.refund_failed(refund.id, shop.clock.now()))
    await shop.sweep()
    assert set(shop.tax_books.books) == {facts.order.id}
    assert (await shop.facts(facts.order.id)).refunds[0].state is RefundState.FAILED


@pytest.mark.parametrize("error", [Unavailable("away"), OutcomeUnknown("lost")])
async def test_a_service_that_is_away_is_waited_for(shop: TaxedShop, error: Exception) -> None:
    shop.plan("report", error, error)
    facts = await shop.bought()
    await shop.sweep()
    assert not shop.tax_books.books
    await shop.after(facts.order.id, timedelta(minutes=1))
    assert not shop.tax_books.books
    await shop.after(facts.order.id, timedelta(minutes=5))
    assert set(shop.tax_books.books) == {facts.order.id}


async def test_a_shopper_reads_the_confirmation_whatever_the_service_says(shop: TaxedShop) -> None:
    shop.plan("report", Rejected("no"))
    await shop.bought()
    await shop.sweep()
    assert len(shop.mail.sent) == 1
    assert shop.parked() == ["no"]


async def test_a_day_is_waited_for_and_then_a_person_is(shop: TaxedShop) -> None:
    shop.plan("report", *[Unavailable("away")] * 8)
    facts = await shop.bought()
    await shop.sweep()
    for _ in range(30):
        await shop.after(facts.order.id, timedelta(hours=3))
    assert shop.parked() == ["away"]


async def test_an_order_of_a_service_that_is_gone_waits_for_a_person(shop: TaxedShop) -> None:
    facts = await shop.bought()
    shop.tax_services.clear()
    await shop.sweep()
    assert shop.parked() == ["tax_service_not_set_up"]
    assert facts.order.totals.tax_service == "books"


async def events_of(shop: Shop, order_id: OrderId) -> list[tuple[EventKind, str | None]]:
    return [(event.kind, event.detail) for event in await shop.queries.timeline(order_id)]


async def test_an_estimate_is_on_the_timeline_and_is_reported_like_any_other(shop: TaxedShop) -> None:
    await shop.open(EUR, draft())
    shop.plan("calculate", *[Unavailable("away")] * 2)
    facts = await shop.placed(WORKS, quantity=2)
    assert facts.order.totals.tax_estimated
    assert (EventKind.TAX_ESTIMATED, "books") in await events_of(shop, facts.order.id)
    await shop.sweep()
    assert set(shop.tax_books.books) == {facts.order.id}


async def test_an_exact_tax_is_not_mentioned(shop: TaxedShop) -> None:
    facts = await shop.bought()
    assert not facts.order.totals.tax_estimated
    kinds = [kind for kind, _ in await events_of(shop, facts.order.id)]
    assert EventKind.TAX_ESTIMATED not in kinds


async def test_an_estimate_that_comes_true_while_placing_needs_no_new_consent(shop: TaxedShop) -> None:
    await shop.open(EUR, draft())
    shop.plan("calculate", Unavailable("away"))
    opened = await shop.open(EUR, draft(2))
    totals = opened.checkout.pricing.totals
    assert totals.tax_estimated
    placement = Placement(checkout_id=opened.checkout.id, version=1, accepted_total_minor=totals.total.minor)
    placed = await shop.place_order(placement)
    assert placed.order.total == totals.total
    assert not placed.order.totals.tax_estimated


async def test_a_tax_that_was_never_known_is_not_made_up(shop: TaxedShop) -> None:
    shop.plan("calculate", Unavailable("away"))
    with pytest.raises(Unavailable):
        await shop.open(EUR, draft())
    assert not shop.storage.checkouts
