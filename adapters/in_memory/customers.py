"""Customers, one an e-mail address, written over the version that was read."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from adapters.in_memory.storage import CustomerRecord
from adapters.in_memory.transaction import Transaction
from domain.customer import Customer, mailbox
from domain.identifiers import CustomerId
from domain.values import replace
from ports.errors import ConcurrentChange, EmailInUse, ProviderAccountInUse


class InMemoryCustomers:
    """Implements `ports.customers.Customers`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._records = transaction.customers

    async def get(self, customer_id: CustomerId) -> Customer | None:
        record = self._records.get(customer_id)
        return record.customer if record is not None else None

    async def by_email(self, email: str) -> Customer | None:
        return next((each for each in self._all() if _has_mailbox(each, email)), None)

    async def add(self, customer: Customer, due_at: datetime | None) -> None:
        await self._transaction.turn_to_write()
        if self._records.get(customer.id) is not None:
            self._transaction.refuse(ConcurrentChange())
        self._put(customer, due_at)

    async def save(self, customer: Customer, due_at: datetime | None) -> None:
        await self._transaction.turn_to_write()
        stored = self._records.get(customer.id)
        if stored is None or stored.customer.version != customer.version - 1:
            self._transaction.refuse(ConcurrentChange())
        self._put(customer, due_at)

    async def hold(self, customer_id: CustomerId) -> Customer | None:
        await self._transaction.turn_to_write()
        return await self.get(customer_id)

    async def due(self, now: datetime, lease_until: datetime, limit: int) -> Sequence[CustomerId]:
        await self._transaction.turn_to_write()
        waiting = [
            (record.due_at, customer_id, record)
            for customer_id, record in self._records.items()
            if record.due_at is not None and record.due_at <= now
        ]
        taken = sorted(waiting, key=lambda each: each[:2])[:limit]
        for _, customer_id, record in taken:
            self._records.put(customer_id, replace(record, due_at=lease_until))
        return [customer_id for _, customer_id, _ in taken]

    async def page(self, after: CustomerId | None, limit: int) -> Sequence[Customer]:
        newest_first = sorted(self._all(), key=_place, reverse=True)
        if after is not None:
            behind = self._records.get(after)
            if behind is None:
                return []
            newest_first = [each for each in newest_first if _place(each) < _place(behind.customer)]
        return newest_first[:limit]

    def _put(self, customer: Customer, due_at: datetime | None) -> None:
        others = [each for each in self._all() if each.id != customer.id]
        if customer.email is not None and any(_has_mailbox(each, customer.email) for each in others):
            self._transaction.refuse(EmailInUse())
        known = {(account.provider, account.reference) for each in others for account in each.accounts}
        if any((mine.provider, mine.reference) in known for mine in customer.accounts if mine.reference):
            self._transaction.refuse(ProviderAccountInUse())
        self._records.put(customer.id, CustomerRecord(customer=customer, due_at=due_at))

    def _all(self) -> Iterator[Customer]:
        return (record.customer for _, record in self._records.items())


def _place(customer: Customer) -> tuple[datetime, CustomerId]:
    return customer.created_at, customer.id


def _has_mailbox(customer: Customer, email: str) -> bool:
    return customer.email is not None and mailbox(customer.email) == mailbox(email)
