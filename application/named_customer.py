"""Story: somebody buys in a customer's name."""

from domain.customer import Customer, CustomerState
from domain.errors import NotACustomer
from domain.identifiers import CustomerId
from ports.unit_of_work import UnitOfWork


async def named_customer(uow: UnitOfWork, customer_id: CustomerId) -> Customer:
    """The customer, who can't begin to leave before what is written in their name is there to be seen.

    Raises NotACustomer.
    """
    customer = await uow.customers.hold(customer_id)
    if customer is None or customer.state is not CustomerState.ACTIVE:
        raise NotACustomer(path="/customer_id")
    return customer
