"""What a provider has told, in memory; whoever plays its postman hands in the webhooks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.identifiers import PaymentId
from domain.period import Period
from ports.payments import WebhookNotice
from ports.provider_records import PaymentsToldOf, ProviderAnswer, ProviderRecord, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class _Webhook:
    notice: WebhookNotice
    kept: bytes
    at: datetime


class InMemoryProviderRecords:
    """Implements `ports.provider_records.ProviderRecords`."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], ProviderAnswer] = {}
        self._webhooks: dict[tuple[str, str], _Webhook] = {}

    def deliver(self, notice: WebhookNotice, at: datetime) -> None:
        """An event is stored once."""
        if notice.kept is not None:
            webhook = _Webhook(notice=notice, kept=notice.kept, at=at)
            self._webhooks.setdefault((notice.provider, notice.event_id), webhook)

    async def keep(self, provider: str, answer: ProviderAnswer) -> None:
        self._answers.setdefault((provider, answer.id), answer)

    async def payment_named(self, provider: str, reference: str) -> PaymentId | None:
        return next((a.payment_id for a in self._answered(provider) if a.reference == reference), None)

    async def of_payment(self, provider: str, payment_id: PaymentId) -> Sequence[ProviderRecord]:
        answers = [a for a in self._answered(provider) if a.payment_id == payment_id]
        names = {payment_id, *(answer.reference for answer in answers)}
        records = [ProviderRecord(id=a.id, told=Told.ANSWER, told_at=a.told_at, body=a.body) for a in answers]
        records += [
            ProviderRecord(id=w.notice.event_id, told=Told.WEBHOOK, told_at=w.at, body=w.kept)
            for w in self._received(provider)
            if w.notice.payment_reference in names
        ]
        return sorted(records, key=lambda record: record.told_at)

    async def told_within(self, provider: str, period: Period) -> PaymentsToldOf:
        begun: dict[PaymentId, datetime] = {}
        owner: dict[str | None, PaymentId] = {}
        for answer in self._answered(provider):
            begun.setdefault(answer.payment_id, answer.told_at)
            owner |= {answer.payment_id: answer.payment_id, answer.reference: answer.payment_id}
        ours = {a.payment_id for a in self._answered(provider) if period.covers(a.told_at)}
        named = {w.notice.payment_reference for w in self._received(provider) if period.covers(w.at)}
        ours |= {owner[reference] for reference in named if reference is not None and reference in owner}
        others = {reference for reference in named if reference is not None and reference not in owner}
        newest_first = sorted(ours, key=lambda payment_id: (begun[payment_id], payment_id), reverse=True)
        return PaymentsToldOf(ours=newest_first, others=len(others))

    def _answered(self, provider: str) -> Iterator[ProviderAnswer]:
        return (answer for (name, _), answer in self._answers.items() if name == provider)

    def _received(self, provider: str) -> Iterator[_Webhook]:
        return (webhook for (name, _), webhook in self._webhooks.items() if name == provider)
