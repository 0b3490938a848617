"""Every body that the simulated Stripe sends is valid by Stripe's own specification."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stripe
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.sandbox.payments import authorized, confirmed
from tests.sandbox.server import RunningSandbox

_ROOT = Path(os.environ.get("FASTCART_CONTRACTS", Path(__file__).parents[3] / "shared" / "contracts"))
_SPECIFICATION = _ROOT / "stripe" / "openapi-2023-08-16.trimmed.json"
pytestmark = pytest.mark.skipif(
    not _SPECIFICATION.exists(),
    reason="Stripe's specification is not here; name its folder in FASTCART_CONTRACTS",
)

Check = Callable[[str, object], None]


@pytest.fixture(scope="module")
def check() -> Check:
    resource = DRAFT202012.create_resource(json.loads(_SPECIFICATION.read_text()))
    registry: Registry[Any] = Registry().with_resource("urn:stripe", resource)

    def valid(component: str, body: object) -> None:
        schema = {"$ref": f"urn:stripe#/components/schemas/{component}"}
        problems = [
            problem.message for problem in OAS30Validator(schema, registry=registry).iter_errors(body)
        ]
        assert problems == []

    return valid


def _get(sandbox: RunningSandbox, path: str) -> Any:
    return sandbox.control.get(f"/stripe/v1/{path}", headers={"Authorization": "Bearer sk_test_x"}).json()


def _every_state(sandbox: RunningSandbox, client: stripe.StripeClient) -> None:
    """Leaves payments, charges, refunds, disputes and events of all kinds behind."""
    client.v1.payment_intents.create({"amount": 500, "currency": "kwd"})
    client.v1.payment_intents.create({"amount": 500, "currency": "eur", "payment_method": "pm_card_visa"})
    client.v1.payment_intents.cancel(authorized(client).id)
    authorized(client)
    for method in ("pm_card_authenticationRequired", "pm_usBankAccount_success", "pm_card_createDispute"):
        confirmed(client, method)
    with pytest.raises(stripe.CardError):
        confirmed(client, "pm_card_visa_chargeDeclined")
    for method in ("pm_card_refundFail", "pm_card_pendingRefund"):
        refund = client.v1.refunds.create({"payment_intent": confirmed(client, method).id})
        if method == "pm_card_refundFail":
            sandbox.do(f"refunds/{refund.id}/settle")


def test_every_state_of_every_record_is_valid(
    sandbox: RunningSandbox, client: stripe.StripeClient, check: Check
) -> None:
    _every_state(sandbox, client)
    payments = _get(sandbox, "payment_intents?limit=100")["data"]
    assert {payment["status"] for payment in payments} == {
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "processing",
        "requires_capture",
        "succeeded",
        "canceled",
    }
    for payment in payments:
        check("payment_intent", payment)
        if payment["latest_charge"]:
            check("charge", _get(sandbox, f"charges/{payment['latest_charge']}"))
        if payment["payment_method"]:
            check("payment_method", _get(sandbox, f"payment_methods/{payment['payment_method']}"))
    for refund in _get(sandbox, "refunds?limit=100")["data"]:
        check("refund", refund)


def test_every_event_and_what_it_carries_is_valid(
    sandbox: RunningSandbox, client: stripe.StripeClient, check: Check
) -> None:
    _every_state(sandbox, client)
    events = _get(sandbox, "events?limit=100")["data"]
    assert len({event["type"] for event in events}) > 12
    for event in events:
        check("event", event)
        check(event["data"]["object"]["object"], event["data"]["object"])


def test_customers_disputes_and_endpoints_are_valid(
    sandbox: RunningSandbox, client: stripe.StripeClient, check: Check
) -> None:
    customer = client.v1.customers.create(
        {"email": "ada@example.com", "address": {"city": "Oslo", "country": "NO"}, "metadata": {"a": "b"}}
    )
    check("customer", _get(sandbox, f"customers/{customer.id}"))
    saved = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    (listed,) = _get(sandbox, f"customers/{customer.id}/payment_methods?type=card")["data"]
    assert listed == saved.to_dict()
    check("payment_method", listed)
    check("payment_method", client.v1.payment_methods.detach(saved.id).to_dict())
    check("deleted_customer", client.v1.customers.delete(customer.id).to_dict())
    endpoint = client.v1.webhook_endpoints.create({"url": "https://shop.example", "enabled_events": ["*"]})
    check("webhook_endpoint", endpoint.to_dict())


@pytest.mark.parametrize(
    "form",
    [
        {"amount": "1"},
        {"amount": "49", "currency": "usd"},
        {
            "amount": "2000",
            "currency": "usd",
            "confirm": "true",
            "payment_method": "pm_card_visa_chargeDeclined",
            "payment_method_types[]": "card",
        },
    ],
)
def test_errors_are_valid(sandbox: RunningSandbox, check: Check, form: dict[str, str]) -> None:
    check("error", sandbox.post("/payment_intents", form).json())
