"""Delivery in memory: the same two offers wherever the carrier goes, and a carrier that can be away."""

from typing import Final

from adapters.in_memory.faults import Fault, no_fault
from domain.delivery import DeliveryOption, DeliveryQuestion
from domain.money import Money

_GOES_TO: Final = frozenset({"DE", "FR", "GB", "JP", "AU", "US"})


class InMemoryDeliveryRates:
    """Implements `ports.delivery_rates.DeliveryRates`: whole units of the asked currency, one more for every
    begun 10 kg.
    """

    def __init__(self, goes_to: frozenset[str] = _GOES_TO, fault: Fault = no_fault) -> None:
        self._goes_to = goes_to
        self._fault = fault

    async def options(self, question: DeliveryQuestion) -> tuple[DeliveryOption, ...]:
        self._fault("options", "before")
        if question.destination.country not in self._goes_to:
            return ()
        currency = question.subtotal.currency
        units = 5 + question.weight_grams // 10_000
        standard, express = (
            Money(minor=price * 10**currency.exponent, currency=currency) for price in (units, 2 * units)
        )
        return (
            DeliveryOption(id="standard", title="Standard", amount=standard, min_days=2, max_days=4),
            DeliveryOption(id="express", title="Express", amount=express, min_days=1, max_days=1),
        )
