"""Settings of the payment providers: where payments begin, and what each provider that is set up needs."""

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from entrypoints.environment import Reader

_HMAC_KEY: Final = re.compile(r"(?:[0-9A-Fa-f]{2})+")


class PaymentVendor(Enum):
    """Where new payments begin, unless the flag `payment_provider` says something else. STRIPE and ADYEN are
    the real thing (or its sandbox); SIMULATED keeps payments in process, for benchmarks and trying out.
    """

    STRIPE = "stripe"
    ADYEN = "adyen"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeAccess:
    """`base_url` None is Stripe itself; the sandbox's URL elsewhere.

    `cards_only` False: Stripe's automatic methods.
    """

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    base_url: str | None
    cards_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AdyenAccess:
    """`base_url` is Checkout's, with its version. Any of `hmac_keys` may sign a webhook."""

    api_key: str = field(repr=False)
    merchant_account: str
    client_key: str
    hmac_keys: tuple[str, ...] = field(repr=False)
    base_url: str


def _is_set_up(reader: Reader, vendor: PaymentVendor, payments: PaymentVendor, key: str) -> bool:
    """Also one that new payments don't usually begin with, if there is a key for it."""
    if payments is PaymentVendor.SIMULATED:
        return False
    return payments is vendor or reader.optional(key) is not None


def stripe_from(reader: Reader, payments: PaymentVendor) -> StripeAccess | None:
    if not _is_set_up(reader, PaymentVendor.STRIPE, payments, "STRIPE_SECRET_KEY"):
        return None
    return StripeAccess(
        secret_key=reader.required("STRIPE_SECRET_KEY"),
        webhook_secret=reader.required("STRIPE_WEBHOOK_SECRET"),
        base_url=reader.url("STRIPE_BASE_URL"),
        cards_only=reader.flag("STRIPE_CARDS_ONLY", default=True),
    )


def adyen_from(reader: Reader, payments: PaymentVendor) -> AdyenAccess | None:
    if not _is_set_up(reader, PaymentVendor.ADYEN, payments, "ADYEN_API_KEY"):
        return None
    hmac_keys = reader.words("ADYEN_HMAC_KEYS", _HMAC_KEY, "keys in hexadecimal, with commas between")
    if not hmac_keys:
        reader.required("ADYEN_HMAC_KEYS")
    return AdyenAccess(
        api_key=reader.required("ADYEN_API_KEY"),
        merchant_account=reader.required("ADYEN_MERCHANT_ACCOUNT"),
        client_key=reader.required("ADYEN_CLIENT_KEY"),
        hmac_keys=hmac_keys,
        base_url=reader.url("ADYEN_BASE_URL") or reader.required("ADYEN_BASE_URL"),
    )
