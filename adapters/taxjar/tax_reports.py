"""TaxJar's books: https://developers.taxjar.com/api/reference/#transactions.

A create has no idempotency key: a repeat is refused with 422, and then what stands there is read, and
written over where it differs.
"""

from datetime import date
from typing import Final

import httpx
import msgspec

from adapters.taxjar.amounts import NotAnAmount
from adapters.taxjar.api import TaxJarApi
from adapters.taxjar.errors import ALREADY_THERE, NOT_FOUND, nonsense, refusal
from adapters.taxjar.report_wire import TransactionShown, ids_shown, is_same, shown, written
from adapters.taxjar.settings import TaxJarSettings
from domain.identifiers import OrderId, RefundId
from domain.tax_report import TaxReport

_OK: Final = 200
_CREATED: Final = 201
_ORDERS: Final = "orders"
_REFUNDS: Final = "refunds"
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class TaxJarTaxReports:
    """Implements `ports.tax_reports.TaxReports`."""

    def __init__(self, http: httpx.AsyncClient, settings: TaxJarSettings) -> None:
        self._api = TaxJarApi(http, settings)

    async def report(self, report: TaxReport) -> None:
        kind, body = _kind(report), written(report)
        created = await self._api.ask(
            "POST", f"/transactions/{kind}", operation=f"{kind}.create", body=body, writes=True
        )
        if created.status_code == ALREADY_THERE:
            await self._correct(report, body)
        elif created.status_code != _CREATED:
            raise refusal(created.status_code)

    async def withdraw(self, refund_id: RefundId) -> None:
        path = f"/transactions/{_REFUNDS}/{refund_id}"
        deleted = await self._api.ask("DELETE", path, operation=f"{_REFUNDS}.delete", writes=True)
        if deleted.status_code not in (_OK, NOT_FOUND):
            raise refusal(deleted.status_code)

    async def reported(self, first: date, last: date) -> frozenset[OrderId | RefundId]:
        found: set[OrderId | RefundId] = set()
        days = {"from_transaction_date": f"{first:%Y/%m/%d}", "to_transaction_date": f"{last:%Y/%m/%d}"}
        for kind, identified in ((_ORDERS, OrderId), (_REFUNDS, RefundId)):
            listed = await self._api.ask("GET", f"/transactions/{kind}", operation=f"{kind}.list", query=days)
            if listed.status_code != _OK:
                raise refusal(listed.status_code)
            try:
                found.update(identified(known) for known in ids_shown(listed.content))
            except _UNREADABLE:
                raise nonsense() from None
        return frozenset(found)

    async def agrees_with(self, report: TaxReport) -> bool:
        there = await self._read(report)
        try:
            return there is not None and is_same(report, there)
        except NotAnAmount:
            return False

    async def _correct(self, report: TaxReport, body: bytes) -> None:
        """Something stands there under this id, or TaxJar won't have it at all: then it stays refused."""
        if await self.agrees_with(report):
            return
        kind = _kind(report)
        path = f"/transactions/{kind}/{report.id}"
        updated = await self._api.ask("PUT", path, operation=f"{kind}.update", body=body, writes=True)
        if updated.status_code == NOT_FOUND:
            raise refusal(ALREADY_THERE)
        if updated.status_code != _OK:
            raise refusal(updated.status_code)

    async def _read(self, report: TaxReport) -> TransactionShown | None:
        """None if it isn't there, or can't be read."""
        kind = _kind(report)
        path = f"/transactions/{kind}/{report.id}"
        answer = await self._api.ask("GET", path, operation=f"{kind}.show")
        if answer.status_code == NOT_FOUND:
            return None
        if answer.status_code != _OK:
            raise refusal(answer.status_code)
        try:
            return shown(answer.content)
        except _UNREADABLE:
            raise nonsense() from None


def _kind(report: TaxReport) -> str:
    return _ORDERS if report.refund_of is None else _REFUNDS
