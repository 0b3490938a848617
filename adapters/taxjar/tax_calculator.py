"""Taxes by TaxJar's POST /v2/taxes: https://developers.taxjar.com/api/reference/#post-calculate-sales-tax-for-an-order."""

import httpx
import structlog

from adapters.taxjar.api import TaxJarApi
from adapters.taxjar.errors import refusal
from adapters.taxjar.places import serves
from adapters.taxjar.settings import TaxJarSettings
from adapters.taxjar.tax_answer import answer_to
from adapters.taxjar.wire import asked
from domain.tax import TaxAnswer, TaxQuestion
from ports.errors import Rejected, Unavailable

_ANSWERED = 200
log = structlog.get_logger(__name__)


class TaxJarTaxCalculator:
    """Implements `ports.taxes.TaxCalculator` for the US, Canada, the EU and Australia, and what is paid with
    there; any other place, or currency, is refused as one that can't be taxed.
    """

    def __init__(self, http: httpx.AsyncClient, settings: TaxJarSettings) -> None:
        self._api = TaxJarApi(http, settings)

    async def calculate(self, question: TaxQuestion) -> TaxAnswer:
        if not serves(question):
            raise Rejected("no_tax_rate_for_place")
        response = await self._api.ask(
            "POST", "/taxes", operation="taxes.calculate", body=asked(question), writes=False
        )
        if response.status_code != _ANSWERED:
            raise refusal(response.status_code)
        try:
            return answer_to(question, response.content)
        except Unavailable:
            log.warning("tax_answer_invalid", service="taxjar")
            raise
