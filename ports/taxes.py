"""What the tax is, for lines and delivery to a place."""

from typing import Protocol

from domain.tax import TaxAnswer, TaxQuestion


class TaxCalculator(Protocol):
    async def calculate(self, question: TaxQuestion) -> TaxAnswer:
        """The tax on each line and on the delivery, in the question's currency; its parts sum to all of it.

        Goods of a tax code that nobody knows are taxed as goods in general. Raises Rejected for a place that
        can't be taxed: there is none such, or no rates are known for it. Raises Unavailable when nobody can
        say, not even from what was known before.
        """
