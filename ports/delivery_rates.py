"""What delivery costs, and how long it takes."""

from typing import Protocol

from domain.delivery import DeliveryOffers, DeliveryQuestion


class DeliveryRates(Protocol):
    async def offers(self, question: DeliveryQuestion) -> DeliveryOffers:
        """One for each service, in the question's currency (nothing is converted), cheapest first, then
        fastest; none where nobody delivers, or nobody takes that currency.

        Raises Unavailable when nobody can say, and Rejected when the question itself is refused.
        """
