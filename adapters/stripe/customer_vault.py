"""Customers at Stripe and what they saved to pay with, by its SDK; our id travels as metadata."""

from collections.abc import Sequence
from typing import Any, Final

import stripe

from adapters.stripe.api import StripeApi, body_of, every, first, under
from adapters.stripe.customer_wire import CUSTOMER_ID, reference_of, registration_form, saved_method
from adapters.stripe.wire import created_within
from domain.customer import SavedMethod
from domain.identifiers import AttemptId
from domain.period import Period
from ports.customers import Registration

_GONE: Final = "resource_missing"


class StripeCustomerVault:
    """Implements `ports.customers.CustomerVault`."""

    provider = "stripe"

    def __init__(self, api: StripeApi) -> None:
        self._api = api

    async def register(self, registration: Registration, key: AttemptId) -> str:
        async with self._api.translated("customers.create", writing=True):
            form = registration_form(registration)
            return reference_of(body_of(await self._customers.create_async(form, under(key))))

    async def find(self, registration: Registration, created: Period) -> str | None:
        """By listing those with the same e-mail address, letter for letter: Stripe's search lags behind its
        writes by up to a minute, lists don't.
        """
        wanted = created_within(created)
        if registration.email is not None:
            wanted["email"] = registration.email
        async with self._api.translated("customers.list", writing=False):
            found = every(self._customers.list_async, wanted)
            customer = await first(found, CUSTOMER_ID, registration.customer_id)
            return reference_of(customer) if customer is not None else None

    async def remove(self, reference: str) -> None:
        async with self._api.translated("customers.delete", writing=True):
            try:
                await self._customers.delete_async(reference)
            except stripe.InvalidRequestError as refused:
                if refused.code != _GONE:
                    raise

    async def methods(self, reference: str) -> Sequence[SavedMethod]:
        async def read(wanted: dict[str, Any]) -> Any:
            return await self._customers.payment_methods.list_async(reference, wanted)

        async with self._api.translated("customers.payment_methods.list", writing=False):
            return [saved_method(body) async for body in every(read, {})]

    async def detach(self, reference: str, token: str, key: AttemptId) -> None:
        """Stripe detaches by the method alone, so whose it is has to be seen first."""
        if any(method.token == token for method in await self.methods(reference)):
            async with self._api.translated("payment_methods.detach", writing=True):
                await self._api.v1.payment_methods.detach_async(token, {}, under(key))

    @property
    def _customers(self) -> Any:
        return self._api.v1.customers
