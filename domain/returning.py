"""A shopper who comes back from the bank: which payment it was about, and where they go on to."""

from datetime import datetime
from hmac import compare_digest

from domain.errors import UnknownReturn
from domain.identifiers import PaymentId
from domain.order import OrderState
from domain.order_facts import OrderFacts
from domain.payment import Instrument, Payment
from domain.values import replace


def payment_returning(facts: OrderFacts, return_id: str) -> Payment:
    """The payment whose bank was given this address. Raises UnknownReturn."""
    for payment in facts.payments:
        known = payment.return_id
        if known is not None and compare_digest(known.encode(), return_id.encode()):
            return payment
    raise UnknownReturn


def way_on(facts: OrderFacts, payment: Payment) -> str:
    """Where the shopper goes: to the shop's page for that, or, when their order had ended unpaid by then, to
    the one for cancelled purchases. The same whenever it is asked.

    Raises UnknownReturn for a payment that no bank was to send anybody back from.
    """
    order = facts.order
    ended = (
        order.is_closed_unpaid
        and order.closed_at is not None
        and payment.returned_at is not None
        and order.closed_at <= payment.returned_at
    )
    if ended and order.origin.cancel_url is not None:
        return order.origin.cancel_url
    if payment.return_url is None:
        raise UnknownReturn
    return payment.return_url


def bank_answered(facts: OrderFacts, payment_id: PaymentId, answer: Instrument, now: datetime) -> OrderFacts:
    """The shopper brings what the bank gave along for the provider: the try goes on with it. Too late, or
    beside another try, it changes nothing.
    """
    live, order = facts.live_payment, facts.order
    is_awaited = live is not None and live.id == payment_id and live.takes_instruments
    if live is None or not is_awaited or order.state is not OrderState.OPEN or now >= order.pay_until:
        return facts
    going_on = replace(live, offered=answer)
    return replace(facts, payments=tuple(going_on if p.id == payment_id else p for p in facts.payments))
