"""Taxes from a service where it has answers, and from another source everywhere else."""

from collections.abc import Callable

from domain.tax import TaxAnswer, TaxQuestion
from ports.taxes import TaxCalculator


class TaxesByPlace:
    """Implements `ports.taxes.TaxCalculator`. `is_served` says, question by question, who is asked; so a
    service can be switched off while the shop is open.
    """

    def __init__(
        self, service: TaxCalculator, elsewhere: TaxCalculator, is_served: Callable[[TaxQuestion], bool]
    ) -> None:
        self._service = service
        self._elsewhere = elsewhere
        self._is_served = is_served

    async def calculate(self, question: TaxQuestion) -> TaxAnswer:
        asked = self._service if self._is_served(question) else self._elsewhere
        return await asked.calculate(question)
