"""Rates that a tax service has told, in memory."""

from collections.abc import Collection, Mapping
from datetime import datetime

from domain.tax import TaxPlace, TaxRate


class InMemoryKnownTaxRates:
    """Implements `ports.tax_rates.KnownTaxRates`."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, TaxPlace, str], tuple[datetime, tuple[TaxRate, ...]]] = {}

    async def remember(
        self, service: str, place: TaxPlace, rates: Mapping[str, tuple[TaxRate, ...]], now: datetime
    ) -> None:
        for tax_code, told in rates.items():
            before = self._known.get((service, place, tax_code))
            if before is None or before[0] <= now:
                self._known[service, place, tax_code] = (now, told)

    async def recall(
        self, service: str, place: TaxPlace, tax_codes: Collection[str], since: datetime
    ) -> Mapping[str, tuple[TaxRate, ...]]:
        found = {code: self._known.get((service, place, code)) for code in tax_codes}
        return {code: known[1] for code, known in found.items() if known is not None and known[0] >= since}
