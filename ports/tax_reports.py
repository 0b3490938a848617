"""Telling a tax service what was sold and given back, so that it can file the returns."""

from datetime import date
from typing import Protocol

from domain.identifiers import OrderId, RefundId
from domain.tax_report import TaxReport


class TaxReports(Protocol):
    """The service's books of our sales. Every call may be repeated: a report is known by its id, and the
    newest one told holds.

    All raise Rejected for what the service won't have in its books, Unavailable, and OutcomeUnknown for what
    may have been written: tell it again.
    """

    async def report(self, report: TaxReport) -> None:
        """Writes a sale or a refund into the books, over what stands there under its id."""

    async def withdraw(self, refund_id: RefundId) -> None:
        """Takes a refund out again that a bank has sent back; nothing happens if it isn't there."""

    async def reported(self, first: date, last: date) -> frozenset[OrderId | RefundId]:
        """The ids of all sales and refunds of these days (UTC, both included) that the books hold, whoever
        wrote them.
        """

    async def agrees_with(self, report: TaxReport) -> bool:
        """Whether the books hold this report as it is. Its origin doesn't count: the shop may have moved
        since.
        """
