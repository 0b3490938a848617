"""Webhooks where payments are simulated in process: nobody sends any, so none can be genuine."""

from collections.abc import Mapping
from datetime import datetime

from ports.errors import SignatureInvalid
from ports.payments import WebhookNotice


class NoPaymentWebhooks:
    """Implements `ports.payments.PaymentWebhooks`."""

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> tuple[WebhookNotice, ...]:
        raise SignatureInvalid
