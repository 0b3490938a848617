"""What the simulated provider tells of by itself, and the webhooks that it tells it with: signed over the raw
body, as real ones are.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from domain.values import value
from ports.errors import SignatureInvalid
from ports.payments import Subject, WebhookNotice

_HEADER: Final = "simulated-signature"
_TOLERANCE_SECONDS: Final = 300


@value
class ProviderEvent:
    """Something moved at the provider: `event_id` stays the same however often it is delivered."""

    event_id: str
    event_type: str
    payment_reference: str | None
    about: Subject
    subscription_reference: str | None = None


_read: Final = msgspec.json.Decoder(ProviderEvent).decode


class InMemoryPaymentWebhooks:
    """Implements `ports.payments.PaymentWebhooks` for the simulated provider, and signs for it."""

    def __init__(self, provider: str, secret: str) -> None:
        self._provider = provider
        self._secret = secret.encode()

    def written(self, event: ProviderEvent, at: datetime) -> tuple[bytes, Mapping[str, str]]:
        """The body and the headers of one delivery. Each delivery is signed anew, for its own time."""
        body = msgspec.json.encode(event)
        time = str(int(at.timestamp()))
        return body, {_HEADER: f"{time} {self._signature(time, body)}"}

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> tuple[WebhookNotice, ...]:
        time, _, signature = headers.get(_HEADER, "").partition(" ")
        if not hmac.compare_digest(signature.encode(), self._signature(time, body).encode()):
            raise SignatureInvalid
        if abs(now.timestamp() - int(time)) > _TOLERANCE_SECONDS:
            raise SignatureInvalid
        event = _read(body)
        notice = WebhookNotice(
            provider=self._provider,
            event_id=event.event_id,
            event_type=event.event_type,
            payment_reference=event.payment_reference,
            about=event.about,
            subscription_reference=event.subscription_reference,
        )
        return (notice,)

    def _signature(self, time: str, body: bytes) -> str:
        return hmac.digest(self._secret, time.encode() + b"." + body, "sha256").hex()
