"""Story: the merchant reads a customer, or the list of all."""

from collections.abc import Sequence

from domain.customer import Customer
from domain.errors import UnknownCustomer
from domain.identifiers import CustomerId
from ports.unit_of_work import UnitOfWorkFactory


class ReadCustomer:
    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work

    async def __call__(self, customer_id: CustomerId) -> Customer:
        """Raises UnknownCustomer."""
        async with self._unit_of_work() as uow:
            customer = await uow.customers.get(customer_id)
        if customer is None:
            raise UnknownCustomer(customer_id=customer_id)
        return customer

    async def page(self, after: CustomerId | None, limit: int) -> Sequence[Customer]:
        """Newest first; those behind `after`."""
        async with self._unit_of_work() as uow:
            return await uow.customers.page(after, limit)
