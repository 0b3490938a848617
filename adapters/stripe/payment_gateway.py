"""Payments at Stripe, by its SDK: the attempt's id is the Idempotency-Key, our ids travel as metadata."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, TypeVar

import stripe

from adapters.resilience.policed_calls import PolicedCalls
from adapters.stripe.api import StripeApi, body_of, every, first, pages, under
from adapters.stripe.customer_wire import payer_form, payer_labels
from adapters.stripe.errors import UNEXPECTED_STATE
from adapters.stripe.methods import offered
from adapters.stripe.settings import StripeSettings
from adapters.stripe.wire import (
    Page,
    created_within,
    dispute_snapshot,
    label,
    listed_dispute,
    listed_payment,
    listed_refund,
    payment_snapshot,
    refund_snapshot,
    to_stripe,
)
from domain.dispute import DisputeSnapshot
from domain.identifiers import AttemptId, PaymentId, RefundId
from domain.money import Money
from domain.payment import Instrument, PaymentSnapshot
from domain.period import Period
from domain.refund import RefundSnapshot
from ports.clock import Clock
from ports.error_reports import ErrorReports
from ports.payment_ledger import ListedDispute, ListedPayment, ListedRefund, ListPage
from ports.payments import PaymentRequest

T = TypeVar("T")


class StripePaymentGateway:
    """Implements `ports.payments.PaymentGateway` and `ports.payment_ledger.PaymentLedger`."""

    provider = "stripe"
    can_be_asked = True

    def __init__(
        self, settings: StripeSettings, calls: PolicedCalls, clock: Clock, error_reports: ErrorReports
    ) -> None:
        """`api` is there for the other ports that Stripe serves."""
        self.api = StripeApi(settings, calls, clock, error_reports)
        self._cards_only = settings.cards_only

    async def close(self) -> None:
        """Closes the connections to Stripe; nothing that goes by them can be used afterwards."""
        await self.api.close()

    def bank_said(self, query: Mapping[str, str]) -> None:
        """Nothing that we'd need: the payment can be read."""

    async def behind(self, named: str) -> str:
        return named

    async def create(self, request: PaymentRequest, key: AttemptId) -> PaymentSnapshot:
        params: dict[str, Any] = {
            "amount": to_stripe(request.amount),
            "currency": request.amount.currency.code.lower(),
            "metadata": {"payment_id": request.payment_id, "order_id": request.order_id},
            **offered(request, cards_only=self._cards_only),
        }
        if request.payer is not None:
            params |= payer_form(request.payer)
            params["metadata"] |= payer_labels(request.payer)
        if request.instrument is not None:
            params |= {"confirm": True, "payment_method": request.instrument.token}
            if request.return_url is not None:
                params["return_url"] = request.return_url
        creating = self._intents.create_async(params | self._with_method(), under(key))
        return await self._tried("create", creating)

    async def confirm(
        self, reference: str, instrument: Instrument, return_url: str | None, key: AttemptId
    ) -> PaymentSnapshot:
        params: dict[str, Any] = {"payment_method": instrument.token}
        if return_url is not None:
            params["return_url"] = return_url
        confirming = self._intents.confirm_async(reference, params | self._with_method(), under(key))
        return await self._tried("confirm", confirming, reference)

    async def capture(self, reference: str, amount: Money, key: AttemptId) -> PaymentSnapshot:
        params: Any = {"amount_to_capture": to_stripe(amount)}
        capturing = self._intents.capture_async(reference, params, under(key))
        return await self._tried("capture", capturing, reference)

    async def void(self, reference: str, key: AttemptId) -> PaymentSnapshot:
        cancelling = self._intents.cancel_async(reference, {}, under(key))
        return await self._tried("cancel", cancelling, reference)

    async def retrieve(self, reference: str) -> PaymentSnapshot:
        async with self.api.translated("payment_intents.retrieve", writing=False):
            intent = await self._intents.retrieve_async(reference, self._with_method())
            return payment_snapshot(body_of(intent))

    async def find(self, payment_id: PaymentId, created: Period) -> PaymentSnapshot | None:
        """By listing: Stripe's search lags behind its writes by up to a minute, lists don't."""
        async with self.api.translated("payment_intents.list", writing=False):
            intents = every(self._intents.list_async, created_within(created))
            intent = await first(intents, "payment_id", payment_id)
            return payment_snapshot(intent) if intent is not None else None

    async def refund(
        self, reference: str, refund_id: RefundId, amount: Money, key: AttemptId
    ) -> RefundSnapshot:
        params: Any = {
            "payment_intent": reference,
            "amount": to_stripe(amount),
            "metadata": {"refund_id": refund_id},
        }
        async with self.api.translated("refunds.create", writing=True):
            refund = await self.api.v1.refunds.create_async(params, under(key))
            return refund_snapshot(body_of(refund))

    async def find_refund(self, reference: str, refund_id: RefundId) -> RefundSnapshot | None:
        async with self.api.translated("refunds.list", writing=False):
            refunds = every(self.api.v1.refunds.list_async, {"payment_intent": reference})
            refund = await first(refunds, "refund_id", refund_id)
            return refund_snapshot(refund) if refund is not None else None

    async def refunds(self, reference: str) -> dict[RefundId, RefundSnapshot]:
        async with self.api.translated("refunds.list", writing=False):
            found = every(self.api.v1.refunds.list_async, {"payment_intent": reference})
            return {
                RefundId(refund_id): refund_snapshot(refund)
                async for refund in found
                if (refund_id := label(refund, "refund_id")) is not None
            }

    async def disputes(self, reference: str) -> tuple[DisputeSnapshot, ...]:
        async with self.api.translated("disputes.list", writing=False):
            found = every(self.api.v1.disputes.list_async, {"payment_intent": reference})
            return tuple([dispute_snapshot(dispute) async for dispute in found])

    async def payments_created(self, period: Period) -> AsyncIterator[ListPage[ListedPayment]]:
        found = pages(self._intents.list_async, created_within(period))
        async for page in self._listed("payment_intents.list", found, listed_payment):
            yield page

    async def refunds_created(self, period: Period) -> AsyncIterator[ListPage[ListedRefund]]:
        found = pages(self.api.v1.refunds.list_async, created_within(period))
        async for page in self._listed("refunds.list", found, listed_refund):
            yield page

    async def disputes_created(self, period: Period) -> AsyncIterator[ListPage[ListedDispute]]:
        raised = pages(self.api.v1.disputes.list_async, created_within(period))
        async for page in self._listed("disputes.list", raised, listed_dispute):
            yield page

    @property
    def _intents(self) -> Any:
        return self.api.v1.payment_intents

    def _with_method(self) -> dict[str, Any]:
        """Asks for what the shopper pays with, where that isn't always a card."""
        return {} if self._cards_only else {"expand": ["payment_method"]}

    async def _tried(self, verb: str, call: Awaitable[Any], reference: str | None = None) -> PaymentSnapshot:
        """A decline comes as an error that carries the payment; a payment in another state is read."""
        async with self.api.translated(f"payment_intents.{verb}", writing=True):
            try:
                return payment_snapshot(body_of(await call))
            except stripe.CardError as declined:
                intent = _intent_of(declined)
                if intent is None:
                    raise
                return payment_snapshot(intent)
            except stripe.InvalidRequestError as refused:
                if reference is None or refused.code not in UNEXPECTED_STATE:
                    raise
        return await self.retrieve(reference)

    async def _listed(
        self, operation: str, pages: AsyncGenerator[Page, None], reading: Callable[[object], T | None]
    ) -> AsyncIterator[ListPage[T]]:
        """Records that a reading makes nothing of are somebody else's."""
        while True:
            async with self.api.translated(operation, writing=False):
                if (page := await anext(pages, None)) is None:
                    return
                ours = [record for body in page.data if (record := reading(body)) is not None]
            yield ListPage(listed=ours, others=len(page.data) - len(ours))


def _intent_of(error: stripe.CardError) -> dict[str, Any] | None:
    body = error.json_body
    intent = body.get("error", {}).get("payment_intent") if isinstance(body, dict) else None
    return intent if isinstance(intent, dict) else None
