"""What a shopper pays with at Adyen, in our words: by the `type` of the payment method.

https://docs.adyen.com/payment-methods
"""

from typing import Final

from domain.payment_method import CARD, PaymentMethod, method_named

_CARDS: Final = frozenset({"scheme", "card", "networkToken", "applepay", "googlepay", "clicktopay"})
# Where Adyen has another name than we have.
_NAMES: Final = {
    "sepadirectdebit": "sepa_debit",
    "ach": "ach_debit",
    "directdebit_GB": "bacs_debit",
    "bcmc": "bancontact",
    "onlineBanking_PL": "p24",
    "afterpaytouch": "afterpay",
    "klarna_account": "klarna",
    "klarna_paynow": "klarna",
    "amazonpay": "amazon_pay",
    "wechatpayWeb": "wechat_pay",
    "econtext_stores": "konbini",
    "boletobancario": "boleto",
}
# Authorized first and captured when we say so, as cards are: https://docs.adyen.com/online-payments/capture
_CAPTURED_LATER: Final = frozenset({"affirm", "afterpay", "amazon_pay", "klarna", "paypal"})


def method_of(kind: str | None) -> PaymentMethod | None:
    """None where nothing says it."""
    if kind is None:
        return None
    return CARD if kind in _CARDS else method_named(_NAMES.get(kind, kind))


def takes_at_once(kind: str | None) -> bool:
    """Whether the shopper's yes takes the money, whatever was asked for."""
    method = method_of(kind)
    return method is not None and method != CARD and method.name not in _CAPTURED_LATER
