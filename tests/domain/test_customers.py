"""Customers: how their mailbox is compared, and what is done next about each of their accounts."""

from datetime import timedelta
from typing import Any, Final

import pytest

from domain.attempt import LATEST_ARRIVAL, Attempt, AttemptState, Operation
from domain.customer import AccountState, Customer, CustomerState, ProviderAccount, mailbox
from domain.customer_decision import FindAccount, Forget, RegisterAccount, RemoveAccount, decide_for
from domain.identifiers import AttemptId, CustomerId
from domain.steps import Settled, WaitUntil
from tests.builders import NOW, new_id

LATER: Final = NOW + timedelta(seconds=30)
LONG_AFTER: Final = NOW + LATEST_ARRIVAL + timedelta(seconds=1)
REGISTER, REMOVE = Operation.REGISTER_CUSTOMER, Operation.REMOVE_CUSTOMER


def a_customer(*accounts: ProviderAccount, **changes: Any) -> Customer:
    facts: dict[str, Any] = {"state": CustomerState.ACTIVE, "email": "ada@example.com", "created_at": NOW}
    return Customer(id=CustomerId(new_id("cus")), accounts=accounts, **{**facts, **changes})


def an_account(
    state: AttemptState, operation: Operation = REGISTER, reference: str | None = None, **changes: Any
) -> ProviderAccount:
    facts: dict[str, Any] = {"started_at": NOW, "until": NOW, "tries": 1}
    attempt = Attempt(
        id=AttemptId(new_id("att")),
        operation=operation,
        subject_id=CustomerId("cus_1"),
        state=state,
        **{**facts, **changes},
    )
    return ProviderAccount(provider="stripe", reference=reference, attempt=attempt)


REGISTERED: Final = an_account(AttemptState.SUCCEEDED, reference="cus_1")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Ada@Example.com", "ada@example.COM", True),
        ("caf\u00e9@example.com", "cafe\u0301@example.com", True),
        ("ada+shop@example.com", "ada@example.com", False),
        ("a.da@example.com", "ada@example.com", False),
        ("strasse@example.com", "straße@example.com", False),
    ],
)
def test_spellings_of_one_mailbox_are_the_same(one: str, other: str, *, is_same: bool) -> None:
    assert (mailbox(one) == mailbox(other)) is is_same


@pytest.mark.parametrize(
    ("account", "state"),
    [
        (ProviderAccount(provider="stripe"), AccountState.REGISTERING),
        (an_account(AttemptState.UNKNOWN), AccountState.REGISTERING),
        (REGISTERED, AccountState.REGISTERED),
        (an_account(AttemptState.REJECTED), AccountState.REFUSED),
        (an_account(AttemptState.UNAVAILABLE, REMOVE, "cus_1"), AccountState.LEAVING),
        (an_account(AttemptState.SUCCEEDED, REMOVE, "cus_1"), AccountState.REMOVED),
    ],
)
def test_the_last_attempt_says_how_an_account_stands(account: ProviderAccount, state: AccountState) -> None:
    assert account.state is state


@pytest.mark.parametrize(
    ("account", "step"),
    [
        (ProviderAccount(provider="stripe"), RegisterAccount),
        (an_account(AttemptState.UNAVAILABLE), RegisterAccount),
        (an_account(AttemptState.SPENT), RegisterAccount),
        (an_account(AttemptState.UNKNOWN), FindAccount),
        (an_account(AttemptState.IN_FLIGHT), FindAccount),
        (an_account(AttemptState.REJECTED), Settled),
        (REGISTERED, Settled),
    ],
)
def test_an_active_customer_gets_to_be_known(account: ProviderAccount, step: type) -> None:
    assert isinstance(decide_for(a_customer(account), LATER), step)


@pytest.mark.parametrize("state", [AttemptState.IN_FLIGHT, AttemptState.UNKNOWN, AttemptState.UNAVAILABLE])
def test_nobody_is_asked_before_it_is_time(state: AttemptState) -> None:
    customer = a_customer(an_account(state, until=LATER))
    step = decide_for(customer, NOW)
    assert isinstance(step, WaitUntil)
    assert step.at == LATER


@pytest.mark.parametrize(
    ("account", "step"),
    [
        (ProviderAccount(provider="stripe"), Forget),
        (an_account(AttemptState.REJECTED), Forget),
        (an_account(AttemptState.UNKNOWN), FindAccount),
        (REGISTERED, RemoveAccount),
        (an_account(AttemptState.UNKNOWN, REMOVE, "cus_1"), RemoveAccount),
        (an_account(AttemptState.UNAVAILABLE, REMOVE, "cus_1"), RemoveAccount),
        (an_account(AttemptState.SUCCEEDED, REMOVE, "cus_1"), Forget),
    ],
)
def test_a_leaving_customer_gets_to_be_forgotten(account: ProviderAccount, step: type) -> None:
    assert isinstance(decide_for(a_customer(account, state=CustomerState.LEAVING), LATER), step)


def test_whoever_leaves_is_looked_for_once_no_registration_can_arrive_any_more() -> None:
    tried_lately = a_customer(an_account(AttemptState.UNAVAILABLE), state=CustomerState.LEAVING)
    step = decide_for(tried_lately, LATER)
    assert isinstance(step, WaitUntil)
    assert step.at == NOW + LATEST_ARRIVAL
    assert isinstance(decide_for(tried_lately, LONG_AFTER), FindAccount)
    looked_late = a_customer(
        an_account(AttemptState.UNAVAILABLE, until=LONG_AFTER), state=CustomerState.LEAVING
    )
    assert isinstance(decide_for(looked_late, LONG_AFTER), Forget)


def test_one_account_that_waits_keeps_no_other_waiting() -> None:
    waiting = an_account(AttemptState.UNKNOWN, until=LATER)
    other = ProviderAccount(provider="adyen")
    assert decide_for(a_customer(waiting, other), NOW) == RegisterAccount(account=other)


def test_a_customer_tells_nothing_personal_in_a_text() -> None:
    ada = a_customer(name="Ada", user_id="user-7", password_hash="$argon2id$secret")
    for secret in ("ada", "user-7", "secret"):
        assert secret not in repr(ada).lower()
