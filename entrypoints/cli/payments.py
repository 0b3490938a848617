"""`fastcart payments`: what payments came to, one by one and counted for each provider."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from domain.errors import FieldRefused
from domain.identifiers import OrderId
from domain.payment import DeclineReason, PaymentState
from domain.period import Period
from entrypoints.cli.administration import Limit, administer
from entrypoints.cli.endings import NotDone
from entrypoints.cli.screens import Listing, screen
from entrypoints.http.structs.payment_reports import success_rate
from ports.queries import PaymentChoice, PaymentSummary, ProviderStatistics, Queries

payments = App(
    name="payments",
    help="""Payments: what became of them, and how the providers do.

`fastcart payments list` shows single payments, `fastcart payments stats` counts them for each provider. Only
DATABASE_URL is needed.""",
)
From = Annotated[
    datetime | None, Parameter(name="--from", help="Begun on this day or moment, or later, in UTC.")
]
To = Annotated[datetime | None, Parameter(name="--to", help="Begun before this day or moment, in UTC.")]
_USUAL = timedelta(days=7)
_BACKWARDS = "--to must be later than --from."


@payments.command(name="list")
def list_payments(
    *,
    provider: Annotated[str | None, Parameter(help="Only this provider's, such as stripe.")] = None,
    state: Annotated[PaymentState | None, Parameter(help="Only those in this state.")] = None,
    order: Annotated[str | None, Parameter(help="Only this order's (ord_…).")] = None,
    declined: Annotated[
        DeclineReason | None, Parameter(help="Only those whose last try was declined for this reason.")
    ] = None,
    since: From = None,
    until: To = None,
    limit: Limit = 100,
) -> None:
    """List payments, those of the newest order first.

    For example: `fastcart payments list --declined insufficient_funds --from 2026-11-20`
    """
    begin, end = _in_utc(since), _in_utc(until)
    if begin is not None and end is not None and end <= begin:
        raise NotDone(_BACKWARDS)
    choice = PaymentChoice(
        provider=provider,
        state=state,
        order_id=OrderId(order) if order is not None else None,
        decline_reason=declined,
        created_from=begin,
        created_until=end,
    )
    found = administer(lambda container: container.queries().payments(None, limit, choice))
    if not found:
        print("No such payments.")
        return
    console = screen()
    listing = Listing(("Payment", "Order", "Begun"), ("Provider", "State", "Amount", "Declined"))
    for payment in found:
        listing.add((payment.id, payment.order_id, f"{payment.created_at:%Y-%m-%d %H:%M}"), *_row(payment))
    listing.print_on(console)
    if len(found) == limit:
        console.print(f"These are {limit}; choose, or say --limit, to see others.")


@payments.command
def stats(*, since: From = None, until: To = None) -> None:
    """Count payments for each provider: success, declines, refunds, disputes, and how long it took.

    Without options: of the last seven days. For example: `fastcart payments stats --from 2026-11-01`
    """

    async def read(end: datetime, queries: Queries) -> Sequence[ProviderStatistics]:
        return await queries.payment_statistics(Period(since=_in_utc(since) or end - _USUAL, until=end))

    try:
        found = administer(lambda c: read(_in_utc(until) or c.clock().now(), c.queries()))
    except FieldRefused:
        raise NotDone(_BACKWARDS if until else "--from must be in the past, or --to later.") from None
    if not found:
        print("No payments, refunds or disputes.")
        return
    table = Table("", *(each.provider for each in found))
    for title, values in _lines(found):
        table.add_row(title, *values)
    screen().print(table)


def _in_utc(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)


def _row(payment: PaymentSummary) -> tuple[str, ...]:
    declined = f"{payment.decline.reason.value} ({payment.decline.code})" if payment.decline else "–"
    return (
        payment.provider,
        payment.state.value.replace("_", " "),
        str(payment.amount),
        declined.replace("_", " "),
    )


def _lines(found: Sequence[ProviderStatistics]) -> Iterator[tuple[str, list[str]]]:
    """A line for each thing that is counted, a value for each provider."""
    rates = [success_rate(each) for each in found]
    yield "Payments", [str(each.payments) for each in found]
    yield "Succeeded", [str(each.succeeded) for each in found]
    yield "Declined", [str(each.declined) for each in found]
    yield "Success rate", ["–" if rate is None else f"{rate:.1%}" for rate in rates]
    for reason in DeclineReason:
        if any(reason in each.declines for each in found):
            title = f"Declines: {reason.value.replace('_', ' ')}"
            yield title, [str(each.declines.get(reason, 0)) for each in found]
    yield "Refunds", [str(each.refunds) for each in found]
    yield "Refunds that failed", [str(each.refunds_failed) for each in found]
    yield "Open disputes", [str(each.open_disputes) for each in found]
    yield "Settled calls", [str(each.settled_calls) for each in found]
    yield "Half within", ["–" if each.p50_ms is None else f"{each.p50_ms} ms" for each in found]
    yield "95 % within", ["–" if each.p95_ms is None else f"{each.p95_ms} ms" for each in found]
