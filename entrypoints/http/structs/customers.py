"""Customers as they travel. A password only comes in; nothing that is made of it goes out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from application.register_customer import NewCustomer
from application.saved_methods import MethodAt
from domain.customer import Customer, ProviderAccount
from domain.identifiers import CustomerId
from entrypoints.http.structs.values import EmailAddress, Name

CustomerStanding = Literal["active", "leaving", "deleted"]
AccountStanding = Literal["registering", "registered", "refused", "leaving", "removed"]
# As NIST SP 800-63B asks: eight characters at the least, long phrases taken, no rule of composition.
Password = Annotated[str, Meta(min_length=8, max_length=256)]


class CustomerRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`email` has the shape of an address; upper and lower case don't make two of it.

    `user_id` is what your own system calls them; it travels with their payments to the provider.
    """

    email: EmailAddress
    name: Name | None = None
    user_id: Name | None = None
    password: Password | None = None


class AccountShown(msgspec.Struct, frozen=True):
    """The customer at a payment provider; `reference` is the provider's own id.

    `state` is one of
    - `registering`: the provider doesn't know them yet, it is told again;
    - `registered`: they can save a payment method there;
    - `refused`: the provider doesn't take them;
    - `leaving`: the provider is asked to forget them;
    - `removed`: it has.
    """

    provider: str
    state: AccountStanding
    reference: str | None


class CustomerShown(msgspec.Struct, frozen=True):
    """`email` is null once the customer was deleted."""

    id: str
    state: CustomerStanding
    email: str | None
    name: str | None
    user_id: str | None
    has_password: bool
    accounts: list[AccountShown]
    created_at: datetime


class CustomersPage(msgspec.Struct, frozen=True):
    """Newest first. `next` goes into `after` for the next page; null on the last."""

    items: list[CustomerShown]
    next: str | None


class ExpiryShown(msgspec.Struct, frozen=True):
    year: int
    month: int


class SavedMethodShown(msgspec.Struct, frozen=True):
    """`token` pays like any other instrument, in a checkout of this customer only.

    `kind` is what it is in the provider's words, such as `card`; `ending` are the last digits of its number.
    """

    token: str
    provider: str
    kind: str
    brand: str | None
    ending: str | None
    expires: ExpiryShown | None


class SavedMethodsShown(msgspec.Struct, frozen=True):
    """Newest first."""

    items: list[SavedMethodShown]


def saved_methods_shown(saved: Sequence[MethodAt]) -> SavedMethodsShown:
    return SavedMethodsShown([_method_shown(each) for each in saved])


def _method_shown(saved: MethodAt) -> SavedMethodShown:
    method = saved.method
    expires = ExpiryShown(*method.expires) if method.expires is not None else None
    return SavedMethodShown(method.token, saved.provider, method.kind, method.brand, method.ending, expires)


def new_customer(request: CustomerRequest, customer_id: str | None) -> NewCustomer:
    return NewCustomer(
        email=request.email,
        name=request.name,
        user_id=request.user_id,
        password=request.password,
        customer_id=CustomerId(customer_id) if customer_id is not None else None,
    )


def customer_shown(customer: Customer) -> CustomerShown:
    return CustomerShown(
        customer.id,
        customer.state.value,
        customer.email,
        customer.name,
        customer.user_id,
        customer.password_hash is not None,
        [_account_shown(account) for account in customer.accounts],
        customer.created_at,
    )


def _account_shown(account: ProviderAccount) -> AccountShown:
    return AccountShown(account.provider, account.state.value, account.reference)
