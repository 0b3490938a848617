"""Payments at Stripe, by its SDK: the attempt's id is the Idempotency-Key, our ids travel as metadata."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final, TypeVar

import stripe

from adapters.resilience.policed_calls import PolicedCalls
from adapters.stripe.errors import EXPECTED, UNEXPECTED_STATE, meaning
from adapters.stripe.settings import StripeSettings
from adapters.stripe.transport import StripeTransport, begin_call
from adapters.stripe.wire import (
    AnswerUnreadable,
    Page,
    created_within,
    dispute_snapshot,
    label,
    listed_payment,
    listed_refund,
    page_of,
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
from ports.errors import OutcomeUnknown, Unavailable
from ports.payment_ledger import ListedPayment, ListedRefund, ListPage
from ports.payments import PaymentRequest

_API_VERSION: Final = "2023-10-16"
_PAGE: Final = 100
T = TypeVar("T")

# At DEBUG the SDK logs bodies and client secrets, at INFO the texts of errors: they may repeat what was sent.
logging.getLogger("stripe").setLevel(logging.WARNING)


class StripePaymentGateway:
    """Implements `ports.payments.PaymentGateway` and `ports.payment_ledger.PaymentLedger`."""

    provider = "stripe"
    can_be_asked = True

    def __init__(
        self, settings: StripeSettings, calls: PolicedCalls, clock: Clock, error_reports: ErrorReports
    ) -> None:
        """`calls`: Stripe's policy. It makes all tries, the SDK none of its own."""
        self._error_reports = error_reports
        self._cards_only = settings.cards_only
        self._http = StripeTransport(calls, clock)
        self._client = stripe.StripeClient(
            settings.secret_key,
            stripe_version=_API_VERSION,
            base_addresses={"api": settings.base_url} if settings.base_url else {},
            http_client=self._http,
            max_network_retries=0,
        )

    async def close(self) -> None:
        """Closes its connections; the gateway can't be used afterwards."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped

    def bank_said(self, query: Mapping[str, str]) -> None:
        """Nothing that we'd need: the payment can be read."""

    async def behind(self, named: str) -> str:
        return named

    async def create(self, request: PaymentRequest, key: AttemptId) -> PaymentSnapshot:
        params: dict[str, Any] = {
            "amount": to_stripe(request.amount),
            "currency": request.amount.currency.code.lower(),
            "capture_method": request.capture_method.value,
            "metadata": {"payment_id": request.payment_id, "order_id": request.order_id},
        }
        if self._cards_only:
            params["payment_method_types"] = ["card"]
        else:
            params["automatic_payment_methods"] = {"enabled": True}
        if request.instrument is not None:
            params |= {"confirm": True, "payment_method": request.instrument.token}
            if request.return_url is not None:
                params["return_url"] = request.return_url
        return await self._tried("create", self._intents.create_async(params, _under(key)))

    async def confirm(
        self, reference: str, instrument: Instrument, return_url: str | None, key: AttemptId
    ) -> PaymentSnapshot:
        params: dict[str, Any] = {"payment_method": instrument.token}
        if return_url is not None:
            params["return_url"] = return_url
        confirming = self._intents.confirm_async(reference, params, _under(key))
        return await self._tried("confirm", confirming, reference)

    async def capture(self, reference: str, amount: Money, key: AttemptId) -> PaymentSnapshot:
        params: Any = {"amount_to_capture": to_stripe(amount)}
        capturing = self._intents.capture_async(reference, params, _under(key))
        return await self._tried("capture", capturing, reference)

    async def void(self, reference: str, key: AttemptId) -> PaymentSnapshot:
        cancelling = self._intents.cancel_async(reference, {}, _under(key))
        return await self._tried("cancel", cancelling, reference)

    async def retrieve(self, reference: str) -> PaymentSnapshot:
        async with self._translated("payment_intents.retrieve", writing=False):
            return payment_snapshot(_body(await self._intents.retrieve_async(reference)))

    async def find(self, payment_id: PaymentId, created: Period) -> PaymentSnapshot | None:
        """By listing: Stripe's search lags behind its writes by up to a minute, lists don't."""
        async with self._translated("payment_intents.list", writing=False):
            intents = _every(self._intents.list_async, created_within(created))
            intent = await _first(intents, "payment_id", payment_id)
            return payment_snapshot(intent) if intent is not None else None

    async def refund(
        self, reference: str, refund_id: RefundId, amount: Money, key: AttemptId
    ) -> RefundSnapshot:
        params: Any = {
            "payment_intent": reference,
            "amount": to_stripe(amount),
            "metadata": {"refund_id": refund_id},
        }
        async with self._translated("refunds.create", writing=True):
            refund = await self._client.v1.refunds.create_async(params, _under(key))
            return refund_snapshot(_body(refund))

    async def find_refund(self, reference: str, refund_id: RefundId) -> RefundSnapshot | None:
        async with self._translated("refunds.list", writing=False):
            refunds = _every(self._client.v1.refunds.list_async, {"payment_intent": reference})
            refund = await _first(refunds, "refund_id", refund_id)
            return refund_snapshot(refund) if refund is not None else None

    async def refunds(self, reference: str) -> dict[RefundId, RefundSnapshot]:
        async with self._translated("refunds.list", writing=False):
            found = _every(self._client.v1.refunds.list_async, {"payment_intent": reference})
            return {
                RefundId(refund_id): refund_snapshot(refund)
                async for refund in found
                if (refund_id := label(refund, "refund_id")) is not None
            }

    async def disputes(self, reference: str) -> tuple[DisputeSnapshot, ...]:
        async with self._translated("disputes.list", writing=False):
            found = _every(self._client.v1.disputes.list_async, {"payment_intent": reference})
            return tuple([dispute_snapshot(dispute) async for dispute in found])

    async def payments_created(self, period: Period) -> AsyncIterator[ListPage[ListedPayment]]:
        pages = _pages(self._intents.list_async, created_within(period))
        async for page in self._listed("payment_intents.list", pages, listed_payment):
            yield page

    async def refunds_created(self, period: Period) -> AsyncIterator[ListPage[ListedRefund]]:
        pages = _pages(self._client.v1.refunds.list_async, created_within(period))
        async for page in self._listed("refunds.list", pages, listed_refund):
            yield page

    @property
    def _intents(self) -> Any:
        return self._client.v1.payment_intents

    async def _tried(self, verb: str, call: Awaitable[Any], reference: str | None = None) -> PaymentSnapshot:
        """A decline comes as an error that carries the payment; a payment in another state is read."""
        async with self._translated(f"payment_intents.{verb}", writing=True):
            try:
                return payment_snapshot(_body(await call))
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
            async with self._translated(operation, writing=False):
                if (page := await anext(pages, None)) is None:
                    return
                ours = [record for body in page.data if (record := reading(body)) is not None]
            yield ListPage(listed=ours, others=len(page.data) - len(ours))

    @asynccontextmanager
    async def _translated(self, operation: str, *, writing: bool) -> AsyncIterator[None]:
        """Raises the ports' errors for the SDK's, without its text: that can hold what the caller sent.

        What a working shop doesn't meet is reported as well.
        """
        call = begin_call(operation, writes=writing)
        try:
            yield
        except stripe.StripeError as error:
            if type(error) not in EXPECTED:
                self._error_reports.report(f"stripe.{operation}", error)
            raise meaning(error, writing=writing, earlier_try_lost=call.earlier_try_lost) from None
        except AnswerUnreadable as error:
            self._error_reports.report(f"stripe.{operation}", error)
            raise (OutcomeUnknown if writing else Unavailable)("answer_unreadable") from None


