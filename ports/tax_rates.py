"""Rates that a tax service has told before, for when it can't be asked."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, Protocol

from domain.tax import TaxPlace, TaxRate

# In place of a tax code: the delivery.
DELIVERY: Final = ""


class KnownTaxRates(Protocol):
    """By service, place and tax code. Both raise Unavailable, and `remember` OutcomeUnknown too."""

    async def remember(
        self, service: str, place: TaxPlace, rates: Mapping[str, tuple[TaxRate, ...]], now: datetime
    ) -> None:
        """Keeps the rates of these tax codes, in place of older ones. No rates at all: it isn't taxed."""

    async def recall(
        self, service: str, place: TaxPlace, tax_codes: Collection[str], since: datetime
    ) -> Mapping[str, tuple[TaxRate, ...]]:
        """What is known of these tax codes and was told since then; others are missing."""
