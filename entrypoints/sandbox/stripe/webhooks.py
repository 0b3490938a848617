"""Events on their way to the merchant: signed as Stripe signs them, for every endpoint that wants them."""

import hashlib
import hmac
from collections.abc import Mapping

import msgspec

from entrypoints.sandbox.deliveries import Deliveries, Message
from entrypoints.sandbox.stripe.event_bodies import event_body
from entrypoints.sandbox.stripe.models import Event, WebhookEndpoint
from entrypoints.sandbox.stripe.records import Records


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The value of `Stripe-Signature`: HMAC-SHA256 over the timestamp, a dot and the raw body."""
    signed = str(timestamp).encode() + b"." + body
    return f"t={timestamp},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


class WebhookSender:
    """Listens to an account's events and hands them over for delivery."""

    def __init__(self, records: Records, deliveries: Deliveries) -> None:
        self._records = records
        self._deliveries = deliveries

    def __call__(self, event: Event) -> None:
        takers = [endpoint for endpoint in self._records.endpoints.values() if endpoint.wants(event.type)]
        if not takers:
            return
        body = msgspec.json.encode(event_body(event, len(takers)))
        for endpoint in takers:
            self._deliveries.submit(self._message(event, body, endpoint))

    def _message(self, event: Event, body: bytes, endpoint: WebhookEndpoint) -> Message:
        def sign() -> Mapping[str, str]:
            return {
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Stripe/1.0 (FastCart sandbox)",
                "Stripe-Signature": signature(endpoint.secret, self._records.now(), body),
            }

        return Message(
            vendor="stripe", event_id=event.id, event_type=event.type, url=endpoint.url, body=body, sign=sign
        )
