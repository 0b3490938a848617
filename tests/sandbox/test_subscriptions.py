"""Subscriptions at the simulated Stripe: bodies as its specification has them, time that passes, events."""

import json
from typing import Any

import pytest
import stripe
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.contracts.vendor_papers import needs, read
from tests.sandbox.server import RunningSandbox
from tests.sandbox.sink import Sink

DAY, VISA = 24 * 3600, "pm_card_visa"


class Account:
    """A merchant at the simulated Stripe, who sells one monthly plan."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox
        recurring = {"recurring[interval]": "month", "product_data[name]": "Gold"}
        self.price = self.post("/prices", {"unit_amount": "1900", "currency": "eur"} | recurring)["id"]
        self.customer = self.post("/customers", {"email": "ada@example.com"})["id"]

    def post(self, path: str, form: dict[str, str]) -> Any:
        return self.sandbox.post(path, form).raise_for_status().json()

    def get(self, path: str) -> Any:
        headers = {"Authorization": "Bearer sk_test_x"}
        return self.sandbox.control.get(f"/stripe/v1{path}", headers=headers).raise_for_status().json()

    def card(self, token: str) -> str:
        return str(self.post(f"/payment_methods/{token}/attach", {"customer": self.customer})["id"])

    def subscribe(self, token: str | None = VISA) -> Any:
        form = {"customer": self.customer, "items[0][price]": self.price}
        if token is None:
            form |= {"payment_behavior": "default_incomplete"}
            form |= {"payment_settings[save_default_payment_method]": "on_subscription"}
        else:
            form |= {"default_payment_method": self.card(token)}
        return self.post("/subscriptions", form)

    def status(self, subscription_id: str) -> str:
        return str(self.get(f"/subscriptions/{subscription_id}")["status"])

    def invoices(self, subscription_id: str) -> Any:
        return self.get(f"/invoices?subscription={subscription_id}")["data"]

    def pass_days(self, days: int) -> None:
        self.sandbox.control.post("/_control/clock/advance", json={"seconds": days * DAY}).raise_for_status()


@pytest.fixture
def account(sandbox: RunningSandbox) -> Account:
    return Account(sandbox)


@needs("stripe")
def test_every_body_is_valid_by_stripes_specification(account: Account) -> None:
    resource = DRAFT202012.create_resource(read("stripe", "openapi-2023-08-16.trimmed.json"))
    registry: Registry[Any] = Registry().with_resource("urn:stripe", resource)

    def problems(component: str, body: object) -> list[str]:
        schema = {"$ref": f"urn:stripe#/components/schemas/{component}"}
        found = OAS30Validator(schema, registry=registry).iter_errors(body)
        return [problem.message for problem in found]

    active, waiting = account.subscribe(), account.subscribe(token=None)
    failing = account.subscribe("pm_card_chargeCustomerFail")
    account.sandbox.do(f"subscriptions/{active['id']}/bill")
    account.sandbox.do(f"subscriptions/{active['id']}/end")
    for subscription in (active, waiting, failing):
        assert problems("subscription", account.get(f"/subscriptions/{subscription['id']}")) == []
        for invoice in account.invoices(subscription["id"]):
            assert problems("invoice", invoice) == []
    assert problems("price", active["items"]["data"][0]["price"]) == []


def test_a_month_later_the_next_period_is_billed(account: Account) -> None:
    subscription = account.subscribe()
    account.pass_days(32)
    assert [invoice["status"] for invoice in account.invoices(subscription["id"])] == ["paid", "paid"]
    assert account.status(subscription["id"]) == "active"


def test_a_failing_card_is_tried_four_times_and_then_the_subscription_ends(account: Account) -> None:
    subscription = account.subscribe()
    failing = account.card("pm_card_chargeCustomerFail")
    account.post(f"/subscriptions/{subscription['id']}", {"default_payment_method": failing})
    account.pass_days(32)
    assert account.status(subscription["id"]) == "past_due"
    for days, tries in ((3, 2), (5, 3), (7, 4)):
        account.pass_days(days)
        assert account.invoices(subscription["id"])[0]["attempt_count"] == tries
    assert account.status(subscription["id"]) == "canceled"


def test_a_first_payment_that_never_comes_expires_within_a_day(account: Account) -> None:
    subscription = account.subscribe(token=None)
    account.pass_days(1)
    assert account.status(subscription["id"]) == "incomplete_expired"
    assert account.invoices(subscription["id"])[0]["status"] == "void"


def test_a_first_payment_in_the_page_begins_the_subscription_and_pays_the_next_ones(
    account: Account, client: stripe.StripeClient
) -> None:
    subscription = account.subscribe(token=None)
    expanded = account.get(f"/subscriptions/{subscription['id']}?expand[]=latest_invoice.payment_intent")
    payment = expanded["latest_invoice"]["payment_intent"]
    assert payment["client_secret"]
    client.v1.payment_intents.confirm(payment["id"], {"payment_method": "pm_card_visa"})
    assert account.status(subscription["id"]) == "active"
    account.pass_days(32)
    assert [invoice["status"] for invoice in account.invoices(subscription["id"])] == ["paid", "paid"]


def test_a_card_that_is_not_the_customers_is_refused(account: Account) -> None:
    form = {"customer": account.customer, "items[0][price]": account.price}
    answer = account.sandbox.post("/subscriptions", form | {"default_payment_method": "pm_card_visa"})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "default_payment_method"


def test_its_life_is_told_event_by_event(account: Account, client: stripe.StripeClient, sink: Sink) -> None:
    secret = client.v1.webhook_endpoints.create({"url": sink.url, "enabled_events": ["*"]}).secret
    assert secret is not None
    subscription = account.subscribe()
    failing = account.card("pm_card_chargeCustomerFail")
    account.post(f"/subscriptions/{subscription['id']}", {"default_payment_method": failing})
    account.sandbox.do(f"subscriptions/{subscription['id']}/bill")
    account.sandbox.do(f"subscriptions/{subscription['id']}/end")
    assert account.sandbox.control.get("/_control/webhooks/quiet").json()["quiet"]
    told = sink.types(secret)
    for event_type in (
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "invoice.created",
        "invoice.paid",
        "invoice.payment_failed",
    ):
        assert event_type in told
    subjects = [json.loads(arrival.body)["data"]["object"]["object"] for arrival in sink.arrivals]
    assert {"subscription", "invoice", "payment_intent", "charge"} <= set(subjects)
