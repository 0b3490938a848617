"""Adyen's webhooks: each item signed by itself, and which payment it is about.

Signatures: https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures/
They cover no time: a webhook that is sent again is told by its event.
"""

import hmac
from base64 import b64encode
from binascii import unhexlify
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from adapters.adyen.answers import Item, kept, notification
from adapters.adyen.history import DISPUTES
from adapters.adyen.settings import AdyenSettings
from adapters.adyen.snapshots import PROVIDER
from ports.errors import SignatureInvalid
from ports.payments import Subject, WebhookNotice

_SIGNATURE: Final = "hmacSignature"
# What was sent with the payment comes back with its events where the account is set up so.
_OUR_ID: Final = "metadata.payment_id"
_REFUNDS: Final = frozenset({"REFUND", "REFUND_FAILED", "REFUNDED_REVERSED"})


class AdyenPaymentWebhooks:
    """Implements `ports.payments.PaymentWebhooks`."""

    def __init__(self, settings: AdyenSettings) -> None:
        self._keys = tuple(unhexlify(key) for key in settings.hmac_keys)
        self._merchant_account = settings.merchant_account

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> tuple[WebhookNotice, ...]:
        """One item that isn't signed spoils them all."""
        try:
            items = [wrapped.item for wrapped in notification.decode(body).notification_items]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise SignatureInvalid from None
        if not items or not all(self._is_signed(item) for item in items):
            raise SignatureInvalid
        return tuple(self._notice(item) for item in items)

    def _notice(self, item: Item) -> WebhookNotice:
        is_ours = item.merchant_account_code == self._merchant_account
        return WebhookNotice(
            provider=PROVIDER,
            event_id=item.event_id,
            event_type=item.event_code,
            payment_reference=item.additional_data.get(_OUR_ID, item.of_payment) if is_ours else None,
            about=_about(item.event_code),
            kept=kept(item),
        )

    def _is_signed(self, item: Item) -> bool:
        given = item.additional_data.get(_SIGNATURE, "").encode()
        expected = [signature(key, item).encode() for key in self._keys]
        return any(hmac.compare_digest(one, given) for one in expected)


def signature(key: bytes, item: Item) -> str:
    signed = (
        *(item.psp_reference, item.original_reference, item.merchant_account_code, item.merchant_reference),
        *(str(item.amount.value), item.amount.currency, item.event_code, item.success),
    )
    return b64encode(hmac.new(key, ":".join(signed).encode(), sha256).digest()).decode()


def _about(event_code: str) -> Subject:
    if event_code in DISPUTES:
        return Subject.DISPUTE
    return Subject.REFUND if event_code in _REFUNDS else Subject.PAYMENT
