"""Checkout v71 as it is on the wire: requests, answers, and the tokens that a shopper's browser brings.

https://docs.adyen.com/api-explorer/Checkout/71/overview
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from adapters.adyen.amounts import Amount
from domain.payment import Instrument

# What a bank may add to the address that it sends the shopper back to.
_FROM_BANK: Final = ("redirectResult", "payload")


class PaymentAsked(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """POST /payments. `browser`: what the shopper's page says of itself, as it says it."""

    amount: Amount
    merchant_account: str
    payment_method: dict[str, Any]
    reference: str
    return_url: str
    metadata: dict[str, str]
    additional_data: dict[str, str] | None = None
    capture_delay_hours: int | None = None
    shopper_reference: str | None = None
    shopper_interaction: str | None = None
    recurring_processing_model: str | None = None
    store_payment_method: bool | None = None
    browser_info: dict[str, Any] | None = None
    origin: str | None = None
    channel: str = "Web"


class DetailsAsked(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """POST /payments/details: what the bank gave the shopper along."""

    details: dict[str, Any]
    payment_data: str | None = None


class ModificationAsked(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """POST /payments/{pspReference}/captures, cancels and refunds; a cancel has no amount."""

    merchant_account: str
    reference: str
    amount: Amount | None = None


class Action(msgspec.Struct, rename="camel"):
    type: str
    method: str | None = None
    url: str | None = None


class PaymentAnswer(msgspec.Struct, rename="camel"):
    """What /payments and /payments/details answer. `action` is kept whole: the shop's page takes it."""

    psp_reference: str | None = None
    result_code: str = "unknown"
    refusal_reason: str | None = None
    refusal_reason_code: str | None = None
    action: msgspec.Raw = msgspec.Raw()

    @property
    def asked_of_page(self) -> str | None:
        """The action as it came; None where there is none."""
        said = bytes(self.action)
        return said.decode() if said not in (b"", b"null") else None


class ModificationAnswer(msgspec.Struct, rename="camel"):
    """It was received; what becomes of it is told by a webhook that has the same `psp_reference`."""

    psp_reference: str
    payment_psp_reference: str


class Offered(msgspec.Struct, rename="camel"):
    """A browser's `state.data`: it pays, or it answers what the bank has asked."""

    payment_method: dict[str, Any] | None = None
    details: dict[str, Any] | None = None
    payment_data: str | None = None
    browser_info: dict[str, Any] | None = None
    origin: str | None = None

    @property
    def is_stored(self) -> bool:
        """Whether it pays with what was stored before."""
        return self.payment_method is not None and "storedPaymentMethodId" in self.payment_method

    @property
    def kind(self) -> str | None:
        """What is paid with; None for who only answers."""
        return str(self.payment_method.get("type", "scheme")) if self.payment_method is not None else None


payment_answer: Final = msgspec.json.Decoder(PaymentAnswer)
modification_answer: Final = msgspec.json.Decoder(ModificationAnswer)
action: Final = msgspec.json.Decoder(Action)
_offered: Final = msgspec.json.Decoder(Offered)


def offered(instrument: Instrument) -> Offered | None:
    """What is in the token: a browser's `state.data`, as JSON in base64url; None for the id of a stored
    method.
    """
    token = instrument.token
    try:
        found = _offered.decode(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, msgspec.MsgspecError):
        return None
    return found if found.payment_method is not None or found.details is not None else None


def token(state_data: Mapping[str, object]) -> str:
    """A browser's `state.data` as a token."""
    return urlsafe_b64encode(msgspec.json.encode(state_data)).rstrip(b"=").decode()


def from_bank(query: Mapping[str, str]) -> Instrument | None:
    """What stands in the address that the shopper comes back to, as a token."""
    details = {name: query[name] for name in _FROM_BANK if name in query}
    return Instrument(token=token({"details": details})) if details else None
