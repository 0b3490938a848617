"""People and their payment methods as Stripe writes them in JSON."""

from typing import Any, Final, TypeAlias

from entrypoints.sandbox.stripe.models import Address, Customer, PaymentMethod, Shipping
from entrypoints.sandbox.stripe.test_methods import TestMethod, behaviour_of

Body: TypeAlias = dict[str, Any]

_NO_ADDRESS: Final = Address()


def customer_body(customer: Customer) -> Body:
    return {
        "id": customer.id,
        "object": "customer",
        "address": address_body(customer.address),
        "balance": 0,
        "created": customer.created,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": customer.description,
        "discount": None,
        "email": customer.email,
        "invoice_prefix": customer.id[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": dict(customer.metadata),
        "name": customer.name,
        "phone": customer.phone,
        "preferred_locales": [],
        "shipping": shipping_body(customer.shipping),
        "tax_exempt": "none",
        "test_clock": None,
    }


def method_body(method: PaymentMethod) -> Body:
    test = behaviour_of(method)
    return {
        "id": method.id,
        "object": "payment_method",
        "billing_details": billing_details(),
        "created": method.created,
        "customer": method.customer,
        "livemode": False,
        "metadata": {},
        "type": test.type,
        test.type: _card(test) if test.type == "card" else _other(test),
    }


def address_body(address: Address | None) -> Body | None:
    if address is None:
        return None
    names = ("city", "country", "line1", "line2", "postal_code", "state")
    return {name: getattr(address, name) for name in names}


def shipping_body(shipping: Shipping | None) -> Body | None:
    if shipping is None:
        return None
    return {
        "address": address_body(shipping.address),
        "carrier": shipping.carrier,
        "name": shipping.name,
        "phone": shipping.phone,
        "tracking_number": shipping.tracking_number,
    }


def billing_details() -> Body:
    return {"address": address_body(_NO_ADDRESS), "email": None, "name": None, "phone": None}


def _card_facts(test: TestMethod) -> Body:
    return {
        "brand": test.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None},
        "country": "US",
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": f"sandbox{test.last4}",
        "funding": "credit",
        "last4": test.last4,
        "wallet": None,
    }


def _card(test: TestMethod) -> Body:
    return _card_facts(test) | {
        "generated_from": None,
        "networks": {"available": [test.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
    }


def method_details(method: PaymentMethod) -> Body:
    """What a charge tells of the method it was made with."""
    test = behaviour_of(method)
    if test.type != "card":
        return {test.type: _other(test), "type": test.type}
    charged = {"installments": None, "mandate": None, "network": test.brand, "three_d_secure": None}
    return {"card": _card_facts(test) | charged, "type": "card"}


def _other(test: TestMethod) -> Body:
    """Of what is paid at another page Stripe knows little that is told here."""
    if not test.settles_later:
        return {}
    return {"fingerprint": f"sandbox{test.last4}", "last4": test.last4}
