"""`fastcart reconcile`: a period is compared with the provider, and the report printed."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from application.reconcile import Reconcile
from domain.errors import FieldRefused
from domain.period import Period, day_before
from domain.reconciliation import Done, Reconciliation
from entrypoints.cli.administration import failures_explained
from entrypoints.cli.endings import NotDone
from entrypoints.cli.screens import Listing, screen
from entrypoints.container import Container
from entrypoints.http.structs.reconciliations import reconciliation_shown
from entrypoints.payment_settings import PaymentVendor
from entrypoints.resources import open_resources
from entrypoints.settings import Settings
from ports.errors import OutcomeUnknown, Rejected, Unavailable


class _BrokenOff(Exception):
    """Somebody was away, or said no, in the middle of it."""


_COLOURS: Final = {
    Done.REPAIRED: "green",
    Done.CASE_OPENED: "red",
    Done.NOTED: "dim",
    Done.UNRESOLVED: "red",
    Done.LEFT: "yellow",
}


def reconcile(
    settings: Settings, since: datetime | None, until: datetime | None, *, dry_run: bool, as_json: bool
) -> int:
    """The exit code: 0 if all agrees or was repaired, 1 if somebody has to look.

    Raises NotDone if it could not be finished, and for a period or settings that make no sense.
    """
    if settings.payments is PaymentVendor.SIMULATED:
        raise NotDone(
            "Payments are simulated (FASTCART_PAYMENTS=simulated), inside the API's own process: there is no"
            " provider to compare with."
        )
    period = period_of(since, until, datetime.now(UTC))
    try:
        with failures_explained():
            report = asyncio.run(_reconciled(settings, period, dry_run=dry_run))
    except _BrokenOff as broken_off:
        raise NotDone(f"Not finished, run it again: {broken_off}. What was repaired stands.") from None
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(reconciliation_shown(report))).decode())
    else:
        show(report, screen(), dry_run=dry_run)
    return 1 if report.summary.outcomes.needs_person else 0


def period_of(since: datetime | None, until: datetime | None, now: datetime) -> Period:
    """The day before, or a day from, or up to, what is given; times without an offset are in UTC.

    Raises NotDone for a period that ends before it begins.
    """
    day = timedelta(days=1)
    begin, end = (moment and _in_utc(moment) for moment in (since, until))
    try:
        if begin is not None:
            return Period(since=begin, until=end or begin + day)
        return Period(since=end - day, until=end) if end is not None else day_before(now)
    except FieldRefused:
        raise NotDone("--to must be later than --from.") from None


async def _reconciled(settings: Settings, period: Period, *, dry_run: bool) -> Reconciliation:
    async with open_resources(settings) as resources:
        story: Reconcile = Container(settings=settings, resources=resources).reconcile()
        try:
            return await story(period, dry_run=dry_run)
        except (Unavailable, OutcomeUnknown) as away:
            raise _BrokenOff(f"the provider or the database is away ({away.reason})") from None
        except Rejected as refused:
            raise _BrokenOff(f"the provider refuses to list ({refused.code})") from None


def show(report: Reconciliation, console: Console, *, dry_run: bool) -> None:
    summary = report.summary
    period = f"{_told(summary.period.since)} to {_told(summary.period.until)}"
    console.print(f"[bold]{summary.provider}[/bold], {period} UTC" + (", dry run" if dry_run else ""))
    counts = summary.counts
    console.print(
        f"{counts.payments} payments, {counts.refunds} refunds and {counts.disputes} disputes at the"
        f" provider, {counts.orders} orders of ours; {counts.not_ours} records there are not ours."
    )
    if summary.sums:
        console.print(_sums_table(report))
    if report.findings:
        _findings_listed(report).print_on(console)
    ends = summary.outcomes
    if not report.findings:
        console.print("[green]Everything agrees.[/green]")
        return
    console.print(
        f"{ends.repaired} repaired, {ends.cases_opened} cases opened, {ends.noted} noted,"
        f" {ends.unresolved} unresolved, {ends.left} left as they are."
    )


def _sums_table(report: Reconciliation) -> Table:
    table = Table("", "captured: ours", "provider's", "given back: ours", "provider's", box=None)
    for sums in report.summary.sums:
        row = (sums.captured_ours, sums.captured_theirs, sums.refunded_ours, sums.refunded_theirs)
        agree = sums.captured_ours == sums.captured_theirs and sums.refunded_ours == sums.refunded_theirs
        table.add_row(sums.currency.code, *map(str, row), style=None if agree else "yellow")
    return table


def _findings_listed(report: Reconciliation) -> Listing:
    listing = Listing(("about", "order"), ("what", "ours", "theirs", "done"))
    for finding in report.findings:
        order_id = finding.order_id if finding.order_id != finding.subject_id else None
        listing.add(
            (finding.subject_id, order_id or ""),
            finding.kind.value.replace("_", " "),
            finding.ours or "nothing",
            finding.theirs or "nothing",
            Text(finding.done.value.replace("_", " "), style=_COLOURS[finding.done]),
        )
    return listing


def _told(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
