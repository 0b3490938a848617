"""Payments in the states that the tests start from."""

from typing import Literal

import stripe


def confirmed(
    client: stripe.StripeClient,
    method: str,
    *,
    amount: int = 2000,
    currency: str = "usd",
    capture_method: Literal["automatic", "manual"] = "automatic",
) -> stripe.PaymentIntent:
    """Created and confirmed in one call with any kind of method, never redirecting."""
    return client.v1.payment_intents.create(
        {
            "amount": amount,
            "currency": currency,
            "capture_method": capture_method,
            "payment_method": method,
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"payment_id": "pay_1"},
        }
    )


def authorized(client: stripe.StripeClient, amount: int = 2000) -> stripe.PaymentIntent:
    return confirmed(client, "pm_card_visa", amount=amount, capture_method="manual")
