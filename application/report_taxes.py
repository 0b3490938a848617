"""Story: the tax service that an order's taxes came from learns of its sale and its refunds."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from domain.events import MessageKind
from domain.order_facts import OrderFacts
from domain.refund import RefundState
from domain.shop import ShopRules
from domain.tax_report import refund_reports, sale_report
from ports.errors import Rejected
from ports.tax_reports import TaxReports
from ports.unit_of_work import WaitingMessage

# A return is filed weeks later, so a service that is away for a day is waited for.
_WAITS: Final = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1_440))


class ReportTaxes:
    """Tells all of an order as it stands now, whichever fact the message is due to: so the order of messages
    doesn't matter, and a repeat does no harm.
    """

    kinds: Final = frozenset({MessageKind.TAX_REPORT})
    waits: Final = _WAITS

    def __init__(self, services: Mapping[str, TaxReports], rules: ShopRules) -> None:
        """`services` by the name that their answers carry."""
        self._services = services
        self._rules = rules

    async def __call__(self, message: WaitingMessage, facts: OrderFacts) -> None:
        """Raises Rejected (`tax_service_not_set_up`) for an order of a service that is no longer there."""
        service = self._services.get(facts.order.totals.tax_service or "")
        if service is None:
            raise Rejected("tax_service_not_set_up")
        await service.report(sale_report(facts.sale, self._rules.ships_from))
        for report in refund_reports(facts.sale, self._rules.ships_from):
            await service.report(report)
        for refund in facts.refunds:
            if refund.state is RefundState.FAILED and refund.shares:
                await service.withdraw(refund.id)
