"""A customer is known at the provider once, whatever is lost on the way."""

from datetime import timedelta
from typing import Any, Final

import pytest

from application.buy_now import Purchase
from application.change_checkout import CheckoutChange
from application.place_order import Placement
from application.register_customer import NewCustomer
from domain.customer import AccountState, Customer, Payer
from domain.errors import EmailAlreadyRegistered, FieldRefused, NotACustomer, UnknownCustomer
from domain.identifiers import CustomerId
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import Instrument
from domain.values import replace
from ports.errors import OutcomeUnknown, PortError, Rejected, Unavailable
from tests.application.shop import EUR, TOTAL_MINOR, WORKS, Shop, draft

ADA: Final = NewCustomer(email="ada@example.com", name="Ada", user_id="user-7", password="correct horse")
LOST: Final = OutcomeUnknown("lost")
KEPT_FAILURE: Final = OutcomeUnknown("error", key_is_spent=True)
HOUR: Final = timedelta(hours=1)


def standing(customer: Customer) -> AccountState:
    (account,) = customer.accounts
    return account.state


async def later(shop: Shop, customer: Customer, wait: timedelta = HOUR) -> Customer:
    """What the sweeper has made of them when this time has passed."""
    shop.clock.advance(wait)
    swept = await shop.sweep()
    assert not swept.failures
    async with shop.unit_of_work() as uow:
        found = await uow.customers.get(customer.id)
    assert found is not None
    return found


async def test_a_new_customer_is_known_here_and_at_the_provider(shop: Shop) -> None:
    customer = await shop.register_customer(ADA)
    (account,) = customer.accounts
    (held,) = shop.vault.everybody()
    assert standing(customer) is AccountState.REGISTERED
    assert held.registration.customer_id == customer.id
    assert account.reference is not None
    assert await later(shop, customer) == customer


async def test_the_password_is_kept_as_a_hash(shop: Shop) -> None:
    customer = await shop.register_customer(ADA)
    assert customer.password_hash is not None
    assert "correct horse" not in customer.password_hash
    without = await shop.register_customer(NewCustomer(email="eva@example.com"))
    assert without.password_hash is None


async def test_a_second_customer_with_the_same_mailbox_is_refused(shop: Shop) -> None:
    ada = await shop.register_customer(ADA)
    with pytest.raises(EmailAlreadyRegistered) as refused:
        await shop.register_customer(NewCustomer(email="ADA@example.com"))
    assert refused.value.customer_id == ada.id
    assert len(shop.vault.everybody()) == 1


async def test_the_same_request_again_finds_the_customer_that_was_made(shop: Shop) -> None:
    once = NewCustomer(email="ada@example.com", customer_id=CustomerId(shop.clock.new_id("cus")))
    first = await shop.register_customer(once)
    again = await shop.register_customer(once)
    assert (again.id, again.accounts) == (first.id, first.accounts)
    assert len(shop.vault.everybody()) == 1


@pytest.mark.parametrize(
    ("moment", "error"),
    [
        ("before", Unavailable("away")),
        ("before", LOST),
        ("after", LOST),
        ("before", KEPT_FAILURE),
        ("after", KEPT_FAILURE),
    ],
)
async def test_a_provider_that_fails_is_told_later_and_knows_the_customer_once(
    shop: Shop, moment: str, error: PortError
) -> None:
    shop.faults.planned.append(("register", moment, error))  # type: ignore[arg-type]
    customer = await shop.register_customer(ADA)
    for _ in range(3):
        customer = await later(shop, customer)
    assert standing(customer) is AccountState.REGISTERED
    assert len(shop.vault.everybody()) == 1


async def test_a_doubt_is_looked_into_before_anything_is_asked_again(shop: Shop) -> None:
    shop.faults.planned += [("register", "after", LOST), ("find_customer", "before", Unavailable("away"))]
    customer = await shop.register_customer(ADA)
    customer = await later(shop, customer)
    assert standing(customer) is AccountState.REGISTERING
    assert shop.faults.asked.count("register") == 1
    customer = await later(shop, customer)
    assert standing(customer) is AccountState.REGISTERED
    assert shop.faults.asked.count("register") == 1


