"""What the tax is, for lines and delivery to a place."""

from typing import Protocol

from domain.tax import TaxAnswer, TaxQuestion


class TaxCalculator(Protocol):
    async def calculate(self, question: TaxQuestion) -> TaxAnswer:
        """Raises Rejected for a place or goods that can't be taxed, and Unavailable when nobody can say, not
        even from what was known before.
        """
