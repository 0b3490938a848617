"""What is left of a person once they are forgotten: what the books and the tax office need, and an id.

Of an address stay country, region and postcode: the place that its tax was computed for, which a refund is
reported with even years later. Names, streets, towns, telephone numbers and e-mail addresses go, and so does
what the merchant's own system and the providers call them.
"""

from datetime import datetime

from domain.address import Address
from domain.checkout import Checkout, CheckoutState, Origin
from domain.customer import Customer, CustomerState, Payer
from domain.decision import decide
from domain.order import Order
from domain.order_facts import OrderFacts
from domain.steps import Settled
from domain.subscription import Subscription
from domain.values import replace


def needs_its_person(facts: OrderFacts, now: datetime) -> bool:
    """Whether something is left to be done about the order, by FastCart or by a person: then whoever placed
    it may have to be reached.
    """
    has_case = any(case.resolution is None for case in facts.cases)
    return has_case or not isinstance(decide(facts, now), Settled)


def forgotten_order(order: Order) -> Order:
    """As it will be kept; the version is storage's to count."""
    return replace(
        order,
        email=None,
        name=None,
        shipping_address=_place_of(order.shipping_address),
        billing_address=None,
        origin=_channel_of(order.origin),
        payer=Payer(customer_id=order.payer.customer_id) if order.payer is not None else None,
    )


def forgotten_checkout(checkout: Checkout) -> Checkout:
    """The next version, in which nobody can be recognised and which nobody can place; or the same one, if it
    is that already.
    """
    address = checkout.shipping_address
    is_open = checkout.state is CheckoutState.OPEN
    left = replace(
        checkout,
        state=CheckoutState.CANCELLED if is_open else checkout.state,
        email=None,
        name=None,
        shipping_address=_place_of(address) if address is not None else None,
        billing_address=None,
        address_check=None,
        origin=_channel_of(checkout.origin),
    )
    return replace(left, version=checkout.version + 1) if left != checkout else checkout


def forgotten_subscription(subscription: Subscription) -> Subscription:
    """What was billed, without what the provider calls the person and their card; only once it is over."""
    return replace(subscription, customer_reference="", instrument=None)


def forgotten_customer(customer: Customer) -> Customer:
    """An id without a person: the last step of leaving."""
    return replace(
        customer,
        state=CustomerState.DELETED,
        email=None,
        name=None,
        user_id=None,
        password_hash=None,
        accounts=tuple(replace(account, reference=None) for account in customer.accounts),
    )


def _place_of(address: Address) -> Address:
    return Address(country=address.country, region=address.region, postcode=address.postcode)


def _channel_of(origin: Origin) -> Origin:
    """Where the shop was met; its addresses may hold more."""
    return Origin(locale=origin.locale, channel=origin.channel)
