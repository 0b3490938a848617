"""A tax service's books in memory: what was told, and what somebody changed by hand."""

from collections.abc import Mapping
from datetime import UTC, date

from adapters.in_memory.faults import Fault, no_fault
from domain.identifiers import OrderId, RefundId
from domain.tax_report import TaxReport
from domain.values import replace
from ports.errors import Rejected


class InMemoryTaxReports:
    """Implements `ports.tax_reports.TaxReports`. Sales and refunds share one namespace of ids."""

    def __init__(self, fault: Fault = no_fault) -> None:
        self._fault = fault
        self._books: dict[str, TaxReport] = {}

    @property
    def books(self) -> Mapping[str, TaxReport]:
        return self._books

    def write(self, report: TaxReport) -> None:
        """As if somebody had written it by hand."""
        self._books[report.id] = report

    def lose(self, report_id: str) -> None:
        """As if somebody had taken it out by hand."""
        self._books.pop(report_id, None)

    async def report(self, report: TaxReport) -> None:
        self._fault("report", "before")
        there = self._books.get(report.id)
        if there is not None and (there.refund_of is None) != (report.refund_of is None):
            raise Rejected("id_taken")
        self._books[report.id] = report
        self._fault("report", "after")

    async def withdraw(self, refund_id: RefundId) -> None:
        self._fault("withdraw", "before")
        self._books.pop(refund_id, None)
        self._fault("withdraw", "after")

    async def reported(self, first: date, last: date) -> frozenset[OrderId | RefundId]:
        self._fault("reported", "before")
        return frozenset(
            OrderId(report.id) if report.refund_of is None else RefundId(report.id)
            for report in self._books.values()
            if first <= report.at.astimezone(UTC).date() <= last
        )

    async def agrees_with(self, report: TaxReport) -> bool:
        self._fault("agrees_with", "before")
        there = self._books.get(report.id)
        return there is not None and replace(there, origin=report.origin) == report
