"""What is left of a person: nothing to recognise them by, and everything that the books need."""

from datetime import timedelta

import pytest

from domain.checkout import CheckoutState, Origin
from domain.customer import CustomerState, Payer, ProviderAccount
from domain.customer_decision import Forget, decide_for
from domain.forgetting import forgotten_checkout, forgotten_customer, forgotten_order, needs_its_person
from domain.identifiers import CustomerId
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import PaymentState
from domain.values import replace
from tests.builders import NOW, a_checkout, a_payment, an_address, an_order, eur
from tests.domain.test_customers import REGISTERED, a_customer

PERSONAL = ("Erika", "Muster", "erika@", "Unter den Linden", "Berlin", "+49", "user-7", "cus_at", "session=1")
WHERE = Origin(locale="de-DE", channel="web", source="ad", return_url="https://shop.example/?session=1")
HOME = an_address(phone="+49 30 1", line2="Hof")


def test_an_order_keeps_its_sums_and_its_place_and_nobody() -> None:
    payer = Payer(customer_id=CustomerId("cus_1"), user_id="user-7", reference="cus_at_stripe")
    order = an_order(payer=payer, origin=WHERE, shipping_address=HOME, billing_address=HOME)
    left = forgotten_order(order)
    assert not [word for word in PERSONAL if word in str(left)]
    assert (left.totals, left.lines, left.state) == (order.totals, order.lines, order.state)
    address = left.shipping_address
    assert (address.country, address.postcode) == (HOME.country, HOME.postcode)
    assert left.payer == Payer(customer_id=CustomerId("cus_1"))
    assert forgotten_order(left) == left


def test_a_cart_of_somebody_who_left_can_not_be_placed() -> None:
    checkout = a_checkout(origin=WHERE, shipping_address=HOME, customer_id=CustomerId("cus_1"))
    left = forgotten_checkout(checkout)
    assert (left.state, left.version) == (CheckoutState.CANCELLED, checkout.version + 1)
    assert not [word for word in PERSONAL if word in str(left)]
    assert forgotten_checkout(left) is left
    placed = forgotten_checkout(replace(checkout, state=CheckoutState.PLACED))
    assert placed.state is CheckoutState.PLACED


def test_a_customer_is_an_id_at_the_end() -> None:
    ada = a_customer(REGISTERED, name="Ada", user_id="user-7", password_hash="x", state=CustomerState.LEAVING)
    left = forgotten_customer(ada)
    assert (left.id, left.state) == (ada.id, CustomerState.DELETED)
    assert (left.email, left.name, left.user_id, left.password_hash) == (None,) * 4
    assert [account.reference for account in left.accounts] == [None]


def test_what_is_our_own_goes_when_no_provider_knows_them_any_more() -> None:
    leaving = a_customer(ProviderAccount(provider="stripe"), state=CustomerState.LEAVING)
    assert decide_for(leaving, NOW) == Forget()
    assert decide_for(forgotten_customer(leaving), NOW) != Forget()


@pytest.mark.parametrize(
    ("state", "payment", "needed"),
    [
        (OrderState.OPEN, PaymentState.AWAITING_METHOD, True),
        (OrderState.COMPLETED, PaymentState.CAPTURED, False),
        (OrderState.CANCELLED, PaymentState.VOIDED, False),
        (OrderState.CANCELLED, PaymentState.CAPTURED, True),
    ],
)
def test_a_person_is_needed_while_something_is_to_be_done(
    state: OrderState, payment: PaymentState, *, needed: bool
) -> None:
    order = an_order(state=state)
    captured = order.total if payment is PaymentState.CAPTURED else eur(0)
    paid = a_payment(order, state=payment, reference="pi_1", captured=captured)
    facts = OrderFacts(order=order, payments=(paid,))
    assert needs_its_person(facts, NOW + timedelta(seconds=1)) is needed
