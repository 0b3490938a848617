"""Taxes in memory: one rate a country, on goods and delivery alike, and a service that can be away."""

from collections.abc import Mapping
from typing import Final

from adapters.in_memory.faults import Fault, no_fault
from domain.tax import TaxAnswer, TaxQuestion, TaxRate, TaxRates, taxed_at, untaxed
from domain.values import replace
from ports.errors import Rejected

_RATES_PPM: Final = {"DE": 190_000, "FR": 200_000, "GB": 200_000, "JP": 100_000, "CH": 81_000, "KW": 0}


class InMemoryTaxCalculator:
    """Implements `ports.taxes.TaxCalculator`. `rates_ppm` by country, in parts per million.

    With the name of a `service` it answers as one that wants to be told of sales.
    """

    def __init__(
        self,
        rates_ppm: Mapping[str, int] | None = None,
        fault: Fault = no_fault,
        service: str | None = None,
    ) -> None:
        self._rates_ppm = _RATES_PPM if rates_ppm is None else rates_ppm
        self._fault = fault
        self._service = service

    async def calculate(self, question: TaxQuestion) -> TaxAnswer:
        self._fault("calculate", "before")
        rate_ppm = self._rates_ppm.get(question.destination.country)
        if rate_ppm is None:
            raise Rejected("no_tax_rate_for_place")
        if question.exemption is not None:
            return replace(untaxed(question), service=self._service)
        tax = (TaxRate(name="tax", rate_ppm=rate_ppm),)
        rates = TaxRates(lines=tuple(tax for _ in question.lines), delivery=tax)
        return replace(taxed_at(question, rates), service=self._service, rates=rates)
