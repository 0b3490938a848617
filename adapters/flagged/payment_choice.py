"""Where the payment of a new order begins, behind its flag: by share, by customer, by currency."""

from collections.abc import Collection

from domain.order import Order
from ports.flags import FeatureFlags, Flag, FlagSource, FlagSubject


class FlaggedPaymentChoice:
    """Says it for one order; asked again for the same customer, or a guest's same checkout, it says the same
    until somebody turns the flag.
    """

    def __init__(self, flags: FeatureFlags, usual: str, set_up: Collection[str]) -> None:
        """`usual` is the one that orders begin with while nobody has turned the flag."""
        self._flags = flags
        self._usual = usual
        self._set_up = set_up

    def __call__(self, order: Order) -> str:
        customer_id = order.payer.customer_id if order.payer is not None else None
        subject = FlagSubject(
            key=customer_id or order.checkout_id,
            customer_id=customer_id,
            currency=order.total.currency.code,
        )
        reading = self._flags.read(Flag.PAYMENT_PROVIDER, subject)
        turned = reading.source is not FlagSource.DEFAULT and reading.value in self._set_up
        return reading.value if turned else self._usual
