"""Story: what delivery would cost is asked for, and what was promised is written down."""

from application.change_checkout import find_checkout
from application.quote_cart import question_of
from domain.delivery import DeliveryOffers, HeldQuotes
from domain.identifiers import CheckoutId
from domain.shop import ShopRules
from ports.clock import Clock
from ports.delivery_rates import DeliveryRates
from ports.unit_of_work import UnitOfWorkFactory


class QuoteDelivery:
    """Changes nothing in the checkout. No offers until there are lines and an address.

    Carriers' prices are kept beside the checkout, so that whoever chooses one later pays what was shown.
    While all of them hold, the carriers aren't asked again.
    """

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, rates: DeliveryRates, clock: Clock, rules: ShopRules
    ) -> None:
        self._unit_of_work = unit_of_work
        self._rates = rates
        self._clock = clock
        self._holds_quotes = rules.delivery_quotes_hold is not None

    async def __call__(self, checkout_id: CheckoutId, token_hash: str | None) -> DeliveryOffers:
        """Raises UnknownCheckout, and Unavailable when nobody can tell a price."""
        async with self._unit_of_work() as uow:
            checkout = await find_checkout(uow, checkout_id, token_hash)
            question = question_of(checkout)
            held = await uow.checkouts.quotes(checkout_id) if self._holds_quotes and question else None
        if question is None:
            return DeliveryOffers()
        shipment, now = question.shipment(), self._clock.now()
        if held is not None and held.shipment == shipment and held.is_complete_at(now):
            return held.offers
        offers = await self._rates.offers(question)
        if not self._holds_quotes:
            return offers
        quotes = HeldQuotes(shipment=shipment, offers=offers)
        if held is not None and held.shipment == shipment:
            quotes = held.renewed(offers, self._clock.now())
        async with self._unit_of_work() as uow:
            await uow.checkouts.keep_quotes(checkout_id, quotes)
            await uow.commit()
        return quotes.offers
