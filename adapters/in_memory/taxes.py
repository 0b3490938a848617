"""Taxes in memory: one rate a country, on goods and delivery alike, and a service that can be away."""

from collections.abc import Mapping
from typing import Final

from adapters.in_memory.faults import Fault, no_fault
from domain.money import Money, portion, total_of
from domain.tax import TaxAnswer, TaxPart, TaxQuestion
from ports.errors import Rejected

_WHOLE_PPM: Final = 1_000_000
_RATES_PPM: Final = {"DE": 190_000, "FR": 200_000, "GB": 200_000, "JP": 100_000, "CH": 81_000, "KW": 0}


class InMemoryTaxCalculator:
    """Implements `ports.taxes.TaxCalculator`. `rates_ppm` by country, in parts per million."""

    def __init__(self, rates_ppm: Mapping[str, int] | None = None, fault: Fault = no_fault) -> None:
        self._rates_ppm = _RATES_PPM if rates_ppm is None else rates_ppm
        self._fault = fault

    async def calculate(self, question: TaxQuestion) -> TaxAnswer:
        self._fault("calculate", "before")
        rate_ppm = self._rates_ppm.get(question.destination.country)
        if rate_ppm is None:
            raise Rejected("no_tax_rate_for_place")

        def tax(amount: Money) -> Money:
            return portion(amount, rate_ppm, _WHOLE_PPM)

        lines, delivery = tuple(tax(line.amount) for line in question.lines), tax(question.delivery)
        total = total_of((*lines, delivery), question.delivery.currency)
        part = TaxPart(name="tax", rate_ppm=rate_ppm, amount=total)
        return TaxAnswer(lines=lines, delivery=delivery, parts=(part,))
