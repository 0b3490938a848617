"""Taxes behind their flag: from a service where it serves, and from our own table everywhere else."""

from collections.abc import Callable

from domain.tax import TaxAnswer, TaxQuestion
from ports.flags import FeatureFlags, Flag
from ports.taxes import TaxCalculator


class FlaggedTaxes:
    """Implements `ports.taxes.TaxCalculator`. `serves` says which questions the service has answers to."""

    def __init__(
        self,
        flags: FeatureFlags,
        service: TaxCalculator,
        table: TaxCalculator,
        serves: Callable[[TaxQuestion], bool],
    ) -> None:
        self._flags = flags
        self._service = service
        self._table = table
        self._serves = serves

    async def calculate(self, question: TaxQuestion) -> TaxAnswer:
        is_asked = self._serves(question) and self._flags.read(Flag.TAX_SERVICE).is_on
        return await (self._service if is_asked else self._table).calculate(question)
