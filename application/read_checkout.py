"""Stories: a checkout is read, it is given up."""

from application.change_checkout import find_checkout
from domain.checkout import Checkout
from domain.identifiers import CheckoutId
from ports.clock import Clock
from ports.unit_of_work import UnitOfWorkFactory


class ReadCheckout:
    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work

    async def __call__(self, checkout_id: CheckoutId, token_hash: str | None) -> Checkout:
        """Raises UnknownCheckout."""
        async with self._unit_of_work() as uow:
            return await find_checkout(uow, checkout_id, token_hash)


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
