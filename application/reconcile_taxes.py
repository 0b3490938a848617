"""Story of a reconciliation: the tax service's books hold what was sold and given back, and nothing else.

What is missing or differs is told again by a message, as if it had just become true.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeVar

from application.advance_order import AdvanceOrder
from application.reconciliation_run import ReconciliationRun
from application.vendor_calls import CALL_DEADLINE_SECONDS
from domain.events import EventKind
from domain.identifiers import OrderId, is_prefixed
from domain.order_facts import OrderFacts
from domain.period import Period
from domain.reconciliation import Done, Finding, FindingKind
from domain.refund import RefundState
from domain.shop import ShopRules
from domain.tax_report import TaxReport, is_reported_to, refund_reports, sale_report, tax_report_due
from domain.values import replace
from ports.books import Books
from ports.clock import Clock
from ports.errors import OutcomeUnknown, Rejected, Unavailable
from ports.tax_reports import TaxReports

T = TypeVar("T")

_ORDERS_AT_ONCE: Final = 200
# Whether a report is there is on the list; whether it is the same takes a call each, of a day's ten thousand.
_MOST_COMPARED: Final = 2_000
# What was sold or given back just now may not be told yet.
_ON_ITS_WAY: Final = timedelta(hours=1)


class _BooksAway(Exception):
    """The service doesn't show its books; the message says why, in a word."""


class ReconcileTaxes:
    """`services` by the name that an order carries. One that is away is a finding, not a failure: the money
    is compared all the same.
    """

    def __init__(
        self,
        services: Mapping[str, TaxReports],
        books: Books,
        advance: AdvanceOrder,
        rules: ShopRules,
        clock: Clock,
    ) -> None:
        self._services = services
        self._books = books
        self._advance = advance
        self._rules = rules
        self._clock = clock

    async def __call__(self, run: ReconciliationRun) -> None:
        for name, service in self._services.items():
            try:
                await _Comparison(self, run, name, service).make()
            except _BooksAway as away:
                finding = _finding(FindingKind.TAX_BOOKS_AWAY, name, None, theirs=str(away))
                run.found(finding)

    async def orders(self, run: ReconciliationRun) -> Sequence[OrderId]:
        return await self._books.orders_moved(run.period)

    async def facts(self, order_ids: Sequence[OrderId]) -> Mapping[OrderId, OrderFacts]:
        return {order_id: each.facts for order_id, each in (await self._books.of_orders(order_ids)).items()}

    def reports(self, facts: OrderFacts) -> tuple[TaxReport, ...]:
        """Those that should have been told by now."""
        due_before = self._clock.now() - _ON_ITS_WAY
        origin = self._rules.ships_from
        reports = (sale_report(facts.sale, origin), *refund_reports(facts.sale, origin))
        return tuple(report for report in reports if report.at <= due_before)

    async def tell_again(self, order_id: OrderId, kind: FindingKind) -> None:
        now = self._clock.now()

        def amiss(facts: OrderFacts) -> OrderFacts:
            facts = facts.sending(*tax_report_due(facts.order, order_id, f"amiss at {now.isoformat()}"))
            return facts.told(EventKind.TAX_REPORT_AMISS, now, order_id, kind.value)

        await self._advance.record(order_id, amiss)


