"""Stripe's webhooks: the signature over the raw body, and which payment or subscription an event is about.

Signatures: https://docs.stripe.com/webhooks#verify-manually
"""

import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from adapters.stripe.settings import StripeSettings
from ports.errors import SignatureInvalid
from ports.payments import Subject, WebhookNotice

# A signature is good for this long before and after its time: an old one may be replayed, a future one forged
# ahead.
_TOLERANCE_SECONDS: Final = 300


# What has to be read besides the payment, by the kind of object that an event is about.
_ABOUT: Final = {"refund": Subject.REFUND, "dispute": Subject.DISPUTE}


class _Expanded(msgspec.Struct):
    id: str


class _Object(msgspec.Struct):
    """Whatever an event is about: most name the payment behind them, by its id or, expanded, as a whole."""

    id: str = ""
    object: str = ""
    payment_intent: str | _Expanded | None = None
    subscription: str | _Expanded | None = None
    invoice: str | _Expanded | None = None

    @property
    def payment(self) -> str | None:
        """None for what a subscription's invoice collects, which is no order's."""
        if self.behind_it is not None or _id_of(self.invoice) is not None:
            return None
        return self.id or None if self.object == "payment_intent" else _id_of(self.payment_intent)

    @property
    def behind_it(self) -> str | None:
        """The subscription, if it is about one or an invoice of one."""
        if self.object == "subscription":
            return self.id or None
        return _id_of(self.subscription) if self.object == "invoice" else None


def _id_of(named: str | _Expanded | None) -> str | None:
    return named.id if isinstance(named, _Expanded) else named


class _Data(msgspec.Struct):
    object: _Object


class _Event(msgspec.Struct):
    """What Stripe signed is kept whatever it is about, as long as it has an id and is about something."""

    id: str
    data: msgspec.Raw
    type: str = "unknown"

    @property
    def subject(self) -> _Object:
        """Empty where there is nothing of ours to read."""
        try:
            return _data.decode(self.data).object
        except msgspec.MsgspecError:
            return _Object()

    def about(self, subject: _Object) -> Subject:
        """A charge tells of its refunds too."""
        if subject.behind_it is not None:
            return Subject.SUBSCRIPTION
        if self.type == "charge.refunded":
            return Subject.REFUND
        return _ABOUT.get(subject.object, Subject.PAYMENT)


_event = msgspec.json.Decoder(_Event)
_data = msgspec.json.Decoder(_Data)
_TIME: Final = re.compile(r"[0-9]{1,12}")


class StripePaymentWebhooks:
    """Implements `ports.payments.PaymentWebhooks`."""

    def __init__(self, settings: StripeSettings) -> None:
        self._secret = settings.webhook_secret.encode()

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> tuple[WebhookNotice, ...]:
        self._verify(body, headers.get("stripe-signature", ""), now)
        try:
            event = _event.decode(body)
        except msgspec.MsgspecError:
            raise SignatureInvalid from None
        subject = event.subject
        notice = WebhookNotice(
            provider="stripe",
            event_id=event.id,
            event_type=event.type,
            payment_reference=subject.payment,
            about=event.about(subject),
            subscription_reference=subject.behind_it,
        )
        return (notice,)

    def _verify(self, body: bytes, header: str, now: datetime) -> None:
        parts = [part.strip().partition("=") for part in header.split(",")]
        times = [value for name, _, value in parts if name == "t"]
        signatures = [value for name, _, value in parts if name == "v1"]
        if len(times) != 1 or not _TIME.fullmatch(times[0]):
            raise SignatureInvalid
        if abs(now.timestamp() - int(times[0])) > _TOLERANCE_SECONDS:
            raise SignatureInvalid
        expected = hmac.new(self._secret, times[0].encode() + b"." + body, sha256).hexdigest()
        if not any(hmac.compare_digest(expected.encode(), given.encode()) for given in signatures):
            raise SignatureInvalid
