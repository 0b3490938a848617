"""Payment method: what a shopper pays with, and its nature. When its money is taken, how long that may take,
and whether it can go back the way it came.
"""

from datetime import timedelta
from enum import Enum
from typing import Final

from domain.values import value


class CaptureTiming(Enum):
    """SEPARATE: authorized first, captured when we say so. AT_ONCE: the shopper's yes takes the money."""

    SEPARATE = "separate"
    AT_ONCE = "at_once"


@value
class PaymentMethod:
    """`arrives_within` is how long after the shopper's yes its money may be on its way. `paid_elsewhere`: the
    yes is a promise to pay at a counter or at a bank's machine, days later.
    """

    name: str
    capture: CaptureTiming
    arrives_within: timedelta
    paid_elsewhere: bool = False
    refundable: bool = True

    @property
    def is_delayed(self) -> bool:
        """Whether the shopper is gone when its money arrives, or fails to."""
        return self.arrives_within > _AT_ONCE


def _business_days(days: int) -> timedelta:
    """So many of them in days: a weekend in every five, one more before the first, and two holidays."""
    return timedelta(days=days + 2 * (days // 5 + 1) + 2)


# Immediate by nature. A card that is charged without its holder may rest for 26 hours:
# https://docs.stripe.com/india-recurring-payments
_AT_ONCE: Final = timedelta(days=2)
# A voucher is good until the end of the third day, and its payment is told of a business day later:
# https://docs.stripe.com/payments/vouchers
_VOUCHER: Final = timedelta(days=4) + _business_days(1)


def _immediate(name: str) -> PaymentMethod:
    return PaymentMethod(name=name, capture=CaptureTiming.AT_ONCE, arrives_within=_AT_ONCE)


def _debit(name: str, business_days: int) -> PaymentMethod:
    days = _business_days(business_days)
    return PaymentMethod(name=name, capture=CaptureTiming.AT_ONCE, arrives_within=days)


def _voucher(name: str, *, refundable: bool) -> PaymentMethod:
    return PaymentMethod(
        name=name,
        capture=CaptureTiming.AT_ONCE,
        arrives_within=_VOUCHER,
        paid_elsewhere=True,
        refundable=refundable,
    )


CARD: Final = PaymentMethod(name="card", capture=CaptureTiming.SEPARATE, arrives_within=_AT_ONCE)
# The longest time that is documented until a success or a failure is known, and where.
_KNOWN: Final = (
    CARD,
    _debit("sepa_debit", 14),  # https://docs.stripe.com/payments/sepa-debit
    _debit("ach_debit", 4),  # https://docs.stripe.com/payments/ach-direct-debit
    _debit(
        "bacs_debit", 7
    ),  # with a new mandate: https://docs.stripe.com/payments/payment-methods/bacs-debit
    _debit("becs_debit", 3),  # https://docs.stripe.com/payments/au-becs-debit
    _debit("acss_debit", 5),  # https://docs.stripe.com/payments/acss-debit
    # At a bank's own page: https://docs.stripe.com/payments/bank-redirects
    *(_immediate(name) for name in ("bancontact", "blik", "eps", "ideal", "p24", "twint")),
    # https://docs.stripe.com/payments/buy-now-pay-later
    *(_immediate(name) for name in ("affirm", "afterpay", "klarna")),
    # https://docs.stripe.com/payments/wallets
    *(_immediate(name) for name in ("alipay", "amazon_pay", "link", "mobilepay", "paypal", "wechat_pay")),
    _voucher("konbini", refundable=True),  # https://docs.stripe.com/payments/konbini
    _voucher("boleto", refundable=False),  # https://docs.stripe.com/payments/boleto
    _voucher("oxxo", refundable=False),  # https://docs.stripe.com/payments/oxxo
)
METHODS: Final = {method.name: method for method in _KNOWN}
# What is known of a method that isn't known: it may take as long as the slowest.
LONGEST_WAY: Final = max(method.arrives_within for method in _KNOWN)


def method_named(name: str) -> PaymentMethod:
    """The method with this name; one that nobody knows is given the time of the slowest."""
    known = METHODS.get(name)
    return known or PaymentMethod(name=name, capture=CaptureTiming.AT_ONCE, arrives_within=LONGEST_WAY)
