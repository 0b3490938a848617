"""Subscriptions at Stripe, by its SDK: the attempt's id is the Idempotency-Key, our id is metadata."""

from collections.abc import Sequence
from typing import Any, Final

import stripe

from adapters.stripe.api import StripeApi, body_of, every, first, under
from adapters.stripe.subscription_wire import (
    SUBSCRIPTION_ID,
    invoice_snapshot,
    item_of,
    reference_of,
    subscription_form,
    subscription_snapshot,
)
from domain.identifiers import AttemptId, SubscriptionId
from domain.invoice import InvoiceSnapshot
from domain.plan import PlanTerms
from domain.standing import CancellationTime, SubscriptionSnapshot
from ports.subscription_billing import SubscriptionRequest

_GONE: Final = "resource_missing"
_WITH_PAYMENT: Final = {"expand": ["latest_invoice.payment_intent"]}


class StripeSubscriptionBilling:
    """Implements `ports.subscription_billing.SubscriptionBilling`."""

    provider = "stripe"

    def __init__(self, api: StripeApi) -> None:
        self._api = api

    async def subscribe(self, request: SubscriptionRequest, key: AttemptId) -> str:
        async with self._api.translated("subscriptions.create", writing=True):
            form = subscription_form(request)
            return reference_of(body_of(await self._subscriptions.create_async(form, under(key))))

    async def change_plan(self, reference: str, terms: PlanTerms, key: AttemptId) -> None:
        """How Stripe prorates is left to its own default: the next invoice settles the difference."""
        async with self._api.translated("subscriptions.retrieve", writing=False):
            item = item_of(body_of(await self._subscriptions.retrieve_async(reference)))
        async with self._api.translated("subscriptions.update", writing=True):
            change = {"items": [{"id": item, "price": terms.price_reference}]}
            await self._subscriptions.update_async(reference, change, under(key))

    async def cancel(self, reference: str, when: CancellationTime, key: AttemptId) -> None:
        """Stripe knows no key for a DELETE: a repeat finds nothing left to cancel."""
        if when is CancellationTime.PERIOD_END:
            async with self._api.translated("subscriptions.update", writing=True):
                change = {"cancel_at_period_end": True}
                await self._subscriptions.update_async(reference, change, under(key))
            return
        async with self._api.translated("subscriptions.cancel", writing=True):
            try:
                await self._subscriptions.cancel_async(reference)
            except stripe.InvalidRequestError as refused:
                if refused.code != _GONE:
                    raise

    async def retrieve(self, reference: str) -> SubscriptionSnapshot:
        async with self._api.translated("subscriptions.retrieve", writing=False):
            found = await self._subscriptions.retrieve_async(reference, _WITH_PAYMENT)
            return subscription_snapshot(body_of(found))

    async def find(self, subscription_id: SubscriptionId, customer_reference: str) -> str | None:
        """By listing the customer's: Stripe's search lags behind its writes by up to a minute."""
        wanted = {"customer": customer_reference, "status": "all"}
        async with self._api.translated("subscriptions.list", writing=False):
            found = every(self._subscriptions.list_async, wanted)
            subscription = await first(found, SUBSCRIPTION_ID, subscription_id)
            return reference_of(subscription) if subscription is not None else None

    async def invoices(self, reference: str) -> Sequence[InvoiceSnapshot]:
        async with self._api.translated("invoices.list", writing=False):
            found = every(self._api.v1.invoices.list_async, {"subscription": reference})
            return [invoice_snapshot(body) async for body in found][::-1]

    @property
    def _subscriptions(self) -> Any:
        return self._api.v1.subscriptions
