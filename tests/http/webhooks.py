"""Webhooks whose signature is a word, so that a test can sign them."""

import json
from collections.abc import Mapping
from datetime import datetime

from ports.errors import SignatureInvalid
from ports.payments import WebhookNotice

SIGNED = {"x-signature": "right"}


class SignedWebhooks:
    """Implements `ports.payments.PaymentWebhooks`."""

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> list[WebhookNotice]:
        if headers.get("x-signature") != SIGNED["x-signature"]:
            raise SignatureInvalid
        event = json.loads(body)
        notice = WebhookNotice(
            provider="simulated", event_id=event["id"], event_type="anything", payment_reference=None
        )
        return [notice]