class _Comparison:
    """One service's books for one period."""

    def __init__(self, story: ReconcileTaxes, run: ReconciliationRun, name: str, service: TaxReports) -> None:
        self._story = story
        self._run = run
        self._name = name
        self._service = service
        self._days = _days_of(run.period)
        self._there: frozenset[str] = frozenset()
        self._expected: set[str] = set()
        self._compared = 0

    async def make(self) -> None:
        """Raises _BooksAway."""
        self._there = await _asked(self._service.reported(*self._days))
        order_ids = await self._story.orders(self._run)
        for some in _portions(order_ids):
            for facts in (await self._story.facts(some)).values():
                if is_reported_to(facts.order, self._name):
                    await self._compare(facts)
        await self._find_strangers()

    async def _compare(self, facts: OrderFacts) -> None:
        """One message is enough for all that is amiss about an order."""
        findings = []
        for report in self._story.reports(facts):
            self._expected.add(report.id)
            if (kind := await self._what_differs(report)) is not None:
                theirs = None if kind is FindingKind.TAX_REPORT_MISSING else "something else"
                findings.append(_finding(kind, report.id, facts.order.id, ours=_told(report), theirs=theirs))
        for refund in facts.refunds:
            self._expected.add(refund.id)
            if refund.id in self._there and refund.state is RefundState.FAILED:
                kind = FindingKind.TAX_REPORT_DIFFERS
                ours, theirs = refund.state.value, "given back"
                findings.append(_finding(kind, refund.id, facts.order.id, ours=ours, theirs=theirs))
        if findings and self._run.may_act:
            await self._story.tell_again(facts.order.id, findings[0].kind)
            findings = [replace(finding, done=Done.REPAIRED) for finding in findings]
        for finding in findings:
            self._run.found(finding)

    async def _what_differs(self, report: TaxReport) -> FindingKind | None:
        first, last = self._days
        if first <= report.at.astimezone(UTC).date() <= last and report.id not in self._there:
            return FindingKind.TAX_REPORT_MISSING
        if self._compared == _MOST_COMPARED:
            return None
        self._compared += 1
        await self._run.still_at_work()
        agrees = await _asked(self._service.agrees_with(report))
        return None if agrees else FindingKind.TAX_REPORT_DIFFERS

    async def _find_strangers(self) -> None:
        """Reports that carry our kind of id, and that no order of ours accounts for."""
        unexpected = sorted(self._there - self._expected)
        ids = [OrderId(each) for each in unexpected if is_prefixed(each, "ord")]
        for some in _portions(ids):
            known = await self._story.facts(some)
            for order_id in some:
                if order_id not in known or not is_reported_to(known[order_id].order, self._name):
                    self._run.found(_finding(FindingKind.TAX_REPORT_WITHOUT_ORDER, order_id, None))
        if self._run.period == _whole(self._days):
            for refund_id in unexpected:
                if is_prefixed(refund_id, "ref"):
                    self._run.found(_finding(FindingKind.TAX_REPORT_WITHOUT_ORDER, refund_id, None))


def _finding(
    kind: FindingKind,
    subject_id: str,
    order_id: OrderId | None,
    *,
    ours: str | None = None,
    theirs: str | None = None,
) -> Finding:
    done = Done.UNRESOLVED if kind is FindingKind.TAX_REPORT_WITHOUT_ORDER else Done.LEFT
    return Finding(kind=kind, subject_id=subject_id, order_id=order_id, ours=ours, theirs=theirs, done=done)


def _told(report: TaxReport) -> str:
    return f"{report.net} net, {report.tax} tax"


def _days_of(period: Period) -> tuple[date, date]:
    """The days, in UTC, that the period has a part of."""
    last = period.until - timedelta(microseconds=1)
    return period.since.astimezone(UTC).date(), last.astimezone(UTC).date()


def _whole(days: tuple[date, date]) -> Period:
    first, behind = days[0], days[1] + timedelta(days=1)
    return Period(since=datetime.combine(first, time(), UTC), until=datetime.combine(behind, time(), UTC))


def _portions(ids: Sequence[OrderId]) -> Iterable[Sequence[OrderId]]:
    return (ids[start : start + _ORDERS_AT_ONCE] for start in range(0, len(ids), _ORDERS_AT_ONCE))


async def _asked(question: Awaitable[T]) -> T:
    """Raises _BooksAway."""
    try:
        async with asyncio.timeout(CALL_DEADLINE_SECONDS):
            return await question
    except Rejected as rejected:
        raise _BooksAway(rejected.code) from None
    except (Unavailable, OutcomeUnknown) as away:
        raise _BooksAway(away.reason) from None
    except TimeoutError:
        raise _BooksAway("deadline") from None
