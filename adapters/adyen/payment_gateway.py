"""Payments at Adyen: the attempt's id is the Idempotency-Key, our ids travel as references and metadata.

Adyen can't be asked how a payment stands. Each answer is kept, its webhooks are in the inbox, and what was
told is read from there (decision 20).
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, TypeVar

import httpx

from adapters.adyen import wire
from adapters.adyen.amounts import Amount, to_adyen
from adapters.adyen.answers import (
    Addressed,
    Agreed,
    Answer,
    Entry,
    GivenUp,
    Modified,
    Tried,
    encoded,
    entries,
)
from adapters.adyen.api import AdyenApi
from adapters.adyen.choices import address_id, asked_before, refund_made, to_capture, to_refund, to_void
from adapters.adyen.history import CANCELS, CAPTURES, REFUNDS, History, history
from adapters.adyen.requests import agreed_in, payment_asked
from adapters.adyen.settings import AdyenSettings
from adapters.adyen.snapshots import (
    PROVIDER,
    dispute_snapshots,
    payment_snapshot,
    refund_snapshot,
    refund_snapshots,
)
from domain.dispute import DisputeSnapshot
from domain.identifiers import AttemptId, OrderId, PaymentId, RefundId, is_prefixed
from domain.money import Money
from domain.payment import Instrument, PaymentSnapshot, PaymentState
from domain.period import Period
from domain.refund import RefundSnapshot, RefundState
from ports.clock import Clock
from ports.error_reports import ErrorReports
from ports.errors import OutcomeUnknown, Rejected
from ports.payment_ledger import ListedDispute, ListedPayment, ListedRefund, ListPage
from ports.payments import PaymentRequest
from ports.provider_records import ProviderAnswer, ProviderRecords

_PAGE: Final = 100
_AT_BANK: Final = frozenset({PaymentState.AWAITING_METHOD, PaymentState.AWAITING_ACTION})
T = TypeVar("T", ListedPayment, ListedRefund, ListedDispute)


class AdyenPaymentGateway:
    """Implements `ports.payments.PaymentGateway` and `ports.payment_ledger.PaymentLedger`."""

    provider = PROVIDER
    can_be_asked = False

    def __init__(
        self,
        http: httpx.AsyncClient,
        settings: AdyenSettings,
        records: ProviderRecords,
        clock: Clock,
        error_reports: ErrorReports,
    ) -> None:
        """`http`: under Adyen's policy."""
        self._api = AdyenApi(http, settings, error_reports)
        self._merchant_account = settings.merchant_account
        self._client_key = settings.client_key
        self._records = records
        self._clock = clock

    def bank_said(self, query: Mapping[str, str]) -> Instrument | None:
        return wire.from_bank(query)

    async def behind(self, named: str) -> str:
        if is_prefixed(named, "pay"):
            return named
        return await self._records.payment_named(PROVIDER, named) or named

    async def create(self, request: PaymentRequest, key: AttemptId) -> PaymentSnapshot:
        """Without an instrument nothing is asked of Adyen: there, a payment begins when somebody pays."""
        agreed = agreed_in(request)
        if request.instrument is None:
            return await self._begun(agreed, key)
        tried = await self._try(agreed, request.instrument, request.return_url, key)
        return self._snapshot(await self._kept(agreed.payment_id, key, tried, tried.psp_reference))

    async def confirm(
        self, reference: str, instrument: Instrument, return_url: str | None, key: AttemptId
    ) -> PaymentSnapshot:
        told = await self._told(reference)
        story = _known(told)
        present = payment_snapshot(story, self._client_key)
        if present.state not in _AT_BANK and not _is_among(told, key):
            return present
        tried = await self._try(story.agreed, instrument, return_url, key)
        answered = await self._kept(reference, key, tried, tried.psp_reference)
        return self._snapshot(Entry("", story.begun_at, story.agreed), answered)

    async def capture(self, reference: str, amount: Money, key: AttemptId) -> PaymentSnapshot:
        told = await self._told(reference)
        charge = asked_before(told, key) or to_capture(_known(told))
        if charge is None:
            return self._snapshot(*told)
        return await self._modified(reference, CAPTURES, charge, key, to_adyen(amount))

    async def void(self, reference: str, key: AttemptId) -> PaymentSnapshot:
        told = await self._told(reference)
        story = _known(told)
        charge = asked_before(told, key) or to_void(story)
        if charge is not None:
            return await self._modified(reference, CANCELS, charge, key)
        present = payment_snapshot(story, self._client_key)
        if present.state not in _AT_BANK:
            return present
        return self._snapshot(*told, await self._kept(reference, key, GivenUp()))

    async def retrieve(self, reference: str) -> PaymentSnapshot:
        return self._snapshot(*await self._told(reference))

    async def find(self, payment_id: PaymentId, created: Period) -> PaymentSnapshot | None:
        story = history(await self._told(payment_id))
        if story is None or not created.covers(story.begun_at):
            return None
        return payment_snapshot(story, self._client_key)

    async def refund(
        self, reference: str, refund_id: RefundId, amount: Money, key: AttemptId
    ) -> RefundSnapshot:
        told = await self._told(reference)
        story = _known(told)
        if (made := refund_made(story, refund_id, amount)) is not None:
            return refund_snapshot(made)
        psp_reference = asked_before(told, key) or to_refund(story, amount)
        if psp_reference is None:
            raise Rejected("nothing_captured")
        await self._kept(reference, address_id(key), Addressed(psp_reference), psp_reference)
        answer = await self._modify(psp_reference, REFUNDS, refund_id, key, to_adyen(amount))
        modified = Modified(REFUNDS, answer.psp_reference, psp_reference, to_adyen(amount), refund_id)
        await self._kept(reference, key, modified, psp_reference)
        return RefundSnapshot(reference=answer.psp_reference, state=RefundState.PENDING, amount=amount)

    async def find_refund(self, reference: str, refund_id: RefundId) -> RefundSnapshot | None:
        return (await self.refunds(reference)).get(refund_id)

    async def refunds(self, reference: str) -> Mapping[RefundId, RefundSnapshot]:
        return refund_snapshots(_known(await self._told(reference)))

    async def disputes(self, reference: str) -> tuple[DisputeSnapshot, ...]:
        return dispute_snapshots(_known(await self._told(reference)))

    async def payments_created(self, period: Period) -> AsyncIterator[ListPage[ListedPayment]]:
        """Those that anything was told of: nobody else lists them. Older ones too: what was captured may be
        told to have failed days later.
        """
        told = await self._records.told_within(PROVIDER, period)
        stories = await self._stories(told.ours)
        for page in _pages((self._listed(story) for story in stories), told.others):
            yield page

    async def refunds_created(self, period: Period) -> AsyncIterator[ListPage[ListedRefund]]:
        told = await self._records.told_within(PROVIDER, period)
        refunds = [refund for story in await self._stories(told.ours) for refund in _listed_refunds(story)]
        for page in _pages(sorted(refunds, key=lambda refund: refund.created_at, reverse=True)):
            yield page

    async def disputes_created(self, period: Period) -> AsyncIterator[ListPage[ListedDispute]]:
        told = await self._records.told_within(PROVIDER, period)
        raised = [each for story in await self._stories(told.ours) for each in _listed_disputes(story)]
        for page in _pages(sorted(raised, key=lambda dispute: dispute.created_at, reverse=True)):
            yield page

    async def _begun(self, agreed: Agreed, key: AttemptId) -> PaymentSnapshot:
        """As Adyen would have it: other arguments under a used key are another payment."""
        entry = await self._kept(agreed.payment_id, key, agreed)
        told = await self._told(agreed.payment_id)
        if any(isinstance(known.said, Agreed) and known.said != agreed for known in told):
            raise OutcomeUnknown("key_reused")
        return self._snapshot(entry)

    async def _try(
        self, agreed: Agreed, instrument: Instrument, return_url: str | None, key: AttemptId
    ) -> Tried:
        offered = wire.offered(instrument)
        if offered is not None and offered.details is not None:
            details = wire.DetailsAsked(details=offered.details, payment_data=offered.payment_data)
            operation = "payments.details"
            answer = await self._api.post("/payments/details", details, wire.payment_answer, operation, key)
        else:
            asked = payment_asked(self._merchant_account, agreed, offered, instrument, return_url)
            answer = await self._api.post("/payments", asked, wire.payment_answer, "payments.create", key)
        return Tried(
            psp_reference=answer.psp_reference,
            result_code=answer.result_code,
            refusal_code=answer.refusal_reason_code,
            action=answer.asked_of_page,
            agreed=agreed,
            method=offered.kind if offered is not None else "scheme",
        )

    async def _modified(
        self,
        reference: str,
        operation: str,
        psp_reference: str,
        key: AttemptId,
        amount: Amount | None = None,
    ) -> PaymentSnapshot:
        answer = await self._modify(psp_reference, operation, reference, key, amount)
        modified = Modified(operation, answer.psp_reference, psp_reference, amount)
        await self._kept(reference, key, modified, psp_reference)
        # Its webhook may have been quicker than the answer.
        return await self.retrieve(reference)

    async def _modify(
        self,
        psp_reference: str,
        operation: str,
        reference: str,
        key: AttemptId,
        amount: Amount | None,
    ) -> wire.ModificationAnswer:
        asked = wire.ModificationAsked(
            merchant_account=self._merchant_account, reference=reference, amount=amount
        )
        path = f"/payments/{psp_reference}/{operation}"
        return await self._api.post(path, asked, wire.modification_answer, f"payments.{operation}", key)

    async def _kept(
        self, payment_id: str, key: AttemptId, answer: Answer, reference: str | None = None
    ) -> Entry:
        now = self._clock.now()
        kept = ProviderAnswer(
            id=key,
            payment_id=PaymentId(payment_id),
            reference=reference,
            told_at=now,
            body=encoded(answer),
        )
        await self._records.keep(PROVIDER, kept)
        return Entry(key, now, answer)

    async def _told(self, reference: str) -> tuple[Entry, ...]:
        return tuple(entries(await self._records.of_payment(PROVIDER, PaymentId(reference))))

    async def _stories(self, payment_ids: Iterable[PaymentId]) -> list[History]:
        stories = [history(await self._told(payment_id)) for payment_id in payment_ids]
        return [story for story in stories if story is not None]

    def _snapshot(self, *told: Entry) -> PaymentSnapshot:
        return payment_snapshot(_known(told), self._client_key)

    def _listed(self, story: History) -> ListedPayment:
        return ListedPayment(
            payment_id=PaymentId(story.agreed.payment_id),
            order_id=OrderId(story.agreed.order_id),
            created_at=story.begun_at,
            snapshot=payment_snapshot(story, self._client_key),
        )


def _known(told: Iterable[Entry]) -> History:
    """Raises Rejected for a payment that nothing was told of."""
    story = history(told)
    if story is None:
        raise Rejected("no_such_payment")
    return story


def _is_among(told: Iterable[Entry], key: AttemptId) -> bool:
    return any(entry.id == key for entry in told)


def _listed_refunds(story: History) -> Iterator[ListedRefund]:
    for refund in story.refunds.values():
        yield ListedRefund(
            refund_id=RefundId(refund.refund_id) if refund.refund_id is not None else None,
            payment_reference=story.agreed.payment_id,
            created_at=refund.at,
            snapshot=refund_snapshot(refund),
        )


def _listed_disputes(story: History) -> Iterator[ListedDispute]:
    for snapshot in dispute_snapshots(story):
        yield ListedDispute(
            payment_reference=story.agreed.payment_id,
            created_at=story.raised_at[snapshot.reference],
            snapshot=snapshot,
        )


def _pages(records: Iterable[T], others: int = 0) -> Iterator[ListPage[T]]:
    remaining = iter(records)
    while (page := list(islice(remaining, _PAGE))) or others:
        yield ListPage(listed=page, others=others)
        others = 0
