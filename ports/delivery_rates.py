"""What delivery costs, and how long it takes."""

from typing import Protocol

from domain.delivery import DeliveryOption, DeliveryQuestion


class DeliveryRates(Protocol):
    async def options(self, question: DeliveryQuestion) -> tuple[DeliveryOption, ...]:
        """Every offer in the question's currency, cheapest first, then fastest; empty where nobody delivers,
        or nobody takes that currency.

        Raises Unavailable when nobody can say.
        """
