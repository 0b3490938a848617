"""Customers: as our storage keeps them, and as a payment provider knows them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.customer import Customer, SavedMethod
from domain.identifiers import AttemptId, CustomerId
from domain.period import Period


class Customers(Protocol):
    async def get(self, customer_id: CustomerId) -> Customer | None: ...

    async def by_email(self, email: str) -> Customer | None:
        """Whoever has this mailbox, however it is spelled (`domain.customer.mailbox`)."""

    async def add(self, customer: Customer, due_at: datetime | None) -> None:
        """Raises, at the latest with the commit, EmailInUse, and ConcurrentChange if there is one with this
        id.
        """

    async def save(self, customer: Customer, due_at: datetime | None) -> None:
        """Writes it over the version before its own, and when to look at it next.

        Raises, at the latest with the commit, ConcurrentChange if that is not the stored one, and
        ProviderAccountInUse.
        """

    async def hold(self, customer_id: CustomerId) -> Customer | None:
        """As `get`, and nobody changes the customer before this unit of work has ended."""

    async def due(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[CustomerId]:
        """Those to be looked at by now, earliest first, set aside until the lease ends."""

    async def page(self, after: CustomerId | None, limit: int) -> Sequence[Customer]:
        """Newest first; those behind `after`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Who is to be known to the provider: `customer_id` is what they are found by again."""

    customer_id: CustomerId
    email: str | None = field(repr=False)
    name: str | None = field(repr=False)
    user_id: str | None = field(repr=False)


class CustomerVault(Protocol):
    """Customers at a payment provider, and what they saved there to pay with.

    `reference` is the provider's own id of a customer. All raise Rejected, Unavailable or OutcomeUnknown, and
    nothing else.
    """

    @property
    def provider(self) -> str:
        """The provider's name as it stands in the records, such as `stripe`."""

    async def register(self, registration: Registration, key: AttemptId) -> str:
        """Its reference. Repeating it with the same key has one effect, and answers as it did then."""

    async def find(self, registration: Registration, created: Period) -> str | None:
        """The reference of the customer that carries our id among those that the provider made within this
        period, or None: for a registration whose answer was lost.
        """

    async def remove(self, reference: str) -> None:
        """The provider forgets the customer, and what they saved. Whoever is gone already is gone."""

    async def methods(self, reference: str) -> Sequence[SavedMethod]:
        """All that the customer saved, newest first. Raises Rejected when there is no such customer."""

    async def detach(self, reference: str, token: str, key: AttemptId) -> None:
        """The method can't be used any more. One that isn't this customer's (any more) is left alone."""
