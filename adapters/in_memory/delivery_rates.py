"""Delivery in memory: the same two offers wherever the carrier goes, and a carrier that can be away."""

from typing import Final

from adapters.in_memory.faults import Fault, no_fault
from domain.delivery import DeliveryOffers, DeliveryOption, DeliveryQuestion
from domain.money import Money

_GOES_TO: Final = frozenset({"DE", "FR", "GB", "JP", "AU", "US"})


class InMemoryDeliveryRates:
    """Implements `ports.delivery_rates.DeliveryRates`: whole units of the asked currency, one more for every
    begun 10 kg. `percent` makes it dearer or cheaper from now on; `carrier` stands before its offers' ids.
    """

    def __init__(
        self, goes_to: frozenset[str] = _GOES_TO, fault: Fault = no_fault, carrier: str = ""
    ) -> None:
        self._goes_to = goes_to
        self._fault = fault
        self._prefix = f"{carrier}_" if carrier else ""
        self.percent = 100

    async def offers(self, question: DeliveryQuestion) -> DeliveryOffers:
        self._fault("offers", "before")
        if question.destination.country not in self._goes_to:
            return DeliveryOffers()
        units = 5 + question.weight_grams // 10_000
        standard = self._option("standard", units, (2, 4), question)
        express = self._option("express", 2 * units, (1, 1), question)
        return DeliveryOffers(options=(standard, express))

    def _option(
        self, service: str, units: int, days: tuple[int, int], question: DeliveryQuestion
    ) -> DeliveryOption:
        currency = question.subtotal.currency
        minor = units * 10**currency.exponent * self.percent // 100
        return DeliveryOption(
            id=f"{self._prefix}{service}",
            title=service.capitalize(),
            amount=Money(minor=minor, currency=currency),
            min_days=days[0],
            max_days=days[1],
        )