async def test_a_failure_that_the_provider_keeps_takes_another_key(shop: Shop) -> None:
    shop.faults.planned.append(("register", "before", KEPT_FAILURE))
    first = await shop.register_customer(ADA)
    second = await later(shop, first)
    keys = [account.attempt.id for each in (first, second) for account in each.accounts if account.attempt]
    assert keys[1].startswith(f"{keys[0]}.")


async def test_a_provider_that_says_no_is_not_asked_again(shop: Shop) -> None:
    shop.faults.planned.append(("register", "before", Rejected("email_invalid")))
    customer = await shop.register_customer(ADA)
    assert standing(customer) is AccountState.REFUSED
    assert await later(shop, customer) == customer
    assert shop.faults.asked.count("register") == 1


async def test_whoever_died_before_the_call_is_followed_by_the_sweeper(shop: Shop) -> None:
    class DiedError(BaseException):
        pass

    shop.faults.planned.append(("register", "before", DiedError()))  # type: ignore[arg-type]
    with pytest.raises(DiedError):
        await shop.register_customer(ADA)
    async with shop.unit_of_work() as uow:
        customer = await uow.customers.by_email(ADA.email)
    assert customer is not None
    customer = await later(shop, customer)
    assert standing(customer) is AccountState.REGISTERED
    assert len(shop.vault.everybody()) == 1


async def test_nobody_is_looked_after_who_was_never_registered(shop: Shop) -> None:
    with pytest.raises(UnknownCustomer):
        await shop.look_after_customer(CustomerId("cus_unknown"))


async def placed(
    shop: Shop, customer: Customer, instrument: Instrument = WORKS, **changes: Any
) -> OrderFacts:
    opened = await shop.open(EUR, replace(draft(), customer_id=customer.id))
    return await shop.place_order(
        Placement(
            checkout_id=opened.checkout.id,
            version=opened.checkout.version,
            accepted_total_minor=TOTAL_MINOR,
            instrument=instrument,
            **changes,
        )
    )


async def test_what_a_customer_saved_pays_their_next_order(shop: Shop) -> None:
    ada = await shop.register_customer(ADA)
    first = await placed(shop, ada, saves_method=True)
    assert first.order.state is OrderState.COMPLETED
    (saved,) = await shop.saved_methods(ada.id)
    second = await placed(shop, ada, Instrument(token=saved.method.token))
    assert second.order.state is OrderState.COMPLETED
    assert first.order.payer is not None
    assert second.order.payer == replace(first.order.payer, saves_method=False)
    assert list(await shop.saved_methods.detach(ada.id, saved.method.token)) == []
    assert list(await shop.saved_methods.detach(ada.id, saved.method.token)) == []


async def test_a_customer_whom_the_provider_does_not_know_yet_can_buy_and_saves_nothing(shop: Shop) -> None:
    shop.faults.planned.append(("register", "before", Unavailable("away")))
    ada = await shop.register_customer(ADA)
    facts = await placed(shop, ada, saves_method=True)
    assert facts.order.state is OrderState.COMPLETED
    assert facts.order.payer == Payer(customer_id=ada.id, user_id="user-7")
    assert list(await shop.saved_methods(ada.id)) == []


async def test_a_guest_saves_nothing(shop: Shop) -> None:
    opened = await shop.open(EUR, draft())
    with pytest.raises(FieldRefused):
        await shop.place_order(
            Placement(
                checkout_id=opened.checkout.id,
                version=1,
                accepted_total_minor=TOTAL_MINOR,
                instrument=WORKS,
                saves_method=True,
            )
        )


async def test_nothing_is_bought_in_a_strangers_name(shop: Shop) -> None:
    stranger = replace(draft(), customer_id=CustomerId("cus_unknown"))
    with pytest.raises(NotACustomer):
        await shop.open(EUR, stranger)
    opened = await shop.open(EUR, draft())
    with pytest.raises(NotACustomer):
        await shop.change(CheckoutChange(checkout_id=opened.checkout.id, content=stranger))
    with pytest.raises(NotACustomer):
        await shop.buy_now(
            Purchase(currency=EUR, draft=stranger, accepted_total_minor=TOTAL_MINOR, instrument=WORKS)
        )
    assert shop.storage.orders == {}