def _intent_of(error: stripe.CardError) -> dict[str, Any] | None:
    body = error.json_body
    intent = body.get("error", {}).get("payment_intent") if isinstance(body, dict) else None
    return intent if isinstance(intent, dict) else None


def _under(key: AttemptId) -> Any:
    return {"idempotency_key": key}


def _body(answer: object) -> object:
    """What Stripe answered; anything else than an object is left for the reader to refuse."""
    return answer.to_dict() if isinstance(answer, stripe.StripeObject) else None


async def _every(
    read: Callable[..., Awaitable[Any]], wanted: dict[str, Any]
) -> AsyncGenerator[dict[str, Any], None]:
    """All records of a list, the newest first."""
    async for page in _pages(read, wanted):
        for record in page.data:
            yield record


async def _pages(read: Callable[..., Awaitable[Any]], wanted: dict[str, Any]) -> AsyncGenerator[Page, None]:
    params: dict[str, Any] = {**wanted, "limit": _PAGE}
    while True:
        page = page_of(_body(await read(params)))
        yield page
        if not page.has_more:
            return
        params["starting_after"] = page.data[-1]["id"]


async def _first(
    records: AsyncGenerator[dict[str, Any], None], name: str, value: str
) -> dict[str, Any] | None:
    """The first record that carries our label with this value."""
    async with aclosing(records):
        async for record in records:
            if label(record, name) == value:
                return record
    return None
