"""What a caller sends to turn a checkout into an order and to pay it."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from domain.payment import Instrument
from entrypoints.http.structs.carts import OpenRequest
from entrypoints.http.structs.values import MoneyStruct, Url

INSTRUMENT: Final = r"^[A-Za-z0-9_\-]+$(?!\n)"


class InstrumentStruct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The provider's token for what the shopper pays with; never card data. At Adyen: its form's
    `state.data`, as JSON in base64url, or the id of a stored method.
    """

    token: Annotated[str, Meta(min_length=1, max_length=20_000, pattern=INSTRUMENT)]


class PaymentStart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Pay at once with this; without it the shopper's client confirms with the provider itself."""

    instrument: InstrumentStruct


class PlaceRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The version and the total that the shopper accepted; any other is refused with the new quote.

    `save_payment_method`: the checkout's customer wants to pay with it again. It is saved once the payment
    succeeds, where the payment provider knows the customer.
    """

    version: Annotated[int, Meta(ge=1, le=2_147_483_647)]
    accepted_total: MoneyStruct
    payment: PaymentStart | None = None
    return_url: Url | None = None
    save_payment_method: bool = False


class PurchaseRequest(OpenRequest, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything in one call: the cart, and the total that the shopper accepted; saving as in placing."""

    accepted_total: MoneyStruct
    payment: PaymentStart | None = None
    save_payment_method: bool = False


class ConfirmRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`return_url` is where a bank sends the shopper back to."""

    instrument: InstrumentStruct
    return_url: Url | None = None


def instrument_of(payment: PaymentStart | None) -> Instrument | None:
    return Instrument(token=payment.instrument.token) if payment else None
