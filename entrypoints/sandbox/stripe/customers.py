"""Customers, as far as a checkout needs them: somebody to attach a payment to."""

from collections.abc import Iterator
from dataclasses import replace

from entrypoints.sandbox.stripe.models import Customer
from entrypoints.sandbox.stripe.records import Records, found, merged


class Customers:
    def __init__(self, records: Records) -> None:
        self._records = records

    def create(self, facts: Customer) -> Customer:
        """`facts` is a customer without an id yet."""
        customer = replace(facts, id=self._records.clock.new_id("cus"), created=self._records.now())
        return self._save(replace(customer, metadata=merged({}, facts.metadata)))

    def retrieve(self, identifier: str) -> Customer:
        return found(self._records.customers, identifier, "customer")

    def update(self, identifier: str, facts: Customer) -> Customer:
        """None keeps what is there."""
        present = self.retrieve(identifier)
        return self._save(
            replace(
                present,
                email=facts.email or present.email,
                name=facts.name or present.name,
                phone=facts.phone or present.phone,
                description=facts.description or present.description,
                address=facts.address or present.address,
                shipping=facts.shipping or present.shipping,
                metadata=merged(present.metadata, facts.metadata),
            )
        )

    def delete(self, identifier: str) -> Customer:
        customer = self.retrieve(identifier)
        del self._records.customers[identifier]
        return customer

    def newest_first(self, email: str | None = None) -> Iterator[Customer]:
        newest = reversed(self._records.customers.values())
        return (customer for customer in newest if email is None or customer.email == email)

    def _save(self, customer: Customer) -> Customer:
        self._records.customers[customer.id] = customer
        return customer
