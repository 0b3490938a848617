"""What every tax service's books promise, on the fake and on TaxJar's adapter."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from adapters.in_memory.faults import Moment
from adapters.in_memory.tax_reports import InMemoryTaxReports
from adapters.resilience.policies import TAXJAR
from adapters.taxjar.tax_reports import TaxJarTaxReports
from domain.identifiers import RefundId
from domain.tax import TaxExemption
from domain.tax_report import TaxReport
from domain.values import replace
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from ports.tax_reports import TaxReports
from tests.contracts.taxes.calculators import settings
from tests.contracts.taxes.reports import BERLIN, WHEN, a_line, a_refund_of, a_sale, usd
from tests.contracts.vendor_calls import client_under
from tests.sandbox.server import RunningSandbox

DAY = WHEN.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The port; the taxes that stand in the books, by id; and ways to spoil them by hand."""

    reports: TaxReports
    taxes: Callable[[], Mapping[str, int]]
    falsify: Callable[[TaxReport], None]
    lose: Callable[[TaxReport], None]
    fail: Callable[[str], None]


class Trouble:
    def __init__(self) -> None:
        self._planned: dict[Moment, PortError] = {}

    def plan(self, kind: str) -> None:
        match kind:
            case "429":
                self._planned["before"] = Unavailable("rate_limited")
            case "500":
                self._planned["before"] = OutcomeUnknown("failed")
            case _:
                self._planned["after"] = OutcomeUnknown("failed")

    def __call__(self, operation: str, moment: Moment) -> None:
        if moment in self._planned:
            raise self._planned.pop(moment)


@pytest.fixture(params=["fake", "taxjar"])
async def books(request: pytest.FixtureRequest, vendors: RunningSandbox) -> AsyncIterator[Books]:
    if request.param == "fake":
        trouble = Trouble()
        fake = InMemoryTaxReports(trouble)
        yield Books(
            reports=fake,
            taxes=lambda: {key: report.tax.minor for key, report in fake.books.items()},
            falsify=lambda report: fake.write(replace(report, tax=usd(1))),
            lose=lambda report: fake.lose(report.id),
            fail=trouble.plan,
        )
        return
    control = "/_control/taxjar/transactions"

    def taxes() -> Mapping[str, int]:
        shown = vendors.control.get(control).json()
        return {record["transaction_id"]: abs(round(float(record["sales_tax"]) * 100)) for record in shown}

    def fail(kind: str) -> None:
        # A 429 is tried again by the transport, twice.
        times = 3 if kind == "429" else 1
        vendors.fault("orders.create", kind, vendor="taxjar", times=times)

    async with client_under(TAXJAR) as http:
        yield Books(
            reports=TaxJarTaxReports(http, settings(f"{vendors.url}/taxjar")),
            taxes=taxes,
            falsify=lambda report: (
                vendors.control.post(f"{control}/{report.id}/falsify", json={"sales_tax": "0.01"})
                .raise_for_status()
                .close()
            ),
            lose=lambda report: vendors.control.delete(f"{control}/{report.id}").raise_for_status().close(),
            fail=fail,
        )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"lines": ()},
        {"origin": BERLIN, "destination": BERLIN},
        {"exemption": TaxExemption.GOVERNMENT, "tax": usd(0)},
        {"lines": (a_line(quantity=1, unit_price=usd(1), discount=usd(0), tax=usd(0)),), "tax": usd(0)},
        {"lines": (a_line(tax_code="a code that nobody knows", title="Ærø – 手"),)},
    ],
    ids=["plain", "delivery alone", "in Germany", "exempt", "a cent", "words"],
)
async def test_what_was_told_stands_in_the_books(books: Books, changes: dict[str, object]) -> None:
    sale = a_sale(**changes)
    assert not await books.reports.agrees_with(sale)
    await books.reports.report(sale)
    assert books.taxes() == {sale.id: sale.tax.minor}
    assert await books.reports.agrees_with(sale)


async def test_a_repeat_changes_nothing(books: Books) -> None:
    sale = a_sale()
    refund = a_refund_of(sale)
    for report in (sale, refund, sale, refund):
        await books.reports.report(report)
    assert books.taxes() == {sale.id: 217, refund.id: 82}
    assert await books.reports.agrees_with(sale)
    assert await books.reports.agrees_with(refund)


async def test_what_differs_is_written_over(books: Books) -> None:
    sale = a_sale()
    refund = a_refund_of(sale)
    for report in (sale, refund):
        await books.reports.report(report)
        books.falsify(report)
        assert not await books.reports.agrees_with(report)
        await books.reports.report(report)
        assert await books.reports.agrees_with(report)
    smaller = replace(sale, lines=sale.lines[:1], tax=usd(200))
    assert not await books.reports.agrees_with(smaller)
    await books.reports.report(smaller)
    assert books.taxes() == {sale.id: 200, refund.id: 82}


@pytest.mark.parametrize(
    "changes",
    [
        {"tax": usd(218)},
        {"delivery": usd(600)},
        {"at": WHEN + timedelta(seconds=1)},
        {"destination": BERLIN},
        {"exemption": TaxExemption.OTHER},
        {"lines": ()},
        {"lines": (a_line(), a_line("TEA", discount=usd(0), tax=usd(0)))},
    ],
)
async def test_every_difference_that_matters_is_seen(books: Books, changes: dict[str, Any]) -> None:
    sale = a_sale()
    await books.reports.report(sale)
    assert not await books.reports.agrees_with(replace(sale, **changes))


async def test_a_shop_that_moved_has_told_the_same(books: Books) -> None:
    sale = a_sale()
    await books.reports.report(sale)
    assert await books.reports.agrees_with(replace(sale, origin=BERLIN))


async def test_a_refund_can_be_withdrawn_again_and_again(books: Books) -> None:
    sale = a_sale()
    refund = a_refund_of(sale)
    await books.reports.report(sale)
    await books.reports.report(refund)
    for _ in range(2):
        await books.reports.withdraw(RefundId(refund.id))
        assert books.taxes() == {sale.id: 217}


async def test_the_books_are_listed_by_days(books: Books) -> None:
    sale = a_sale()
    refund = a_refund_of(sale, at=WHEN + timedelta(days=1))
    earlier = a_sale(at=WHEN - timedelta(days=30))
    for report in (sale, refund, earlier):
        await books.reports.report(report)
    assert await books.reports.reported(DAY, DAY) == {sale.id}
    assert await books.reports.reported(DAY, DAY + timedelta(days=1)) == {sale.id, refund.id}
    assert await books.reports.reported(date(2020, 1, 1), date(2020, 1, 2)) == frozenset()
    books.lose(sale)
    assert await books.reports.reported(DAY, DAY) == frozenset()


@pytest.mark.parametrize(
    ("kind", "meaning", "written"),
    [("429", Unavailable, False), ("500", OutcomeUnknown, False), ("lost", OutcomeUnknown, True)],
)
async def test_a_failure_is_told_by_what_may_have_been_written_and_it_can_be_told_again(
    books: Books, kind: str, meaning: type[PortError], written: bool
) -> None:
    sale = a_sale()
    books.fail(kind)
    with pytest.raises(meaning):
        await books.reports.report(sale)
    assert (sale.id in books.taxes()) is written
    await books.reports.report(sale)
    assert await books.reports.agrees_with(sale)


async def test_an_id_that_something_else_has_is_refused(books: Books) -> None:
    sale = a_sale()
    refund = a_refund_of(sale, id=sale.id)
    await books.reports.report(sale)
    with pytest.raises(Rejected):
        await books.reports.report(refund)
    assert await books.reports.agrees_with(sale)
