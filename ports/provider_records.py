"""What a provider that can't be asked has told us: its answers to our calls, and its webhooks, to be read
again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from domain.identifiers import PaymentId
from domain.period import Period


class Told(Enum):
    """ANSWER: of a call of ours. WEBHOOK: what its notice said was to be kept."""

    ANSWER = "answer"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRecord:
    """`id` is the key of the call that was answered, or the webhook's event; `body` is as the provider's
    adapter wrote it down, and holds nothing about a person.
    """

    id: str
    told: Told
    told_at: datetime
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    """`reference` is what the provider will call this payment by in its webhooks, if it said so."""

    id: str
    payment_id: PaymentId
    reference: str | None
    told_at: datetime
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsToldOf:
    """Payments of ours, and how many were named that aren't."""

    ours: Sequence[PaymentId]
    others: int


class ProviderRecords(Protocol):
    async def keep(self, provider: str, answer: ProviderAnswer) -> None:
        """Once: what is kept under this id stays as it is."""

    async def payment_named(self, provider: str, reference: str) -> PaymentId | None:
        """Whose payment an answer has given this reference."""

    async def of_payment(self, provider: str, payment_id: PaymentId) -> Sequence[ProviderRecord]:
        """All that was told of it, by our id or by a reference that an answer gave, the earliest first."""

    async def told_within(self, provider: str, period: Period) -> PaymentsToldOf:
        """The payments that anything was told of in this period, those whose first record is newest first."""
