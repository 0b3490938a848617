"""`fastcart stock-report`: the goods of a period's orders beside what the inventory service says of them."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from rich.console import Console

from application.stock_report import ServiceAway, StockReport
from domain.errors import FieldRefused
from domain.period import Period, day_before
from domain.stock_comparison import StockDifference
from entrypoints.cli.administration import failures_explained
from entrypoints.cli.endings import NotDone
from entrypoints.cli.screens import Listing, screen
from entrypoints.container import Container
from entrypoints.resources import open_resources
from entrypoints.settings import Settings

_MEANINGS: Final = {
    StockDifference.HELD_THERE_ONLY: "held at the service, and for no order of ours",
    StockDifference.HELD_HERE_ONLY: "held by our records, but not at the service",
    StockDifference.SOLD_THERE_ONLY: "sold at the service, but not by our records",
    StockDifference.SOLD_HERE_ONLY: "sold by our records, but not at the service",
    StockDifference.TO_BOOK_BACK: "sold at the service, and with no shopper: book it back there",
}


def report_stock(settings: Settings, since: datetime | None, until: datetime | None) -> int:
    """The exit code: 0 if all agrees, 1 if somebody has to look.

    Raises NotDone if the service could not be asked, and for a period or settings that make no sense.
    """
    if settings.inventory is None:
        raise NotDone("No inventory service is set up (INVENTORY_URL): all stock is our own.")
    period = _period(since, until)
    try:
        with failures_explained():
            report = asyncio.run(_reported(settings, period))
    except ServiceAway as away:
        raise NotDone(f"The inventory service did not answer ({away.reason}); try again later.") from None
    _show(report, screen())
    return 1 if report.findings else 0


async def _reported(settings: Settings, period: Period) -> StockReport:
    async with open_resources(settings) as resources:
        return await Container(settings=settings, resources=resources).report_stock()(period)


def _period(since: datetime | None, until: datetime | None) -> Period:
    yesterday = day_before(datetime.now(UTC))
    try:
        return Period(since=_in_utc(since or yesterday.since), until=_in_utc(until or datetime.now(UTC)))
    except FieldRefused as refused:
        raise NotDone(f"--until must be {refused.rule}.") from None


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _show(report: StockReport, console: Console) -> None:
    period = f"{report.period.since:%Y-%m-%d %H:%M} to {report.period.until:%Y-%m-%d %H:%M} UTC"
    console.print(f"{report.orders} orders with goods at the inventory service, placed {period}")
    if report.under_way:
        console.print(f"{report.under_way} of them are under way and were not compared")
    if not report.was_compared:
        console.print("The service can't be asked for its holds: this is what our own records say.")
    if not report.findings:
        console.print("No differences.")
        return
    listing = Listing(("order",), ("goods", "pieces", "what"))
    for finding in report.findings:
        listing.add((finding.order_id,), finding.sku, str(finding.pieces), _MEANINGS[finding.difference])
    listing.print_on(console)
