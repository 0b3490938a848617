"""Stories: a checkout is read, its delivery options are asked for, it is given up."""

from application.cart_draft import draft_of
from application.change_checkout import find_checkout
from application.quote_cart import delivery_question
from domain.checkout import Checkout
from domain.delivery import DeliveryOption
from domain.identifiers import CheckoutId
from ports.clock import Clock
from ports.delivery_rates import DeliveryRates
from ports.unit_of_work import UnitOfWorkFactory


class ReadCheckout:
    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work

    async def __call__(self, checkout_id: CheckoutId, token_hash: str | None) -> Checkout:
        """Raises UnknownCheckout."""
        async with self._unit_of_work() as uow:
            return await find_checkout(uow, checkout_id, token_hash)


class QuoteDelivery:
    """What delivery would cost; changes nothing. Empty until there are lines and an address."""

    def __init__(self, read: ReadCheckout, rates: DeliveryRates) -> None:
        self._read = read
        self._rates = rates

    async def __call__(self, checkout_id: CheckoutId, token_hash: str | None) -> tuple[DeliveryOption, ...]:
        """Raises UnknownCheckout."""
        checkout = await self._read(checkout_id, token_hash)
        discounts = tuple(line.discount for line in checkout.pricing.lines)
        question = delivery_question(draft_of(checkout), checkout.lines, discounts, checkout.currency)
        return await self._rates.options(question) if question is not None else ()


class CancelCheckout:
    """A shopper gives the cart up; repeating it is refused as closed."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    async def __call__(self, checkout_id: CheckoutId, token_hash: str | None) -> Checkout:
        """Raises UnknownCheckout, CheckoutClosed, and ConcurrentChange when it is changed at the same
        time.
        """
        async with self._unit_of_work() as uow:
            checkout = (await find_checkout(uow, checkout_id, token_hash)).cancelled(self._clock.now())
            await uow.checkouts.save(checkout)
            await uow.commit()
        return checkout
