"""Customers, as far as a checkout needs them: somebody to attach a payment to, and what they saved to pay
with.
"""

from collections.abc import Iterator
from dataclasses import replace

from entrypoints.sandbox.stripe.errors import StripeError
from entrypoints.sandbox.stripe.models import Customer, PaymentMethod
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
        for method in self.methods_of(identifier):
            self._records.methods[method.id] = replace(method, customer=None, detached=True)
        return customer

    def methods_of(self, identifier: str) -> list[PaymentMethod]:
        """Newest first."""
        newest = reversed(self._records.methods.values())
        return [method for method in newest if method.customer == identifier]

    def attach(self, method_id: str, customer_id: str) -> PaymentMethod:
        """A customer saves a method, or the copy of a published one."""
        self.retrieve(customer_id)
        return self._records.attach(self._records.method(method_id), customer_id)

    def detach(self, method_id: str) -> PaymentMethod:
        method = found(self._records.methods, method_id, "PaymentMethod", "payment_method")
        if method.customer is None:
            message = (
                "The payment method you provided is not attached to a customer so detachment is impossible."
            )
            raise StripeError.refused(message, param="payment_method")
        detached = replace(method, customer=None, detached=True)
        self._records.methods[method.id] = detached
        return detached

    def newest_first(self, email: str | None = None) -> Iterator[Customer]:
        newest = reversed(self._records.customers.values())
        return (customer for customer in newest if email is None or customer.email == email)

    def _save(self, customer: Customer) -> Customer:
        self._records.customers[customer.id] = customer
        return customer
