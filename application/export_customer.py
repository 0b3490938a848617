"""Story: a person wants to see all that is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from application.read_customer import ReadCustomer
from application.saved_methods import MethodAt, SavedMethods
from domain.checkout import Checkout
from domain.customer import Customer
from domain.identifiers import CustomerId, OrderId
from domain.order_facts import OrderFacts
from domain.subscription import Subscription
from ports.unit_of_work import Told, UnitOfWork, UnitOfWorkFactory

_PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerExport:
    """Orders and checkouts are the oldest first; a checkout that became an order is told by the order."""

    customer: Customer
    methods: Sequence[MethodAt]
    checkouts: Sequence[Checkout]
    orders: Sequence[OrderFacts]
    subscriptions: Sequence[Subscription]
    told: Sequence[Told]


class ExportCustomer:
    """Reads only. What a guest once bought under the same e-mail address is not part of it: nobody has
    proved that it was the same person.
    """

    def __init__(self, unit_of_work: UnitOfWorkFactory, read: ReadCustomer, methods: SavedMethods) -> None:
        self._unit_of_work = unit_of_work
        self._read = read
        self._methods = methods

    async def __call__(self, customer_id: CustomerId) -> CustomerExport:
        """Raises UnknownCustomer, and Unavailable when a provider can't say what is saved there: half an
        export would look like a whole one.
        """
        customer, methods = await self._read(customer_id), await self._methods(customer_id)
        async with self._unit_of_work() as uow:
            checkouts = await uow.checkouts.of_customer(customer_id)
            ids = await uow.subscriptions.of_customer(customer_id)
            subscriptions = [await uow.subscriptions.get(each) for each in ids]
            return CustomerExport(
                customer=customer,
                methods=methods,
                checkouts=[each for each in checkouts if each.order_id is None],
                orders=await _orders(customer_id, uow),
                subscriptions=[each for each in subscriptions if each is not None],
                told=await uow.outbox.of_customer(customer_id),
            )


async def _orders(customer_id: CustomerId, uow: UnitOfWork) -> Sequence[OrderFacts]:
    found: list[OrderFacts] = []
    after: OrderId | None = None
    while True:
        page = await uow.orders.of_customer(customer_id, after, _PAGE)
        orders = await uow.orders.get_all(page)
        found += [orders[order_id] for order_id in page]
        if len(page) < _PAGE:
            return found
        after = page[-1]
