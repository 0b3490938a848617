"""Taxes behind their flag: from a service where it serves, and from our own table everywhere else."""

from collections.abc import Callable

from adapters.flagged.vendor_switch import VendorSwitch
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
        self._service = service
        self._table = table
        self._serves = serves
        self._switch = VendorSwitch(flags, Flag.TAX_SERVICE, is_set_up=True)

    async def calculate(self, question: TaxQuestion) -> TaxAnswer:
        asked = self._service if self._serves(question) and self._switch.is_on() else self._table
        return await asked.calculate(question)
