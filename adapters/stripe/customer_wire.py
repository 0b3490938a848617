"""Customers and their saved payment methods, between Stripe's shapes and ours."""

from typing import Any, Final

import msgspec

from adapters.stripe.wire import AnswerUnreadable, read_as
from domain.customer import Payer, SavedMethod
from ports.customers import Registration

# What was written on the customer when it was made: it is found again by it.
CUSTOMER_ID: Final = "customer_id"


class _Customer(msgspec.Struct):
    id: str


class _Method(msgspec.Struct):
    id: str
    type: str


class _Details(msgspec.Struct):
    """What stands under the method's type; a card has all of it, other methods some or nothing."""

    brand: str | None = None
    last4: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None


def registration_form(registration: Registration) -> dict[str, Any]:
    """What Stripe doesn't need to know is left out, not sent empty."""
    told = {"email": registration.email, "name": registration.name}
    labels = {CUSTOMER_ID: registration.customer_id, "user_id": registration.user_id}
    return {
        **{name: text for name, text in told.items() if text is not None},
        "metadata": {name: text for name, text in labels.items() if text is not None},
    }


def payer_form(payer: Payer) -> dict[str, Any]:
    """`off_session`: so that a subscription can be paid with it too."""
    if payer.reference is None:
        return {}
    saving = {"setup_future_usage": "off_session"} if payer.saves_method else {}
    return {"customer": payer.reference, **saving}


def payer_labels(payer: Payer) -> dict[str, str]:
    labels = {CUSTOMER_ID: payer.customer_id, "user_id": payer.user_id}
    return {name: text for name, text in labels.items() if text is not None}


def reference_of(body: object) -> str:
    """Raises AnswerUnreadable."""
    return read_as(body, _Customer).id


def saved_method(body: object) -> SavedMethod:
    """Raises AnswerUnreadable."""
    method = read_as(body, _Method)
    details = body.get(method.type) if isinstance(body, dict) else None
    if details is not None and not isinstance(details, dict):
        raise AnswerUnreadable
    known = read_as(details or {}, _Details)
    expires = (known.exp_year, known.exp_month) if known.exp_year and known.exp_month else None
    return SavedMethod(
        token=method.id, kind=method.type, brand=known.brand, ending=known.last4, expires=expires
    )
