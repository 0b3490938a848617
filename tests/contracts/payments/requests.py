"""Requests for payments, each with ids of its own."""

from adapters.system_clock import SystemClock
from domain.identifiers import AttemptId, OrderId, PaymentId
from domain.money import Money
from domain.payment import Instrument
from domain.shop import CaptureMethod
from ports.payments import PaymentRequest

_clock = SystemClock()


def key() -> AttemptId:
    return AttemptId(_clock.new_id("att"))


def asking(
    token: str | None = None,
    amount: Money | None = None,
    capture_method: CaptureMethod = CaptureMethod.MANUAL,
) -> PaymentRequest:
    return PaymentRequest(
        payment_id=PaymentId(_clock.new_id("pay")),
        order_id=OrderId(_clock.new_id("ord")),
        amount=Money.of(2023, "EUR") if amount is None else amount,
        capture_method=capture_method,
        instrument=Instrument(token=token) if token else None,
        return_url="https://shop.example/thanks" if token else None,
    )
