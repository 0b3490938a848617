"""Adyen's webhooks: one item each, signed, and kept for whoever wants to look at them."""

import hmac
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import timedelta, timezone
from hashlib import sha256
from typing import Final

import msgspec

from entrypoints.sandbox.adyen.models import Amount, Payment
from entrypoints.sandbox.deliveries import Deliveries, Message
from entrypoints.sandbox.settings import SandboxSettings
from ports.clock import Clock

_AMSTERDAM: Final = timezone(timedelta(hours=1))


class Item(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    amount: Amount
    event_code: str
    event_date: str
    merchant_account_code: str
    merchant_reference: str
    payment_method: str
    psp_reference: str
    success: str
    reason: str = ""
    original_reference: str = ""
    additional_data: dict[str, str] = {}
    operations: list[str] | None = None


class WebhookSender:
    def __init__(self, settings: SandboxSettings, clock: Clock, deliveries: Deliveries) -> None:
        self._url = settings.adyen_webhook_url
        self._key = bytes.fromhex(settings.adyen_hmac_key)
        self._clock = clock
        self._deliveries = deliveries
        self.bodies: list[str] = []

    def tell(
        self,
        payment: Payment,
        event_code: str,
        psp_reference: str,
        amount: Amount,
        *,
        success: bool = True,
        reason: str = "",
        additional_data: Mapping[str, str] | None = None,
        merchant_reference: str | None = None,
    ) -> None:
        """An event of the payment, or of what was asked about it, which then has a reference of its own, and
        the merchant's for it if one was said.
        """
        is_own = psp_reference == payment.psp_reference
        item = Item(
            amount=amount,
            event_code=event_code,
            event_date=self._clock.now().astimezone(_AMSTERDAM).isoformat(timespec="seconds"),
            merchant_account_code=payment.asked.merchant_account,
            merchant_reference=merchant_reference or payment.asked.reference,
            original_reference="" if is_own else payment.psp_reference,
            payment_method=str(payment.asked.payment_method.get("brand", "visa")),
            psp_reference=psp_reference,
            reason=reason,
            success="true" if success else "false",
            additional_data=dict(additional_data or {}),
            operations=["CANCEL", "CAPTURE", "REFUND"] if is_own and success else None,
        )
        item.additional_data["hmacSignature"] = signature(self._key, item)
        body = msgspec.json.encode(
            {"live": "false", "notificationItems": [{"NotificationRequestItem": item}]}
        )
        self.bodies.append(body.decode())
        if self._url is not None:
            self._deliveries.submit(_message(self._url, item, body))


def signature(key: bytes, item: Item) -> str:
    """Base64 of HMAC-SHA256 over eight fields with colons between."""
    fields = (
        *(item.psp_reference, item.original_reference, item.merchant_account_code, item.merchant_reference),
        *(str(item.amount.value), item.amount.currency, item.event_code, item.success),
    )
    return b64encode(hmac.new(key, ":".join(fields).encode(), sha256).digest()).decode()


def _message(url: str, item: Item, body: bytes) -> Message:
    sign: Callable[[], Mapping[str, str]] = lambda: {"Content-Type": "application/json; charset=UTF-8"}  # noqa: E731
    event_id = f"{item.event_code}.{item.psp_reference}"
    return Message(
        vendor="adyen", event_id=event_id, event_type=item.event_code, url=url, body=body, sign=sign
    )
